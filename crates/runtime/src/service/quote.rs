//! Text as the files of service managers want it, so that no path can say more than its own name.

use jamey_protocol::{ApiError, ErrorCode};

/// Refuses what no such file can carry: line breaks and other control characters.
///
/// # Errors
/// `BadRequest` with the text.
pub fn plain(text: &str) -> Result<&str, ApiError> {
    if text.chars().any(char::is_control) {
        let message = format!("{text:?} holds control characters, which a service's file cannot carry");
        return Err(ApiError::new(ErrorCode::BadRequest, message).hint("rename the folder, then try again"));
    }
    Ok(text)
}

/// The program of systemd's `ExecStart=`, `%` without its meaning (systemd.service(5), "Command lines").
/// A name with quotes, which systemd refuses there, is handed to `env`, which takes any.
#[must_use]
pub fn systemd_program(path: &str) -> String {
    if path.contains(['"', '\'', '\\']) {
        return format!("/usr/bin/env {}", systemd_quoted(path).replace('$', "$$"));
    }
    systemd_quoted(path)
}

fn systemd_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%"))
}

/// One assignment of systemd's `Environment=` (systemd.exec(5)).
#[must_use]
pub fn systemd_assignment(name: &str, value: &str) -> String {
    systemd_quoted(&format!("{name}={value}"))
}

/// A path that is a setting's whole value in systemd, such as `ListenStream=`.
#[must_use]
pub fn systemd_path(path: &str) -> String {
    path.replace('%', "%%")
}

/// One word of `Exec=` in a desktop entry: quoted as a word, and that again as the value of a key
/// (Desktop Entry Specification 1.5, "The Exec key").
#[must_use]
pub fn desktop_word(word: &str) -> String {
    let mut quoted = String::from("\"");
    for c in word.chars() {
        if matches!(c, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted.replace('\\', "\\\\").replace('%', "%%")
}

/// One word of a command line of Windows, as its own `CommandLineToArgvW` and every C runtime take it apart:
/// backslashes mean themselves, except before a quote.
#[must_use]
pub fn windows_word(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '\n', '\u{b}', '"']) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        match c {
            '\\' => backslashes += 1,
            // Each of them twice, and one for the quote.
            '"' => {
                quoted.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(c);
    }
    quoted.extend(std::iter::repeat_n('\\', backslashes));
    quoted.push('"');
    quoted
}

/// Text within an XML element.
#[must_use]
pub fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_carries_odd_names_as_what_they_are() {
        assert_eq!(systemd_program("/a $b/%h"), r#""/a $b/%%h""#);
        assert_eq!(systemd_program("/$a/\"q\"\\"), r#"/usr/bin/env "/$$a/\"q\"\\""#);
        assert_eq!(systemd_assignment("HOME", "/a $b"), r#""HOME=/a $b""#);
        assert_eq!(systemd_path("/a b/%t"), "/a b/%%t");
        assert_eq!(desktop_word(r"/a$b\c%"), r#""/a\\$b\\\\c%%""#);
        assert_eq!(xml("<a & b>"), "&lt;a &amp; b&gt;");
        assert_eq!(windows_word(r"C:\a\"), r"C:\a\");
        assert_eq!(windows_word(r"C:\a b\"), r#""C:\a b\\""#);
        assert_eq!(windows_word(r#"a\"b"#), r#""a\\\"b""#);
        assert_eq!(windows_word(""), r#""""#);
    }

    #[test]
    fn a_line_break_is_refused_since_it_would_begin_another_setting() {
        assert!(plain("/a\nExecStartPre=/bin/x").is_err());
        assert_eq!(plain("/ä b").unwrap(), "/ä b");
    }
}

//! Changes one variable of `.env` and keeps every other line as it is.

use std::{fs, io, path::Path};

use crate::config::store;

/// The variable that says to which origin a key of `.env` belongs that Jamey put there.
pub(super) fn origin_of(variable: &str) -> String {
    format!("{variable}_ORIGIN")
}

/// Puts variables in, or takes them out with `None`. The file is made for its owner alone.
pub(super) fn change(path: &Path, changes: &[(String, Option<&str>)]) -> io::Result<()> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let changed = changes.iter().fold(text.clone(), |text, (name, value)| with(&text, name, *value));
    if changed == text { Ok(()) } else { store(path, &changed) }
}

/// The text with one variable changed: in its place if it has one, else at the end. Of several lines the last
/// holds, so the others go.
fn with(text: &str, name: &str, value: Option<&str>) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(text.len() + 100);
    let mut line_to_put = value.map(|value| format!("{name}={}", quoted(value)));
    for line in text.split_inclusive('\n') {
        if !is_about(line, name) {
            out.push_str(line);
        } else if let Some(new) = line_to_put.take() {
            out.push_str(&new);
            out.push_str(end);
        }
    }
    if let Some(new) = line_to_put {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push_str(end);
        }
        out.push_str(&new);
        out.push_str(end);
    }
    out
}

fn is_about(line: &str, name: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    line.split_once('=').is_some_and(|(found, _)| found.trim() == name)
}

/// As the reader takes it: nothing is expanded, and a quote has no escape.
fn quoted(value: &str) -> String {
    let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=@~".contains(&byte));
    match value {
        _ if is_plain => value.to_owned(),
        _ if !value.contains('\'') => format!("'{value}'"),
        _ => format!("\"{value}\""),
    }
}

/// Whether the reader would take it back as it is.
pub(super) fn can_hold(value: &str) -> bool {
    !value.contains('\'') || !value.contains('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    #[test]
    fn other_lines_stay_as_they_are() {
        let text = "# mine\r\nexport A_KEY = 'old' # here\r\n\r\nB=2\r\nA_KEY=older";
        assert_eq!(with(text, "A_KEY", Some("new")), "# mine\r\nA_KEY=new\r\n\r\nB=2\r\n");
        assert_eq!(with(text, "A_KEY", None), "# mine\r\n\r\nB=2\r\n");
        assert_eq!(with("B=2", "A_KEY", Some("x y")), "B=2\nA_KEY='x y'\n");
        assert_eq!(with("B=2\n", "A_KEY", None), "B=2\n");
    }

    #[test]
    fn what_was_put_in_is_read_back_and_only_the_owner_may() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        for key in ["sk-a_b.c", "a#b", "a'b#", "\"x\"", "a=b=="] {
            assert!(can_hold(key));
            change(&path, &[("A_KEY".to_owned(), Some(key))]).unwrap();
            let (environment, warnings) = Environment::of(&[]).with_file(&path);
            assert!(warnings.is_empty(), "{warnings:?}");
            assert_eq!(environment.get("A_KEY").map(|(value, _)| value), Some(key));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

//! Names that mean something special on Windows. A look at the text alone: already asking the system
//! about `\\server\share` would send the person's password hash to that server.

/// Tells why `path` must not be touched on Windows, or `None` if it is an ordinary path.
pub(super) fn hazard(path: &str) -> Option<&'static str> {
    let path = path.replace('/', "\\");
    if path.starts_with("\\\\") || path.starts_with("\\??\\") {
        return Some("it names a network share or a device");
    }
    let bytes = path.as_bytes();
    let rest = match bytes {
        [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic() => &path[2..],
        [letter, b':', ..] if letter.is_ascii_alphabetic() => {
            return Some("it is relative to the current folder of a drive");
        }
        _ => &path,
    };
    rest.split('\\').find_map(component)
}

fn component(name: &str) -> Option<&'static str> {
    if matches!(name, "" | "." | "..") {
        return None;
    }
    if name.contains(':') {
        return Some("it names a hidden stream of a file");
    }
    if name.contains(|c: char| c.is_control() || "<>\"|?*".contains(c)) {
        return Some("it has a character that no file name can have");
    }
    if name.ends_with(['.', ' ']) {
        return Some("a name ends in a dot or a space, which Windows drops");
    }
    if short_name(name) {
        return Some("it is a short name like PROGRA~1, which hides the real one");
    }
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|n| {
            matches!(n, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$");
    (device || numbered("COM") || numbered("LPT")).then_some("it names a device")
}

/// A made-up 8.3 name: at most eight characters, `~` and digits at the end of the first part.
fn short_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let Some((front, number)) = stem.rsplit_once('~') else { return false };
    !front.is_empty()
        && stem.chars().count() <= 8
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::hazard;

    #[test]
    fn hostile_names_are_seen_before_any_look_at_the_disk() {
        for path in [
            r"\\evil\share\x",
            "//evil/share",
            r"\\?\C:\x",
            r"\\.\PhysicalDrive0",
            r"\??\C:\x",
            "CON",
            "con.txt",
            "sub/NUL",
            "aux .txt",
            "COM1",
            "lpt9.log",
            "COM²",
            "a.txt:ads",
            "a.txt::$DATA",
            "C:secret.txt",
            "PROGRA~1/x",
            r"C:\PROGRA~1\x",
            "secret.txt.",
            "secret.txt ",
            "dir. /x",
            "a<b",
            "a*",
            "a\u{1}b",
        ] {
            assert!(hazard(path).is_some(), "{path:?} was let through");
        }
    }

    #[test]
    fn ordinary_names_are_left_alone() {
        for path in [
            "notes.txt",
            "./a/../b.md",
            r"C:\Users\me\notes.txt",
            "C:/Users/me",
            "console.log",
            "com10.txt",
            "backup~",
            "a~b.txt",
            "long-name~1.txt",
            "café menü.txt",
            ".hidden",
        ] {
            assert_eq!(hazard(path), None, "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(path in "\\PC{0,40}|.{0,40}") {
            let _ = hazard(&path);
        }

        #[test]
        fn no_prefix_folder_hides_a_device(folder in "[a-z]{1,8}", up in any::<bool>()) {
            let folder = if up { format!("{folder}/..") } else { folder };
            let path = format!("{folder}/nul.tar.gz");
            prop_assert!(hazard(&path).is_some());
        }
    }
}

//! Makes foreign text harmless for a terminal.
//!
//! What is left is the text itself, line breaks and tabs. Control characters are dropped, so that
//! an escape sequence becomes a few visible letters; characters that turn the direction of reading
//! are spelled out, since they make text look like another.

use std::borrow::Cow;

use jamey_protocol::letters::turns_direction;

/// Drops control characters and spells out those that reorder text.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if turns_direction(c) {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else if !controls(c) {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Tells whether `text` needs no cleaning, from its bytes alone for almost all text.
#[must_use]
pub fn is_clean(text: &str) -> bool {
    // Beginnings of the characters in question: ASCII controls, U+0080 to U+009F, U+061C, U+200E…
    let suspicious = |byte: &u8| match byte {
        b'\n' | b'\t' => false,
        0..=0x1f | 0x7f | 0xc2 | 0xd8 | 0xe2 => true,
        _ => false,
    };
    !text.as_bytes().iter().any(suspicious) || !text.chars().any(|c| controls(c) || turns_direction(c))
}

/// C0 but for line break and tab, delete, and C1.
pub(super) fn controls(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sequences_that_take_over_a_terminal_become_letters() {
        for (text, shown) in [
            ("\u{1b}]52;c;ZXZpbA==\u{7}ok", "]52;c;ZXZpbA==ok"),
            ("\u{1b}[2J", "[2J"),
            ("\u{1b}]8;;http://x\u{1b}\\link", "]8;;http://x\\link"),
            ("a\rb\u{8}c\u{9b}31md\u{7f}", "abc31md"),
            ("rm \u{202e}txt.exe", "rm <U+202E>txt.exe"),
            ("keep\n\tthis é 漢字 👩‍🚀 “quoted” — Ø", "keep\n\tthis é 漢字 👩‍🚀 “quoted” — Ø"),
        ] {
            assert_eq!(clean(text), shown);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_acts_on_a_terminal_is_left(text in any::<String>()) {
            let shown = clean(&text);
            prop_assert!(shown.chars().all(|c| !controls(c) && !turns_direction(c)));
            prop_assert!(is_clean(&shown));
            prop_assert_eq!(clean(&shown), shown.as_ref());
        }

        #[test]
        fn everything_else_is_left(text in any::<String>()) {
            let kept: String = text.chars().filter(|c| !controls(*c) && !turns_direction(*c)).collect();
            if text.chars().all(|c| !turns_direction(c)) {
                prop_assert_eq!(clean(&text), kept);
            }
        }

        #[test]
        fn where_a_stream_is_cut_does_not_matter(one in any::<String>(), two in any::<String>()) {
            let together = format!("{one}{two}");
            prop_assert_eq!(format!("{}{}", clean(&one), clean(&two)), clean(&together));
        }

        #[test]
        fn the_short_look_agrees_with_the_long_one(text in "[\\x00-\\x20a-c\u{80}-\u{a8}\u{200b}-\u{2070}\u{610}-\u{620}]{0,12}") {
            prop_assert_eq!(is_clean(&text), text.chars().all(|c| !controls(c) && !turns_direction(c)));
        }
    }
}

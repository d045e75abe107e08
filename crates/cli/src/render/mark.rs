//! Shows text that a person is about to approve: every character that could hide or pretend
//! something is spelled out, so that what is read is what will run.

use super::sanitize::{controls, reorders};

/// Spells out everything but printable characters and line breaks. Tabs stay tabs.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{1b}' => out.push_str("<ESC>"),
            '\r' => out.push_str("<CR>"),
            '\0' => out.push_str("<NUL>"),
            c if controls(c) || reorders(c) || hides(c) => {
                out.push_str(&format!("<U+{:04X}>", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// Characters without width, other line ends, letters that only machines read, and spaces that are
/// no spaces to a shell.
fn hides(c: char) -> bool {
    matches!(c,
        '\u{a0}' | '\u{ad}' | '\u{180e}' | '\u{2000}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{202f}'
        | '\u{205f}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3000}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_pretend_is_spelled_out() {
        assert_eq!(visible("ls\r\u{1b}[2Krm -rf ~"), "ls<CR><ESC>[2Krm -rf ~");
        assert_eq!(visible("a\u{200b}b\u{e0041}\u{a0}c"), "a<U+200B>b<U+E0041><U+00A0>c");
        assert_eq!(visible("one\n\ttwo é 漢"), "one\n\ttwo é 漢");
    }

    proptest! {
        #[test]
        fn nothing_is_dropped(text in any::<String>()) {
            prop_assert!(visible(&text).chars().count() >= text.chars().count());
            prop_assert!(super::super::is_clean(&visible(&text)));
        }
    }
}

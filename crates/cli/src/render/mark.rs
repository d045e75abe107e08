//! Shows text that a person is about to approve: every character that could hide or pretend
//! something is spelled out, so that what is read is what will run.

use jamey_protocol::letters::turns_direction;

use super::sanitize::controls;

/// Spells out everything but printable characters and line breaks. Tabs stay tabs. The window does the same by the
/// same table, tests/fixtures/invisible.json.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !(controls(c) || turns_direction(c) || hides(c)) {
            out.push(c);
        } else if let Some(name) = name(c) {
            out.push_str(&format!("<{name}>"));
        } else {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        }
    }
    out
}

fn name(c: char) -> Option<&'static str> {
    Some(match c {
        '\0' => "NUL",
        '\u{7}' => "BEL",
        '\u{8}' => "BS",
        '\u{b}' => "VT",
        '\u{c}' => "FF",
        '\r' => "CR",
        '\u{1b}' => "ESC",
        '\u{7f}' => "DEL",
        _ => return None,
    })
}

/// Characters without a picture, other line ends, letters that only machines read, fillers, and spaces that are no
/// spaces to a shell.
fn hides(c: char) -> bool {
    matches!(c,
        '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{1680}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{202f}'
        | '\u{205f}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3000}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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

    #[test]
    fn every_character_is_treated_as_the_table_says_that_the_window_goes_by_too() {
        let table = include_str!("../../../../tests/fixtures/invisible.json");
        let table: serde_json::Value = serde_json::from_str(table).unwrap();
        let number = |text: &serde_json::Value| u32::from_str_radix(text.as_str().unwrap(), 16).unwrap();
        let ranges: Vec<_> = table["ranges"].as_array().unwrap().iter().collect();
        let ranges: Vec<_> = ranges.iter().map(|pair| number(&pair[0])..=number(&pair[1])).collect();
        for code in 0..=u32::from(char::MAX) {
            let Some(c) = char::from_u32(code) else { continue };
            let shown = visible(&c.to_string());
            let wanted = match (
                ranges.iter().any(|range| range.contains(&code)),
                &table["names"][format!("{code:x}")],
            ) {
                (false, _) => c.to_string(),
                (true, serde_json::Value::String(name)) => format!("<{name}>"),
                (true, _) => format!("<U+{code:04X}>"),
            };
            assert_eq!(shown, wanted, "{code:x}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_dropped(text in any::<String>()) {
            prop_assert!(visible(&text).chars().count() >= text.chars().count());
            prop_assert!(super::super::is_clean(&visible(&text)));
        }
    }
}

//! Cuts a text in its middle and says so.

/// What the mark of a text takes at most that does not say how the rest can be read, in bytes.
pub(super) const LONGEST_MARK: usize = 60;

/// Gives a text of at most about `most` bytes: all of it, or its head, a mark, and its tail. `how` says how the rest
/// can be read.
pub(super) fn trimmed(text: &str, most: usize, how: &str) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    // What comes first says most often what the rest is.
    let head = floor(text, most * 2 / 3);
    let tail = ceil(text, text.len() - most / 3);
    let left_out = tail - head;
    let how = if how.is_empty() { String::new() } else { format!("; {how}") };
    format!("{}\n[... {left_out} bytes left out here{how} ...]\n{}", &text[..head], &text[tail..])
}

/// The next boundary of a letter at or before `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_keeps_its_ends_and_tells_what_is_missing() {
        assert_eq!(trimmed("short", 5, "x"), "short");
        let long = format!("{}{}", "ä".repeat(1_000), "z".repeat(1_000));
        let short = trimmed(&long, 300, "read the file");
        assert!(short.starts_with("ää") && short.ends_with("zz"), "{short}");
        assert!(short.contains("[... 2700 bytes left out here; read the file ...]"), "{short}");
        assert!(trimmed(&long, 301, "").contains("bytes left out here ...]"));
    }
}

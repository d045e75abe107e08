//! Letters of which whoever shows foreign text must know. What is done with them is each place's own matter: they are
//! spelled out, shown as numbers, or left out.

/// Whether a letter turns the direction of writing: a mark, embedding, override or isolate of Unicode's bidirectional
/// algorithm (UAX 9, section 2). Text with one can look like another.
#[must_use]
pub fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twelve_letters_of_the_standard_turn_and_none_beside_them() {
        let all = (0..=u32::from(char::MAX)).filter_map(char::from_u32);
        let turning: String = all.filter(|letter| turns_direction(*letter)).collect();
        assert_eq!(
            turning,
            "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
        );
    }
}

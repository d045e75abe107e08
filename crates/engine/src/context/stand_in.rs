//! What stands for the older part of a conversation where no model gave a summary of it: its record, trimmed.
//!
//! Invariants: it is never longer than it may be, its first line says what it is, and it is always made from the items
//! themselves, never from another one of its kind, so that trimming does not add up.

use jamey_protocol::Item;

use super::{
    Given,
    record::record,
    trim::{LONGEST_MARK, trimmed},
};

/// Its first line, for the model and the person.
const MARK: &str = "[Trimmed record: the program wrote this without a model, and most is left out.]";

/// How often its bounds are halved before whole entries are left out: a little of many says more than much of one.
const HALVINGS: u32 = 8;

/// Writes it down in at most `most` bytes, or in what the mark and a few words take.
pub(super) fn stand_in(summary: Option<&str>, items: &[Item], given: &Given, most: usize) -> String {
    let room = most.saturating_sub(MARK.len() + "\n\n".len());
    let text = record(summary, items, given, room, HALVINGS);
    // One entry always stays whole in a record.
    let text = if text.len() > room { trimmed(&text, room.saturating_sub(LONGEST_MARK), "") } else { text };
    format!("{MARK}\n\n{text}")
}

/// Whether the text of a summary is one, rather than a model's words.
#[must_use]
pub fn is_stand_in(summary: &str) -> bool {
    summary.starts_with(MARK)
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{CallStatus, TurnId};
    use proptest::prelude::*;

    use super::*;
    use crate::context::samples;

    #[test]
    fn it_says_what_it_is_and_keeps_the_newest() {
        let turn = TurnId::new();
        let items = [
            samples::user(turn, &"first ".repeat(400)),
            samples::call(turn, 1, CallStatus::Succeeded, &"output ".repeat(400)),
            samples::agent(turn, 2, "The last word."),
        ];
        let text = stand_in(Some("They began."), &items, &Given::default(), 600);
        assert!(text.starts_with(MARK) && is_stand_in(&text), "{text}");
        assert!(text.contains("They began.") && text.ends_with("## The assistant\nThe last word."), "{text}");
        assert!(!is_stand_in("They began."));
    }

    proptest! {
        #[test]
        fn it_is_never_longer_than_it_may_be(
            lengths in proptest::collection::vec((0u8..3, 0usize..20_000), 1..30),
            summary in proptest::option::of(0usize..9_000),
            most in 300usize..20_000,
        ) {
            let turn = TurnId::new();
            let item = |(kind, length): (u8, usize)| match kind {
                0 => samples::user(turn, &"ü".repeat(length)),
                1 => samples::agent(turn, 1, &"w ".repeat(length)),
                _ => samples::call(turn, 2, CallStatus::Failed, &"€".repeat(length)),
            };
            let items: Vec<_> = lengths.into_iter().map(item).collect();
            let summary = summary.map(|length| "s".repeat(length));
            let text = stand_in(summary.as_deref(), &items, &Given::default(), most);
            prop_assert!(text.len() <= most, "{} for {most}", text.len());
        }
    }
}

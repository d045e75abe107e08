//! How much of what tools gave goes into a request.
//!
//! Invariant: it follows from what is known of the model and from the calls of one answer alone, so that what was
//! sent once is sent the same way again.

use std::collections::HashMap;

use jamey_protocol::{Item, ItemBody, ToolCall, TurnId};

/// Most bytes of one tool's output; the built-in tools give less by themselves.
const OUTPUT: usize = 48 * 1024;
/// Fewer bytes of an output tell nothing.
const LEAST: usize = 800;

/// The most bytes that outputs take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// One of them.
    each: usize,
    /// All outputs of one answer together.
    batch: usize,
}

impl Outputs {
    /// For a window of so many tokens.
    #[must_use]
    pub fn of(window: Option<u64>) -> Self {
        let Some(window) = window else { return Self { each: OUTPUT, batch: 4 * OUTPUT } };
        // A quarter and a half of the window, at three and a half bytes a token.
        let quarter = usize::try_from(window.saturating_mul(7) / 8).unwrap_or(usize::MAX);
        let each = quarter.clamp(LEAST, OUTPUT);
        Self { each, batch: quarter.saturating_mul(2).max(each) }
    }

    /// The most bytes of one output of an answer whose outputs have these lengths. Short ones leave their room to
    /// the others.
    pub(super) fn longest(self, lengths: impl IntoIterator<Item = usize>) -> usize {
        let mut lengths: Vec<usize> = lengths.into_iter().map(|length| length.min(self.each)).collect();
        lengths.sort_unstable();
        let mut left = self.batch;
        for (at, length) in lengths.iter().enumerate() {
            let share = left / (lengths.len() - at);
            if *length > share {
                return share.clamp(LEAST, self.each);
            }
            left -= length;
        }
        self.each
    }

    /// The same for every answer among `items` that called, by its turn and step.
    pub(super) fn longest_of_steps(self, items: &[Item]) -> HashMap<(TurnId, u32), usize> {
        let mut lengths: HashMap<_, Vec<usize>> = HashMap::new();
        for item in items {
            if let ItemBody::ToolCall { call } = &item.body {
                lengths.entry((item.turn, item.step)).or_default().push(length(call));
            }
        }
        lengths.into_iter().map(|(step, lengths)| (step, self.longest(lengths))).collect()
    }
}

/// The bytes of what a call gave.
pub(super) fn length(call: &ToolCall) -> usize {
    call.output.as_ref().map_or(0, |output| output.text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_output_has_a_quarter_of_the_window_and_those_of_one_answer_half_of_it() {
        let small = Outputs::of(Some(4_096));
        assert_eq!(small.longest([9_000]), 3_584);
        assert_eq!(small.longest([9_000, 9_000]), 3_584);
        assert_eq!(small.longest([9_000; 4]), 1_792);
        assert_eq!(small.longest([9_000, 168, 9_000, 9_000]), 2_333, "a short one leaves its room");
        assert_eq!(small.longest([9_000; 100]), LEAST);
        assert_eq!(small.longest([]), 3_584);
        assert_eq!(Outputs::of(None).longest([90_000; 2]), OUTPUT);
        assert_eq!(Outputs::of(Some(200_000)).longest([90_000; 7]), OUTPUT);
        assert_eq!(Outputs::of(Some(200_000)).longest([90_000; 10]), 35_000);
        assert_eq!(Outputs::of(Some(0)).longest([90_000]), LEAST);
    }
}

//! The calls of one provider over the last day, a minute each.
//!
//! Minutes without a call take no room, and there are never more than those of a day.

use std::collections::{BTreeMap, VecDeque};

use jamey_protocol::calls::CallSpan;

/// A minute, in milliseconds.
pub const MINUTE: i64 = 60_000;
/// So many minutes are kept.
const MOST: usize = 24 * 60;

/// The minutes in which something happened, as it happened.
#[derive(Debug, Default)]
pub(super) struct Past {
    minutes: VecDeque<(i64, Counts)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    calls: u32,
    failed: u32,
    begun: u32,
    first_words_ms: u64,
}

impl Past {
    /// An answer began at `at`, in milliseconds since 1970, so long after it was asked for.
    pub(super) fn heard(&mut self, at: i64, after_ms: u64) {
        let minute = self.minute(at);
        minute.begun = minute.begun.saturating_add(1);
        minute.first_words_ms = minute.first_words_ms.saturating_add(after_ms);
    }

    /// A call was answered to its end.
    pub(super) fn answered(&mut self, at: i64) {
        let minute = self.minute(at);
        minute.calls = minute.calls.saturating_add(1);
    }

    /// A call failed.
    pub(super) fn failed(&mut self, at: i64) {
        let minute = self.minute(at);
        minute.calls = minute.calls.saturating_add(1);
        minute.failed = minute.failed.saturating_add(1);
    }

    /// The calls between two times, in spans of `span_ms` that begin at `from`.
    pub(super) fn spans(&self, from: i64, to: i64, span_ms: i64) -> Vec<CallSpan> {
        let mut spans: BTreeMap<i64, Counts> = BTreeMap::new();
        for (at, counts) in self.minutes.iter().filter(|(at, _)| (from..to).contains(at)) {
            let sum = spans.entry(at - (at - from).rem_euclid(span_ms)).or_default();
            sum.calls = sum.calls.saturating_add(counts.calls);
            sum.failed = sum.failed.saturating_add(counts.failed);
            sum.begun = sum.begun.saturating_add(counts.begun);
            sum.first_words_ms = sum.first_words_ms.saturating_add(counts.first_words_ms);
        }
        let span = |(at, sum): (i64, Counts)| CallSpan {
            at,
            calls: sum.calls,
            failed: sum.failed,
            first_word_ms: sum.first_words_ms.checked_div(u64::from(sum.begun)),
        };
        spans.into_iter().map(span).collect()
    }

    fn minute(&mut self, at: i64) -> &mut Counts {
        let at = at - at.rem_euclid(MINUTE);
        if self.minutes.back().is_none_or(|(last, _)| *last != at) {
            // A clock that was set back leaves two of a minute; they are told as one.
            if self.minutes.len() == MOST {
                self.minutes.pop_front();
            }
            self.minutes.push_back((at, Counts::default()));
        }
        let last = self.minutes.len() - 1;
        &mut self.minutes[last].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(minute: i64, calls: u32, failed: u32, first_word_ms: Option<u64>) -> CallSpan {
        CallSpan { at: minute * MINUTE, calls, failed, first_word_ms }
    }

    #[test]
    fn calls_are_told_by_minutes_and_by_longer_spans() {
        let mut past = Past::default();
        for (at, after) in [(10, 100), (20, 300), (MINUTE + 5, 50)] {
            past.heard(at, after);
            past.answered(at);
        }
        past.failed(MINUTE + 6);
        past.failed(9 * MINUTE);
        let minutes = past.spans(0, 10 * MINUTE, MINUTE);
        assert_eq!(minutes, [span(0, 2, 0, Some(200)), span(1, 2, 1, Some(50)), span(9, 1, 1, None)]);
        assert_eq!(past.spans(0, 10 * MINUTE, 5 * MINUTE), [span(0, 4, 1, Some(150)), span(5, 1, 1, None)]);
        assert_eq!(past.spans(MINUTE, 9 * MINUTE, 5 * MINUTE), [span(1, 2, 1, Some(50))]);
    }

    #[test]
    fn no_more_than_a_day_is_kept_and_a_clock_that_was_set_back_spoils_nothing() {
        let mut past = Past::default();
        for minute in 0..3 * 24 * 60 {
            past.answered(minute * MINUTE);
        }
        assert_eq!(past.minutes.len(), MOST);
        let mut past = Past::default();
        for minute in [5, 2, 5] {
            past.answered(minute * MINUTE);
        }
        assert_eq!(past.spans(0, 10 * MINUTE, MINUTE), [span(2, 1, 0, None), span(5, 2, 0, None)]);
    }
}

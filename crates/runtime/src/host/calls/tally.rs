//! Counts calls and what came of them, and says how a provider stands.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jamey_engine::ports::{Clock, ErrorKind, ProviderError, SystemClock};
use jamey_protocol::{
    calls::CallSpan,
    health::{Dated, GateState, ProviderHealth, State},
};

use super::{BROKEN_AFTER, Gate, past::Past, questions::Questions};

/// So many calls decide how a provider stands.
pub(super) const LAST: usize = 20;

/// The calls of one provider.
#[derive(Debug, Default)]
pub struct Calls {
    tally: Mutex<Tally>,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) answered: u64,
    pub(super) failed: u64,
    /// The last calls, oldest first: whether each was answered.
    pub(super) last: VecDeque<bool>,
    /// Milliseconds to the first word of the last answers.
    pub(super) first_words: VecDeque<u64>,
    pub(super) answered_at: Option<i64>,
    pub(super) last_failure: Option<Dated>,
    /// When it last failed, and how.
    pub(super) failed_at: Option<(Instant, ErrorKind)>,
    /// Questions since then whether it is back.
    pub(super) questions: Questions,
    /// A call goes on that decides whether it is asked again as before.
    pub(super) is_tried: bool,
    /// The vendor's own word on how long to leave it alone.
    pub(super) leave_until: Option<Instant>,
    past: Past,
}

impl Calls {
    pub(super) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn heard(&self, after: Duration) {
        let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        let mut tally = self.tally();
        push(&mut tally.first_words, after_ms);
        tally.past.heard(SystemClock.now(), after_ms);
    }

    pub(super) fn answered(&self) {
        let now = SystemClock.now();
        let mut tally = self.tally();
        tally.answered += 1;
        tally.answered_at = Some(now);
        tally.past.answered(now);
        (tally.failed_at, tally.questions) = (None, Questions::default());
        tally.leave_until = None;
        push(&mut tally.last, true);
    }

    pub(super) fn failed(&self, error: &ProviderError) {
        if !speaks_against_the_provider(error) {
            return;
        }
        let mut tally = self.tally();
        tally.leave_until = error.retry_after.map(|wait| Instant::now() + wait);
        tally.failed += 1;
        let text = error.message.chars().filter(|c| !c.is_control()).take(300).collect();
        let now = SystemClock.now();
        tally.past.failed(now);
        tally.last_failure = Some(Dated { at: now, text });
        (tally.failed_at, tally.questions) = (Some((Instant::now(), error.kind)), Questions::default());
        push(&mut tally.last, false);
    }

    /// How the provider of that name stands.
    #[must_use]
    pub fn health(&self, name: &str) -> ProviderHealth {
        let gate = self.gate(Instant::now());
        let tally = self.tally();
        let in_a_row = tally.last.iter().rev().take_while(|answered| !**answered).count();
        let good = tally.last.iter().filter(|answered| **answered).count();
        let why = || tally.last_failure.as_ref().map(|last| last.text.clone()).unwrap_or_default();
        let first_word_ms = middle(&tally.first_words);
        let (state, finding) = match (tally.last.len(), in_a_row) {
            (0, _) => (State::Fine, "not asked since the start".to_owned()),
            (_, 0) => (State::Fine, "answers".to_owned()),
            _ if tally.questions.is_back => (State::Fine, format!("can be reached again, after: {}", why())),
            (_, 1) => (State::Warning, format!("its last call failed: {}", why())),
            (_, row) if row < BROKEN_AFTER => {
                (State::Warning, format!("its last {row} calls failed: {}", why()))
            }
            (_, row) => (State::Broken, format!("its last {row} calls failed: {}", why())),
        };
        ProviderHealth {
            name: name.to_owned(),
            state,
            finding,
            answered: tally.answered,
            failed: tally.failed,
            success_percent: (good * 100).checked_div(tally.last.len()).and_then(|p| u8::try_from(p).ok()),
            first_word_ms,
            answered_at: tally.answered_at,
            last_failure: tally.last_failure.clone(),
            gate: match gate {
                Gate::Closed => GateState::Closed,
                Gate::HalfOpen => GateState::HalfOpen,
                Gate::Open(_) => GateState::Open,
            },
            left_alone_seconds: match gate {
                Gate::Open(left) => Some(left.as_secs_f64().ceil() as u64),
                Gate::Closed | Gate::HalfOpen => None,
            },
        }
    }

    /// Its calls between two times, in spans of `span_ms` that begin at `from` (milliseconds since 1970).
    #[must_use]
    pub fn spans(&self, from: i64, to: i64, span_ms: i64) -> Vec<CallSpan> {
        self.tally().past.spans(from, to, span_ms)
    }
}

fn push<T>(last: &mut VecDeque<T>, value: T) {
    if last.len() == LAST {
        last.pop_front();
    }
    last.push_back(value);
}

fn middle(values: &VecDeque<u64>) -> Option<u64> {
    let mut sorted: Vec<u64> = values.iter().copied().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// A person's own doing, a request that does not fit, or a model that is not there says nothing of who was asked.
fn speaks_against_the_provider(error: &ProviderError) -> bool {
    let is_of_the_request = matches!(
        error.kind,
        ErrorKind::Cancelled
            | ErrorKind::ContextOverflow
            | ErrorKind::ContentFilter
            | ErrorKind::BadRequest
            | ErrorKind::OtherForm
            | ErrorKind::NoRoom
    );
    !is_of_the_request && !error.of_model
}

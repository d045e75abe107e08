//! Whether a provider whose last call failed is asked if it is back, with growing pauses.

use std::time::{Duration, Instant};

use jamey_engine::ports::ErrorKind;

use super::Calls;

/// A provider that failed is left alone for so long after its last call; then it is asked whether it is back.
const QUIET: Duration = Duration::from_secs(120);
/// The pause doubles with each vain question, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Questions to a provider whose last call failed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Questions {
    asked: u32,
    last: Option<Instant>,
    pub(super) is_back: bool,
}

/// Whether a provider that failed at `failed` and was since asked as `questions` say is to be asked at `now`.
fn is_due(failed: Instant, questions: Questions, now: Instant) -> bool {
    if questions.is_back {
        return false;
    }
    let pause = QUIET.saturating_mul(1 << questions.asked.min(8)).min(LONGEST_PAUSE);
    now.saturating_duration_since(questions.last.unwrap_or(failed)) >= pause
}

/// Whether a list of models tells that calls would no longer fail so. An account that is used up lists its
/// models as before.
fn shows_in_a_list(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Auth
            | ErrorKind::Overloaded
            | ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::Truncated
            | ErrorKind::Malformed
    )
}

impl Calls {
    /// Whether it is time to ask the provider if it is back: its last call failed in a way that a list of
    /// models would show, and nobody asked for a while.
    #[must_use]
    pub fn wants_question(&self, now: Instant) -> bool {
        let tally = self.tally();
        tally.failed_at.is_some_and(|(at, kind)| shows_in_a_list(kind) && is_due(at, tally.questions, now))
    }

    /// Notes what came of such a question. Returns whether this is the news that it is back.
    pub fn was_asked(&self, answer: Result<(), ErrorKind>, now: Instant) -> bool {
        // A server that has no such list, but says so, is there.
        let is_back = match answer {
            Ok(()) | Err(ErrorKind::NotFound | ErrorKind::BadRequest) => true,
            Err(_) => false,
        };
        let mut tally = self.tally();
        let Some((_, kind)) = tally.failed_at else { return false };
        let was_back = tally.questions.is_back;
        tally.questions = Questions {
            asked: tally.questions.asked.saturating_add(1),
            last: Some(now),
            is_back: is_back && shows_in_a_list(kind),
        };
        tally.questions.is_back && !was_back
    }
}

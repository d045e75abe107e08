//! When the model fails, when somebody stops the turn, and when time is up.
//!
//! This is the only place in Jamey that retries a model: the vendor's own wait, full jitter on top, never
//! after something visible was said.

use std::time::Duration;

use jamey_protocol::{ApiError, CallStatus, Decision, ErrorCode, EventBody, Outcome, ToolOutput};

use super::{
    Action, Timer,
    answer::{Answered, warn},
    calls::{completed, set_status},
    machine::{Machine, Phase},
};
use crate::ports::{ErrorKind, ProviderError};

/// Tries of one model call, the first included.
const MAX_TRIES: u32 = 5;
/// Tries of a model before another one is asked, where there is one.
const TRIES_BEFORE_ANOTHER: u32 = 2;
/// A vendor that asks for a longer wait is left for another one.
const LONG_WAIT: Duration = Duration::from_secs(5);
/// The longest wait between two tries, also if the vendor asks for more; jitter comes on top.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// The shortest, also if the vendor asks for none.
const MIN_WAIT: Duration = Duration::from_millis(50);
/// How long a cancelled tool may take to end its processes.
const CANCEL_GRACE: Duration = Duration::from_secs(10);

impl Machine {
    pub(super) fn model_failed(&mut self, error: &ProviderError, out: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Calling) {
            return self.stray(error);
        }
        self.close_reasoning(out);
        self.close_text(true, out);
        self.queue.clear();
        self.spend(Answered::No, out);
        self.failed(error, out);
    }

    /// What follows from a call that failed, once its use is told.
    pub(super) fn failed(&mut self, error: &ProviderError, out: &mut Vec<Action>) {
        if self.overflowed(error, out) || self.gave_no_summary(error, out) {
            return;
        }
        self.failures += 1;
        if !self.has_spoken && self.wants_another(error) {
            self.phase = Phase::Choosing(error.clone());
            return out.push(Action::ChooseModel);
        }
        self.retry_or_end(error, out);
    }

    /// Whether another model may do better: nothing was said yet, and it was neither the person's doing nor
    /// the request's.
    fn wants_another(&self, error: &ProviderError) -> bool {
        let is_lasting = matches!(
            error.kind,
            ErrorKind::Auth | ErrorKind::Permission | ErrorKind::QuotaExhausted | ErrorKind::NotFound
        );
        let takes_long = || error.retry_after.is_some_and(|wait| wait > LONG_WAIT);
        is_lasting || (error.kind.is_passing() && (self.failures >= TRIES_BEFORE_ANOTHER || takes_long()))
    }

    /// Another model was found, or there is none.
    pub(super) fn chosen(&mut self, model: Option<String>, out: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Choosing(_)) {
            return self.stray(&"chosen");
        }
        let Phase::Choosing(error) = std::mem::replace(&mut self.phase, Phase::Calling) else { return };
        let Some(model) = model else { return self.retry_or_end(&error, out) };
        out.push(warn(format!("{}; going on with {model}.", sentence(&error.message))));
        self.model = model;
        self.failures = 0;
        self.compact_anew();
        self.ask_model(out);
    }

    fn retry_or_end(&mut self, error: &ProviderError, out: &mut Vec<Action>) {
        if error.kind.is_passing() && !self.has_spoken && self.failures < MAX_TRIES {
            let wait = self.wait(error);
            let timer = self.next_timer();
            out.push(warn(format!(
                "{}; trying again in {:.1} s.",
                sentence(&error.message),
                wait.as_secs_f64()
            )));
            self.phase = Phase::Backoff(timer);
            return out.push(Action::SetTimer(Timer::Retry(timer), wait));
        }
        if self.is_summarising() {
            return self.summary_failed(error, out);
        }
        self.finish(Outcome::Failed { error: api_error(error, self.failures) }, out);
    }

    /// As long as the vendor asks for, and up to a quarter on top: many turns that were told the same do not come back
    /// in one instant. Where it asks for nothing, full jitter.
    fn wait(&self, error: &ProviderError) -> Duration {
        let asked = error.retry_after.map(|asked| asked.min(MAX_WAIT));
        let most = match asked {
            Some(asked) => (asked / 4).max(2 * MIN_WAIT),
            None => Duration::from_millis(500).saturating_mul(2u32.saturating_pow(self.failures)),
        };
        (asked.unwrap_or_default() + most.mul_f64(self.clock.jitter())).max(MIN_WAIT)
    }

    pub(super) fn rang(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match (timer, &self.phase) {
            (Timer::Retry(rang), Phase::Backoff(wanted)) if rang == *wanted => self.ask_model(out),
            (Timer::Wall, _) => {
                let seconds = self.settings.max_seconds.unwrap_or_default();
                let error = ApiError::new(ErrorCode::Limit, format!("the turn took longer than {seconds} s"))
                    .hint("raise limits.wall_seconds or split the task");
                self.stop(Outcome::Failed { error }, out);
            }
            (Timer::Cancelled(rang), Phase::Cancelling { timer, .. }) if rang == *timer => {
                self.end_cancelled(None, out);
            }
            (Timer::Summary(rang), _) => self.summary_takes_too_long(rang, out),
            _ => self.stray(&timer),
        }
    }

    /// Stops whatever goes on and ends the turn. Every call that was proposed gets its output.
    pub(super) fn stop(&mut self, outcome: Outcome, out: &mut Vec<Action>) {
        match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Calling => {
                out.push(Action::StopModel);
                self.close_reasoning(out);
                self.close_text(true, out);
                self.queue.clear();
                self.spend(Answered::No, out);
            }
            Phase::Judging(call) => self.queue.push_front(call),
            Phase::Asking { item, approval } => {
                let decision = Decision::Deny { reason: "the turn was stopped".into() };
                out.push(Action::Emit(EventBody::ApprovalResolved { approval_id: approval.id, decision }));
                out.push(completed(item, CallStatus::Cancelled, not_run()));
            }
            Phase::Running { item, call_id, .. } => {
                let timer = self.next_timer();
                out.push(Action::CancelTool(call_id));
                out.push(Action::SetTimer(Timer::Cancelled(timer), CANCEL_GRACE));
                self.phase = Phase::Cancelling { item, call_id, timer, outcome };
                return;
            }
            phase @ Phase::Cancelling { .. } => {
                self.phase = phase;
                return self.stray(&"stop");
            }
            Phase::New | Phase::Backoff(_) | Phase::Choosing(_) | Phase::Done => {}
        }
        self.cancel_queue(out);
        self.finish(outcome, out);
    }

    /// The cancelled tool has ended, or has had its time.
    pub(super) fn end_cancelled(&mut self, output: Option<ToolOutput>, out: &mut Vec<Action>) {
        if let Phase::Cancelling { item, outcome, .. } = std::mem::replace(&mut self.phase, Phase::Done) {
            let output = output.unwrap_or_else(|| text("Stopped. What it had done until then stays."));
            out.push(completed(item, CallStatus::Cancelled, output));
            self.cancel_queue(out);
            self.finish(outcome, out);
        }
    }

    fn cancel_queue(&mut self, out: &mut Vec<Action>) {
        while let Some(call) = self.queue.pop_front() {
            let mut item = self.call_item(&call, Vec::new(), CallStatus::Running);
            set_status(&mut item, CallStatus::Cancelled, Some(not_run()));
            out.push(Action::Emit(EventBody::ItemCompleted { item }));
        }
    }
}

fn not_run() -> ToolOutput {
    text("Not run: the turn was stopped.")
}

pub(super) fn text(text: impl Into<String>) -> ToolOutput {
    ToolOutput { text: text.into(), ..ToolOutput::default() }
}

pub(super) fn too_many_steps(most: u32) -> ApiError {
    ApiError::new(ErrorCode::Limit, format!("the turn reached its limit of {most} model calls"))
        .hint("say \"go on\" to continue, or raise --max-turns")
}

pub(super) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Translates a provider's failure for the person, after so many tries.
#[must_use]
pub fn api_error(error: &ProviderError, tries: u32) -> ApiError {
    let code = match error.kind {
        ErrorKind::Auth | ErrorKind::Permission => ErrorCode::Auth,
        ErrorKind::ContextOverflow => ErrorCode::ContextOverflow,
        ErrorKind::LimitReached => ErrorCode::Limit,
        ErrorKind::RateLimited
        | ErrorKind::QuotaExhausted
        | ErrorKind::Overloaded
        | ErrorKind::ContentFilter
        | ErrorKind::BadRequest
        | ErrorKind::NotFound
        | ErrorKind::Timeout
        | ErrorKind::Transport
        | ErrorKind::Truncated
        | ErrorKind::Malformed
        | ErrorKind::Empty
        | ErrorKind::NoRoom
        | ErrorKind::OtherForm
        | ErrorKind::Cancelled => ErrorCode::Provider,
    };
    let message =
        if tries > 1 { format!("{} (after {tries} tries)", error.message) } else { error.message.clone() };
    let mut api = ApiError::new(code, message);
    api.hint = error.hint.clone().or_else(|| hint(error.kind).map(str::to_owned));
    api.retryable = error.kind.is_passing();
    api
}

fn hint(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::RateLimited | ErrorKind::Overloaded => {
            Some("wait a little, or choose another model with -m")
        }
        ErrorKind::QuotaExhausted => Some("check the account's plan, or choose another model with -m"),
        ErrorKind::ContextOverflow => {
            Some("choose a model with a larger window with -m, or begin a new session; nothing is lost")
        }
        ErrorKind::Truncated | ErrorKind::Malformed | ErrorKind::Empty => {
            Some("what arrived is kept; ask again, or choose another model with -m")
        }
        ErrorKind::Timeout | ErrorKind::Transport => Some("check the connection and the provider's base URL"),
        ErrorKind::Auth
        | ErrorKind::Permission
        | ErrorKind::ContentFilter
        | ErrorKind::BadRequest
        | ErrorKind::NotFound
        | ErrorKind::NoRoom
        | ErrorKind::OtherForm
        | ErrorKind::LimitReached
        | ErrorKind::Cancelled => None,
    }
}

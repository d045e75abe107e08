//! Leaves a provider alone that fails again and again, where there is another to go on with, and lets one call
//! find out whether it is back.

use std::time::{Duration, Instant};

use jamey_engine::ports::{ErrorKind, ProviderError};

use super::{BROKEN_AFTER, Calls};

/// Whether a provider is asked now, where there are others to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// As ever.
    Closed,
    /// One call may find out whether it is back.
    HalfOpen,
    /// Not for so long.
    Open(Duration),
}

/// How a call came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// As any other.
    AsEver,
    /// As the one that finds out whether the provider is back.
    Probe,
}

/// How long a provider is left alone after failures in a row; doubled with each further one.
pub(super) const LEFT_ALONE: Duration = Duration::from_secs(30);
/// The longest that it is left alone before one call tries again.
const LONGEST_ALONE: Duration = Duration::from_secs(600);

impl Calls {
    /// Whether it is to be asked at `now`, where others could be.
    #[must_use]
    pub fn gate(&self, now: Instant) -> Gate {
        let tally = self.tally();
        let Some((at, kind)) = tally.failed_at else { return Gate::Closed };
        let asked_to_leave = tally
            .leave_until
            .map(|until| until.saturating_duration_since(now))
            .filter(|left| !left.is_zero());
        if let Some(left) = asked_to_leave {
            return Gate::Open(left);
        }
        let in_a_row = tally.last.iter().rev().take_while(|answered| !**answered).count();
        let enough = if kind == ErrorKind::QuotaExhausted { 1 } else { BROKEN_AFTER };
        if in_a_row < enough {
            return Gate::Closed;
        }
        let doublings = u32::try_from((in_a_row - enough).min(8)).unwrap_or(8);
        let alone = LEFT_ALONE.saturating_mul(1 << doublings).min(LONGEST_ALONE);
        let left = alone.saturating_sub(now.saturating_duration_since(at));
        if left.is_zero() || tally.questions.is_back { Gate::HalfOpen } else { Gate::Open(left) }
    }

    /// Lets a call through, or says how long none goes through. Of those that come while it is half open
    /// one goes, and no other until it [`left`](Self::left).
    pub(super) fn enter(&self, now: Instant) -> Result<Pass, Duration> {
        match self.gate(now) {
            Gate::Closed => Ok(Pass::AsEver),
            Gate::Open(left) => Err(left),
            Gate::HalfOpen => {
                let mut tally = self.tally();
                if std::mem::replace(&mut tally.is_tried, true) { Err(LEFT_ALONE) } else { Ok(Pass::Probe) }
            }
        }
    }

    /// Whether a call is finding out right now whether it is back.
    #[must_use]
    pub fn is_tried(&self) -> bool {
        self.tally().is_tried
    }

    /// What a call is told while the provider is left alone.
    pub(super) fn left_alone(&self, name: &str, left: Duration) -> ProviderError {
        let why = self.tally().last_failure.as_ref().map(|last| last.text.clone()).unwrap_or_default();
        let message = format!("{name} is left alone for {} s, since: {why}", left.as_secs().max(1));
        // Longer than what is waited for: another model goes on at once.
        let retry_after = Some(left.max(Duration::from_secs(6)));
        ProviderError { retry_after, ..ProviderError::new(ErrorKind::Overloaded, message) }
    }

    /// The call that was to find out whether it is back ended, however it did.
    pub(super) fn left(&self) {
        self.tally().is_tried = false;
    }
}

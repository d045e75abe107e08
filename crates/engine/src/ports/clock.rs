//! Time and ids, so that tests are exact.

use std::time::{SystemTime, UNIX_EPOCH};

use jamey_protocol::{ApprovalId, ItemId, TurnId};

/// Tells the time and makes ids.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> i64;

    /// A moment for the order of sessions: as `now`, but never before one that was given earlier, also when
    /// the clock is set back.
    fn change(&self) -> i64 {
        self.now()
    }

    /// A new item's id.
    fn item_id(&self) -> ItemId {
        ItemId::new()
    }

    /// A new turn's id.
    fn turn_id(&self) -> TurnId {
        TurnId::new()
    }

    /// A new question's id.
    fn approval_id(&self) -> ApprovalId {
        ApprovalId::new()
    }

    /// A number in 0..1 for the jitter of a retry.
    fn jitter(&self) -> f64 {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        f64::from(nanos % 1_000_000) / 1e6
    }
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

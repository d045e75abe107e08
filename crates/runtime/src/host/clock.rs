//! The clock on the wall, which may be wrong and may be set back, and an order of changes that is neither.
//!
//! What happened when is told by the clock as it is. What changed last (the list of sessions, the one that
//! `--continue` goes on with) must be right even after a day on which the clock was wrong.

use std::sync::atomic::{AtomicI64, Ordering};

use jamey_engine::ports::{Clock, SystemClock};

/// The machine's clock, with changes in order.
#[derive(Debug)]
pub struct SteadyClock(AtomicI64);

impl SteadyClock {
    /// Goes on behind `last`, the newest change that is kept, in milliseconds since 1970.
    #[must_use]
    pub fn behind(last: i64) -> Self {
        Self(AtomicI64::new(last))
    }

    fn after(&self, now: i64) -> i64 {
        let next = |last: i64| if now >= last { now } else { last.saturating_add(1) };
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        next(last.unwrap_or(now))
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> i64 {
        SystemClock.now()
    }

    fn change(&self) -> i64 {
        self.after(self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stay_in_order_when_the_clock_is_set_back_and_follow_it_otherwise() {
        let clock = SteadyClock::behind(1_000);
        assert_eq!(
            [2_000, 2_000, 500, 600, 1_999, 3_000].map(|now| clock.after(now)),
            [2_000, 2_000, 2_001, 2_002, 2_003, 3_000]
        );
    }

    #[test]
    fn what_was_kept_before_the_start_counts() {
        let clock = SteadyClock::behind(5_000);
        assert_eq!(clock.after(10), 5_001);
    }
}

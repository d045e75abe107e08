//! Notices that the machine slept. Nothing wakes up for it: whoever is awake anyway looks.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Below this a difference of the clocks is no sleep.
const NAP: Duration = Duration::from_secs(1);

/// How long the machine had slept in all at the last look.
#[derive(Debug)]
pub struct Slept(AtomicU64);

impl Default for Slept {
    fn default() -> Self {
        Self(AtomicU64::new(millis(jamey_providers::asleep())))
    }
}

impl Slept {
    /// Looks, and says so in the log when the machine slept since the last look.
    pub fn look(&self) {
        if let Some(slept) = self.since(jamey_providers::asleep()) {
            tracing::info!(seconds = slept.as_secs(), "the machine slept and is awake again");
        }
    }

    fn since(&self, all: Duration) -> Option<Duration> {
        let all = millis(all);
        let slept = Duration::from_millis(all.saturating_sub(self.0.swap(all, Ordering::Relaxed)));
        Some(slept).filter(|slept| *slept >= NAP)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sleep_is_told_once_and_jitter_is_none() {
        let slept = Slept(AtomicU64::new(5_000));
        assert_eq!(slept.since(Duration::from_secs(5)), None);
        assert_eq!(slept.since(Duration::from_millis(5_900)), None);
        assert_eq!(slept.since(Duration::from_millis(65_900)), Some(Duration::from_secs(60)));
        assert_eq!(slept.since(Duration::from_millis(65_900)), None);
        assert_eq!(slept.since(Duration::ZERO), None, "a clock that goes back is no sleep");
    }
}

//! How one running job is told to stop, from any thread, without stopping its successor.
//!
//! Jobs run one after another and are numbered in that order, so a single number says "cancelled up
//! to here": a late cancel of a finished job cannot reach the next one.

use std::sync::atomic::{AtomicU64, Ordering};

/// The number of a job, rising in the order of running.
pub type JobNumber = u64;

/// Shared between the server, the engine thread and llama.cpp's abort callback.
#[derive(Debug, Default)]
pub struct Cancellation {
    current: AtomicU64,
    cancelled: AtomicU64,
}

impl Cancellation {
    /// Marks `job` as the one that runs now.
    pub fn begin(&self, job: JobNumber) {
        self.current.store(job, Ordering::Release);
    }

    /// Cancels `job` and every one before it.
    pub fn cancel(&self, job: JobNumber) {
        self.cancelled.fetch_max(job, Ordering::AcqRel);
    }

    /// Cancels whatever runs or will run: the process ends.
    pub fn cancel_all(&self) {
        self.cancel(u64::MAX);
    }

    /// Whether the running job was cancelled.
    pub fn current_is_cancelled(&self) -> bool {
        let cancelled = self.cancelled.load(Ordering::Acquire);
        cancelled != 0 && cancelled >= self.current.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_cancelled_at_first() {
        let c = Cancellation::default();
        assert!(!c.current_is_cancelled());
        c.begin(1);
        assert!(!c.current_is_cancelled());
    }

    #[test]
    fn a_late_cancel_does_not_reach_the_next_job() {
        let c = Cancellation::default();
        c.begin(1);
        c.cancel(1);
        assert!(c.current_is_cancelled());
        c.begin(2);
        c.cancel(1);
        assert!(!c.current_is_cancelled());
    }

    #[test]
    fn the_end_cancels_every_job() {
        let c = Cancellation::default();
        c.cancel_all();
        c.begin(7);
        assert!(c.current_is_cancelled());
    }
}

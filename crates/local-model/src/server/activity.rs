//! Whether anybody still needs this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts requests under way, and knows when the last one ended. Health checks do not count.
#[derive(Debug)]
pub struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    running: usize,
    last: Instant,
}

/// One request under way; it ends when this is dropped.
#[derive(Debug)]
pub struct Busy(Arc<Activity>);

impl Activity {
    /// Idle from now on.
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { running: 0, last: Instant::now() })))
    }

    /// Notes that a request begins.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).running += 1;
        Busy(Arc::clone(self))
    }

    /// Returns after so long without a request.
    pub async fn idle_for(&self, limit: Duration) {
        loop {
            let left = {
                let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if state.running > 0 { limit } else { limit.saturating_sub(state.last.elapsed()) }
            };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.running -= 1;
        state.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_running_request_keeps_the_process() {
        let activity = Activity::new();
        let busy = activity.begin();
        let limit = Duration::from_millis(20);
        assert!(tokio::time::timeout(Duration::from_millis(100), activity.idle_for(limit)).await.is_err());
        drop(busy);
        assert!(tokio::time::timeout(Duration::from_secs(5), activity.idle_for(limit)).await.is_ok());
    }
}

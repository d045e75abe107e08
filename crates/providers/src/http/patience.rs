//! Waiting that goes on counting while the machine sleeps.
//!
//! Timers stand still in a sleeping machine, but the other end of a connection does not: after a night
//! with the lid closed nobody is there any more, and nothing says so. A wait that began before the sleep
//! ends soon after it, as one that took too long, which may be tried again.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, timeout};

/// How often a wait looks whether the machine slept; only while something is waited for.
const GLANCE: Duration = Duration::from_secs(5);
/// Below this a difference of the clocks is no sleep.
const NAP: Duration = Duration::from_secs(1);

/// How long something may take from now on.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    limit: Duration,
    began: Instant,
    slept: Duration,
    clock: fn() -> Duration,
}

/// It took longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    /// Whether the machine slept meanwhile.
    pub slept: bool,
}

impl Patience {
    /// Begins now.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self::by(limit, asleep)
    }

    fn by(limit: Duration, clock: fn() -> Duration) -> Self {
        Self { limit, began: Instant::now(), slept: clock(), clock }
    }

    /// How much is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed() + self.nap())
    }

    fn nap(&self) -> Duration {
        (self.clock)().saturating_sub(self.slept)
    }

    /// Waits for `work`. What is there already counts, however late it is.
    ///
    /// # Errors
    /// When nothing came in time.
    pub async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Expired> {
        let mut work = pin!(work);
        loop {
            if let Ok(done) = timeout(self.left().min(GLANCE), &mut work).await {
                return Ok(done);
            }
            if self.left().is_zero() {
                return Err(Expired { slept: self.nap() > NAP });
            }
        }
    }
}

/// How long the machine has slept since some fixed moment. Only differences mean something.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[must_use]
pub fn asleep() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let (all, awake) = (clock_gettime(ClockId::Boottime), clock_gettime(ClockId::Monotonic));
    since_zero(&all).saturating_sub(since_zero(&awake))
}

/// How long the machine has slept since this was first asked. Compiled, not run there.
#[cfg(target_os = "macos")]
#[must_use]
pub fn asleep() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    static FIRST: std::sync::OnceLock<(Duration, std::time::Instant)> = std::sync::OnceLock::new();
    // This clock goes on in sleep; that of the standard library does not.
    let now = since_zero(&clock_gettime(ClockId::Monotonic));
    let (all, awake) = FIRST.get_or_init(|| (now, std::time::Instant::now()));
    now.saturating_sub(*all).saturating_sub(awake.elapsed())
}

/// Windows counts sleep in the clock that timers use, so nothing is to be added.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
#[must_use]
pub fn asleep() -> Duration {
    Duration::ZERO
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
fn since_zero(at: &rustix::time::Timespec) -> Duration {
    let seconds = u64::try_from(at.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(at.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::pending};

    use super::*;

    thread_local! {
        static SLEPT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }

    fn played() -> Duration {
        SLEPT.get()
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_without_sleep_takes_exactly_its_time() {
        let began = Instant::now();
        let patience = Patience::by(Duration::from_secs(90), played);
        assert_eq!(patience.wait(pending::<()>()).await, Err(Expired { slept: false }));
        assert_eq!(began.elapsed().as_secs(), 90);
        assert_eq!(Patience::by(Duration::ZERO, played).wait(async { 7 }).await, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_night_a_wait_ends_within_seconds() {
        let began = Instant::now();
        let patience = Patience::by(Duration::from_secs(90), played);
        let night = async {
            tokio::time::sleep(Duration::from_secs(7)).await;
            SLEPT.set(Duration::from_secs(8 * 3600));
        };
        let (waited, ()) = tokio::join!(patience.wait(pending::<()>()), night);
        assert_eq!(waited, Err(Expired { slept: true }));
        assert!(began.elapsed() <= Duration::from_secs(7) + GLANCE, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_before_the_machine_woke_counts_and_a_short_nap_costs_no_more_than_itself() {
        let patience = Patience::by(Duration::from_secs(90), played);
        SLEPT.set(SLEPT.get() + Duration::from_secs(3600));
        assert_eq!(patience.wait(async { 7 }).await, Ok(7));
        let (began, patience) = (Instant::now(), Patience::by(Duration::from_secs(90), played));
        SLEPT.set(SLEPT.get() + Duration::from_secs(30));
        assert_eq!(patience.wait(pending::<()>()).await, Err(Expired { slept: true }));
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    #[test]
    fn the_real_clock_does_not_run_while_the_machine_is_awake() {
        let before = asleep();
        std::thread::sleep(Duration::from_millis(20));
        assert!(asleep().saturating_sub(before) < Duration::from_millis(10));
    }
}

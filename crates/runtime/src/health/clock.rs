//! The wall clock: whether it jumped, and whether it is right at all.
//!
//! It jumped when it went further than a clock that nobody can set, and no sleep of the machine explains it.
//! Nothing can be put right here: times in the history are those of the moment, and events keep their order by
//! number, not by time.

use std::time::{Duration, Instant};

use jamey_engine::ports::{Clock, SystemClock};
use jamey_protocol::health::Check;

use crate::host::Host;

const NAME: &str = "clock";
/// Time servers move a clock by less.
const JUMP_MS: i64 = 60_000;
/// So long after a jump nobody needs to be told any more.
const NEWS: Duration = Duration::from_secs(24 * 3600);
/// No Jamey was built before 2026 (milliseconds since 1970).
const BEGINNING: i64 = 1_767_225_600_000;

/// The clocks at the last look, and how far the wall clock jumped.
#[derive(Debug, Default)]
pub(super) struct Watch {
    last: Option<Clocks>,
    jumped_ms: i64,
    jumped_at: Option<Instant>,
}

/// What the clocks say at one moment.
#[derive(Clone, Copy, Debug)]
struct Clocks {
    wall_ms: i64,
    steady: Instant,
    slept: Duration,
}

impl Watch {
    /// Follows the clocks. Returns a jump in milliseconds.
    fn step(&mut self, now: Clocks) -> Option<i64> {
        let last = self.last.replace(now)?;
        let slept = now.slept.saturating_sub(last.slept);
        let passed = millis(now.steady.saturating_duration_since(last.steady) + slept);
        let jump = now.wall_ms.saturating_sub(last.wall_ms).saturating_sub(passed);
        if jump.abs() >= JUMP_MS {
            self.jumped_ms = self.jumped_ms.saturating_add(jump);
            self.jumped_at = Some(now.steady);
        }
        let is_old = self.jumped_at.is_some_and(|at| now.steady.saturating_duration_since(at) >= NEWS);
        // A clock that was set back to where it was is well.
        if is_old || self.jumped_ms.abs() < JUMP_MS {
            (self.jumped_ms, self.jumped_at) = (0, None);
        }
        (jump.abs() >= JUMP_MS).then_some(jump)
    }

    /// How far it is from where it was, if that is worth telling.
    fn jumped(&self) -> Option<i64> {
        self.jumped_at.map(|_| self.jumped_ms)
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn check(host: &Host, watch: &mut Watch) -> Check {
    let now = Clocks { wall_ms: SystemClock.now(), steady: Instant::now(), slept: jamey_providers::asleep() };
    if let Some(jump) = watch.step(now) {
        tracing::warn!(milliseconds = jump, "the system clock {}", moved(jump));
    }
    match watch.jumped() {
        Some(jump) => host.board.raise(
            "health.clock",
            format!(
                "the system clock {}; times in the history before and after do not fit together",
                moved(jump)
            ),
        ),
        None => host.board.clear("health.clock"),
    }
    judge(now.wall_ms, watch.jumped())
}

fn judge(wall_ms: i64, jumped: Option<i64>) -> Check {
    if wall_ms < BEGINNING {
        return Check::warning(
            NAME,
            "the system clock is wrong: it shows a day before Jamey was built",
            "set it; certificates and times in the history depend on it",
        );
    }
    match jumped {
        Some(jump) => {
            Check::warning(NAME, format!("the system clock {}", moved(jump)), "look whether it is right now")
        }
        None => Check::fine(NAME, "goes steadily"),
    }
}

fn moved(jump_ms: i64) -> String {
    let seconds = jump_ms.unsigned_abs() / 1000;
    let amount = match seconds {
        0..7_200 => format!("{} min", seconds.div_ceil(60)),
        7_200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    };
    format!("jumped {amount} {}", if jump_ms < 0 { "back" } else { "ahead" })
}

#[cfg(test)]
mod tests {
    use jamey_protocol::health::State;

    use super::*;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    /// Looks at these moments: what the wall clock says, how long we were awake and asleep in all.
    fn jumps(moments: &[(i64, i64, i64)]) -> (Vec<i64>, Option<i64>) {
        let begin = Instant::now();
        let mut watch = Watch::default();
        let span = |ms: i64| Duration::from_millis(ms.unsigned_abs());
        let step = |&(wall_ms, awake, slept): &(i64, i64, i64)| {
            watch.step(Clocks { wall_ms, steady: begin + span(awake), slept: span(slept) })
        };
        let seen = moments.iter().filter_map(step).collect();
        (seen, watch.jumped())
    }

    #[test]
    fn a_jump_that_no_sleep_explains_is_told_once() {
        let still = [(0, 0, 0), (MINUTE, MINUTE, 0), (2 * MINUTE + 900, 2 * MINUTE, 0)];
        assert_eq!(jumps(&still), (vec![], None));
        let day_ahead = [(0, 0, 0), (DAY + MINUTE, MINUTE, 0), (DAY + 2 * MINUTE, 2 * MINUTE, 0)];
        assert_eq!(jumps(&day_ahead), (vec![DAY], Some(DAY)));
        let back = [(DAY, 0, 0), (MINUTE, MINUTE, 0)];
        assert_eq!(jumps(&back), (vec![-DAY], Some(-DAY)));
    }

    #[test]
    fn sleep_is_no_jump() {
        assert_eq!(jumps(&[(0, 0, 0), (DAY, MINUTE, DAY - MINUTE)]), (vec![], None));
    }

    #[test]
    fn a_clock_that_is_set_right_again_or_jumped_long_ago_is_no_news() {
        let there_and_back = [(0, 0, 0), (DAY + MINUTE, MINUTE, 0), (2 * MINUTE, 2 * MINUTE, 0)];
        assert_eq!(jumps(&there_and_back), (vec![DAY, -DAY], None));
        let long_ago = [(0, 0, 0), (DAY + MINUTE, MINUTE, 0), (2 * DAY + MINUTE, DAY + MINUTE, 0)];
        assert_eq!(jumps(&long_ago).1, None);
    }

    #[test]
    fn a_clock_before_the_beginning_is_wrong() {
        assert_eq!(judge(0, None).state, State::Warning);
        assert_eq!(judge(BEGINNING, None).state, State::Fine);
        assert!(judge(BEGINNING, Some(-3 * DAY)).finding.contains("3 days back"));
    }
}

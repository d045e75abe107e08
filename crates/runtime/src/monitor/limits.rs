//! Limits that a person set, and notices when they are passed: one, not a hundred.
//!
//! A notice goes up when a limit was passed for a while, and down when the value was clearly on the other
//! side for a while, so that a value at the edge says nothing twice.

use std::time::{Duration, Instant};

use jamey_protocol::monitor::Sample;

use crate::{config::MonitorSettings, host::board::Board};

/// A machine that compiles is busy for minutes, and nothing is wrong with it.
const BUSY_FOR: Duration = Duration::from_secs(300);
/// How long the others must hold, and how long a value must be well again.
const HOLDS_FOR: Duration = Duration::from_secs(60);

/// One limit.
#[derive(Clone, Copy, Debug, Default)]
struct Gate {
    /// Since when the value is on the other side of where the notice stands.
    since: Option<Instant>,
    is_up: bool,
}

/// What a value did to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The notice is up.
    Up,
    /// It is down.
    Down,
}

impl Gate {
    /// Follows one value. `is_over` and `is_well` leave room between them, where nothing changes.
    fn step(&mut self, is_over: bool, is_well: bool, raise_after: Duration, now: Instant) -> Verdict {
        let (turns, after) = if self.is_up { (is_well, HOLDS_FOR) } else { (is_over, raise_after) };
        match (turns, self.since) {
            (false, _) => self.since = None,
            (true, None) if after.is_zero() => self.is_up = !self.is_up,
            (true, None) => self.since = Some(now),
            (true, Some(since)) if now.duration_since(since) >= after => {
                *self = Self { since: None, is_up: !self.is_up };
            }
            (true, Some(_)) => {}
        }
        if self.is_up { Verdict::Up } else { Verdict::Down }
    }
}

/// All limits.
#[derive(Debug, Default)]
pub(super) struct Limits {
    cpu: Gate,
    memory: Gate,
    disk: Gate,
    temperature: Gate,
}

impl Limits {
    /// Compares a sample with what was set, and puts notices up or takes them down.
    pub(super) fn judge(&mut self, sample: &Sample, set: &MonitorSettings, board: &Board, now: Instant) {
        let percent = |name: &str,
                       gate: &mut Gate,
                       value: Option<f32>,
                       limit: Option<u8>,
                       hold,
                       text: &dyn Fn(f32, u8) -> String| {
            let Some((value, limit)) = value.zip(limit) else {
                *gate = Gate::default();
                return board.clear(name);
            };
            let bound = f32::from(limit);
            match gate.step(value >= bound, value < bound - 5.0, hold, now) {
                Verdict::Up => board.raise(name, text(value, limit)),
                Verdict::Down => board.clear(name),
            }
        };
        percent(
            "monitor.cpu",
            &mut self.cpu,
            sample.cpu_percent,
            set.cpu_percent,
            BUSY_FOR,
            &|value, limit| {
                format!("the processors have been over {limit} % busy for minutes (now {value:.0} %)")
            },
        );
        let memory = Some(sample.memory.used_percent()).filter(|_| sample.memory.total_bytes > 0);
        percent(
            "monitor.memory",
            &mut self.memory,
            memory,
            set.memory_percent,
            HOLDS_FOR,
            &|value, limit| format!("over {limit} % of the memory are taken (now {value:.0} %)"),
        );
        percent(
            "monitor.temperature",
            &mut self.temperature,
            sample.temperature_celsius,
            set.temperature_celsius,
            HOLDS_FOR,
            &|value, limit| format!("the processor has been over {limit} °C for a while (now {value:.0} °C)"),
        );
        self.disk(sample, set, board, now);
    }

    fn disk(&mut self, sample: &Sample, set: &MonitorSettings, board: &Board, now: Instant) {
        const NAME: &str = "monitor.disk";
        let Some((disk, limit)) = sample.disks.first().zip(set.disk_free_mb) else {
            self.disk = Gate::default();
            return board.clear(NAME);
        };
        let free = disk.room.free_bytes() / 1_000_000;
        let verdict = self.disk.step(free < limit, free > limit + limit / 10, Duration::ZERO, now);
        match verdict {
            Verdict::Up => board.raise(
                NAME,
                format!("only {free} MB are free on the disk {}, less than {limit} MB", disk.place),
            ),
            Verdict::Down => board.clear(NAME),
        }
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::monitor::{Disk, Room};

    use super::*;

    const SET: MonitorSettings = MonitorSettings {
        interval: Duration::from_secs(30),
        cpu_percent: Some(90),
        memory_percent: Some(90),
        disk_free_mb: Some(1000),
        temperature_celsius: Some(90),
    };

    fn busy(cpu: f32) -> Sample {
        Sample { cpu_percent: Some(cpu), ..Sample::default() }
    }

    fn with_free(megabytes: u64) -> Sample {
        let room =
            Room { total_bytes: 1_000_000_000_000, used_bytes: 1_000_000_000_000 - megabytes * 1_000_000 };
        Sample { disks: vec![Disk { place: "/".into(), room }], ..Sample::default() }
    }

    /// One sample every 30 seconds; how often a notice was put up.
    fn ups(values: impl IntoIterator<Item = f32>) -> (usize, bool) {
        let (board, mut limits, mut now) = (Board::default(), Limits::default(), Instant::now());
        let (mut ups, mut was_up) = (0, false);
        for value in values {
            limits.judge(&busy(value), &SET, &board, now);
            let is_up = !board.notices().is_empty();
            ups += usize::from(is_up && !was_up);
            (was_up, now) = (is_up, now + Duration::from_secs(30));
        }
        (ups, was_up)
    }

    #[test]
    fn a_limit_that_is_passed_for_hours_is_one_notice() {
        assert_eq!(ups(std::iter::repeat_n(99.0, 500)), (1, true));
    }

    #[test]
    fn a_short_burst_is_none_and_a_value_at_the_edge_says_nothing_twice() {
        assert_eq!(ups([99.0; 5]), (0, false));
        let edge =
            std::iter::repeat_n(99.0, 12).chain((0..200).map(|n| if n % 2 == 0 { 88.0 } else { 91.0 }));
        assert_eq!(ups(edge), (1, true));
    }

    #[test]
    fn a_notice_goes_when_it_is_well_for_a_while_and_may_come_again() {
        let calm = std::iter::repeat_n(10.0, 4);
        let storm = || std::iter::repeat_n(99.0, 12);
        assert_eq!(ups(storm().chain(calm.clone())), (1, false));
        assert_eq!(ups(storm().chain(calm).chain(storm())), (2, true));
    }

    #[test]
    fn a_disk_that_fills_is_told_at_once_and_zero_means_never() {
        let (board, mut limits, now) = (Board::default(), Limits::default(), Instant::now());
        limits.judge(&with_free(999), &SET, &board, now);
        assert!(board.notices()[0].contains("999 MB are free"), "{:?}", board.notices());
        limits.judge(&with_free(1050), &SET, &board, now + Duration::from_secs(600));
        assert_eq!(board.notices().len(), 1);
        let never = MonitorSettings { disk_free_mb: None, ..SET };
        limits.judge(&with_free(1), &never, &board, now + Duration::from_secs(700));
        assert!(board.notices().is_empty());
    }
}

//! The machine's memory: when it is short, the local model leaves it, unless it is in the middle of an answer.
//! The next request loads it again.
//!
//! Short means that less than a twentieth of the memory is available, but never judged by less than 256 MB nor
//! by more than 1 GB, or that the kernel says that everything waits for memory. It is well again at twice that.

use std::sync::PoisonError;

use jamey_protocol::{health::Check, monitor::Sample};
use jamey_providers::local::Unloaded;

use super::amount;
use crate::host::Host;

const NAME: &str = "memory";
const LEAST: u64 = 256_000_000;
const MOST: u64 = 1_000_000_000;
/// Of the last ten seconds, this share was lost because nothing could go on for want of memory.
const STALLED_PERCENT: f32 = 20.0;
const FLOWS_PERCENT: f32 = 5.0;

/// Whether the memory is short.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    /// Available bytes at the last sample, while it is short.
    short: Option<u64>,
}

impl Pressure {
    /// Follows one sample. Returns whether the memory is short now.
    fn step(&mut self, available: u64, total: u64, stalled_percent: Option<f32>) -> bool {
        let bound = (total / 20).clamp(LEAST, MOST);
        let stalls = |percent: f32| stalled_percent.is_some_and(|it| it >= percent);
        let is_short = if self.short.is_some() {
            available < 2 * bound || stalls(FLOWS_PERCENT)
        } else {
            available < bound || stalls(STALLED_PERCENT)
        };
        self.short = is_short.then_some(available);
        is_short
    }
}

/// Judges a sample, and lets the local model go if that helps.
pub(super) async fn feel(host: &Host, sample: &Sample) {
    let memory = sample.memory;
    if memory.total_bytes == 0 {
        return;
    }
    let available = memory.free_bytes();
    let is_short = {
        let mut pressure = host.health.pressure.lock().unwrap_or_else(PoisonError::into_inner);
        pressure.step(available, memory.total_bytes, stalled_percent())
    };
    if !is_short {
        return host.board.clear("health.memory");
    }
    match host.models.local().make_room().await {
        // Memory that is short without a model of ours in it is the monitor's matter.
        Unloaded::Nothing => {}
        Unloaded::Busy => host
            .board
            .raise("health.memory", "the memory is short; the local model leaves it when its answer is done"),
        Unloaded::Model(name) => {
            host.board.mended(format!(
                "unloaded the local model {name}, since only {} of memory were available",
                amount(available)
            ));
            host.board.raise(
                "health.memory",
                format!("the memory is short, so the local model {name} was unloaded; the next request loads it again"),
            );
        }
    }
}

/// Tells of memory that is short; nothing else is worth a line.
pub(super) fn check(host: &Host) -> Option<Check> {
    let short = host.health.pressure.lock().unwrap_or_else(PoisonError::into_inner).short?;
    let finding = format!("only {} are available", amount(short));
    Some(Check::warning(NAME, finding, "close other programs; a local model is not kept in memory meanwhile"))
}

/// What the kernel says of time that was lost (`/proc/pressure/memory`). Few systems say it.
#[cfg(target_os = "linux")]
fn stalled_percent() -> Option<f32> {
    full_avg10(&std::fs::read_to_string("/proc/pressure/memory").ok()?)
}

#[cfg(not(target_os = "linux"))]
fn stalled_percent() -> Option<f32> {
    None
}

#[cfg(any(target_os = "linux", test))]
fn full_avg10(text: &str) -> Option<f32> {
    let line = text.lines().find_map(|line| line.strip_prefix("full "))?;
    line.split_whitespace().find_map(|word| word.strip_prefix("avg10="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    #[test]
    fn short_begins_at_a_twentieth_and_ends_at_twice_that() {
        let mut pressure = Pressure::default();
        let mut step = |available| pressure.step(available, 16 * GB, None);
        assert!(!step(8 * GB) && !step(800_000_000));
        assert!(step(799_999_999) && step(GB) && step(1_599_999_999));
        assert!(!step(1_600_000_000) && !step(GB), "it is not short again at once");
    }

    #[test]
    fn small_and_large_machines_have_bounds_that_make_sense() {
        let is_short = |available, total| Pressure::default().step(available, total, None);
        assert!(is_short(LEAST - 1, 2 * GB) && !is_short(LEAST, 2 * GB));
        assert!(is_short(MOST - 1, 512 * GB) && !is_short(MOST, 512 * GB));
    }

    #[test]
    fn time_that_is_lost_for_want_of_memory_counts_too() {
        let mut pressure = Pressure::default();
        let mut step = |stalled| pressure.step(8 * GB, 16 * GB, Some(stalled));
        assert!(!step(19.0) && step(20.0) && step(6.0) && !step(4.9));
    }

    #[test]
    fn the_kernels_words_are_read() {
        let text = "some avg10=1.53 avg60=0.87 avg300=0.29 total=1\nfull avg10=0.62 avg60=0.21 avg300=0.06 total=2\n";
        assert_eq!(full_avg10(text), Some(0.62));
        assert_eq!(full_avg10("some avg10=1.0\n"), None);
    }
}

//! Looks at the machine. One lives as long as the runtime, since shares of time are differences between
//! two looks.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use jamey_engine::ports::{Clock, SystemClock};
use jamey_protocol::monitor::{Battery, Disk, Network, Room, Sample, Share};
use sysinfo::System;

use super::{machine::Machine, processes::Processes};

/// What changes slowly or is dear to ask is asked so often, and more often while somebody watches.
const SLOWLY: Duration = Duration::from_secs(60);
const WATCHED: Duration = Duration::from_secs(10);
/// Shorter spans say nothing of how busy processors are.
const SHORTEST: Duration = Duration::from_millis(250);

/// What a look is for.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    /// Children that must be told one by one.
    pub(super) children: Vec<u32>,
    /// Whether somebody watches.
    pub(super) is_watched: bool,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    pub(super) sample: Sample,
    pub(super) children: Vec<(u32, Share)>,
}

/// Looks at the machine.
#[derive(Debug)]
pub(super) struct Sampler {
    system: System,
    machine: Machine,
    processes: Processes,
    data: PathBuf,
    looked: Option<Instant>,
    network: Option<(u64, u64)>,
    slow: Slow,
}

/// What is asked rarely.
#[derive(Debug, Default)]
struct Slow {
    asked: Option<Instant>,
    disks: Vec<Disk>,
    battery: Option<Battery>,
    temperature: Option<f32>,
}

impl Sampler {
    /// Prepares to look; `data` is the folder whose disk matters most. Nothing where the system is not
    /// known.
    pub(super) fn new(data: PathBuf) -> Option<Self> {
        Some(Self {
            system: System::new().ok()?,
            machine: Machine::new(),
            processes: Processes::default(),
            data,
            looked: None,
            network: None,
            slow: Slow::default(),
        })
    }

    /// Looks once. The first time it takes a quarter of a second, since it looks twice.
    pub(super) fn look(&mut self, ask: &Ask) -> Look {
        if self.looked.is_none() {
            self.once(ask);
            std::thread::sleep(SHORTEST);
        }
        self.once(ask)
    }

    fn once(&mut self, ask: &Ask) -> Look {
        let now = Instant::now();
        let elapsed = self.looked.map(|looked| now.duration_since(looked)).filter(|it| !it.is_zero());
        self.looked = Some(now);
        self.system.refresh_memory();
        self.system.refresh_cpu_usage();
        let elapsed_ms = elapsed.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
        let seen = self.processes.look(&ask.children, elapsed_ms, ask.is_watched, &mut self.system);
        self.ask_slowly(now, ask.is_watched);
        let sample = Sample {
            at: SystemClock.now(),
            cpu_percent: elapsed.map(|_| self.system.global_cpu_usage()).filter(|it| it.is_finite()),
            cores: u32::try_from(self.system.cpus().len()).unwrap_or(0),
            memory: Room {
                total_bytes: self.system.total_memory(),
                used_bytes: self.system.total_memory().saturating_sub(self.system.available_memory()),
            },
            swap: (self.system.total_swap() > 0)
                .then(|| Room { total_bytes: self.system.total_swap(), used_bytes: self.system.used_swap() }),
            disks: self.slow.disks.clone(),
            network: self.rate(elapsed_ms),
            gpus: self.machine.gpus(ask.is_watched),
            battery: self.slow.battery,
            temperature_celsius: self.slow.temperature,
            own: seen.own,
            children: seen.children,
        };
        Look { sample, children: seen.known }
    }

    fn rate(&mut self, elapsed_ms: u64) -> Option<Network> {
        let now = self.machine.network();
        let before = std::mem::replace(&mut self.network, now);
        let (now, before) = now.zip(before)?;
        // A card that went away took its count with it.
        let per_second = |now: u64, before: u64| {
            now.checked_sub(before).and_then(|bytes| bytes.saturating_mul(1000).checked_div(elapsed_ms))
        };
        Some(Network {
            received_per_second: per_second(now.0, before.0)?,
            sent_per_second: per_second(now.1, before.1)?,
        })
    }

    fn ask_slowly(&mut self, now: Instant, is_watched: bool) {
        let every = if is_watched { WATCHED } else { SLOWLY };
        // A little less, so that an interval of the same length does not just miss it.
        let due = every.saturating_sub(Duration::from_secs(1));
        if self.slow.asked.is_some_and(|asked| now.duration_since(asked) < due) {
            return;
        }
        self.slow = Slow {
            asked: Some(now),
            disks: self.machine.disks(&self.data),
            battery: self.machine.battery(),
            temperature: self.machine.temperature(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_look_tells_everything_at_once() {
        let mut sampler = Sampler::new(std::env::temp_dir()).unwrap();
        let look = sampler.look(&Ask { children: Vec::new(), is_watched: true });
        let sample = look.sample;
        assert!(sample.cpu_percent.is_some_and(|cpu| (0.0..=100.0).contains(&cpu)), "{sample:?}");
        assert!(sample.cores > 0 && sample.memory.total_bytes > sample.memory.used_bytes, "{sample:?}");
        assert!(sample.own.memory_bytes > 1_000_000 && sample.own.cpu_percent.is_some(), "{sample:?}");
        assert!(!sample.disks.is_empty(), "{sample:?}");
    }
}

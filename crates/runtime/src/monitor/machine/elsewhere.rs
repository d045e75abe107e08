//! Windows, macOS and others, through `sysinfo`.
//!
//! On Windows no temperature is told: the system gives it to administrators alone.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jamey_protocol::monitor::{Battery, Disk, Gpu, Room};
use sysinfo::{DiskRefreshKind, Disks, Gpus, Networks};

use super::MOST_DISKS;

/// Between two questions about graphics processors.
const GPUS_EVERY: Duration = Duration::from_secs(10);
/// Between the two looks of one such question.
const BETWEEN: Duration = Duration::from_millis(250);

/// This machine.
#[derive(Debug)]
pub(in super::super) struct Machine {
    networks: Option<Networks>,
    disks: Option<Disks>,
    gpus: Vec<Gpu>,
    gpus_asked: Option<Instant>,
}

impl Machine {
    pub(in super::super) fn new() -> Self {
        Self { networks: Networks::new().ok(), disks: Disks::new().ok(), gpus: Vec::new(), gpus_asked: None }
    }

    /// All bytes that came in and went out since the start of the machine.
    pub(in super::super) fn network(&mut self) -> Option<(u64, u64)> {
        let networks = self.networks.as_mut()?;
        networks.refresh(true);
        let outside = networks.iter().filter(|(name, _)| {
            let name = name.to_string_lossy();
            !name.starts_with("lo") && !name.contains("Loopback")
        });
        Some(outside.fold((0, 0), |(received, sent), (_, network)| {
            (received + network.total_received(), sent + network.total_transmitted())
        }))
    }

    /// The disk that holds `data`, and then the other local ones.
    pub(in super::super) fn disks(&mut self, data: &Path) -> Vec<Disk> {
        let Some(disks) = self.disks.as_mut() else { return Vec::new() };
        disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage());
        let home = disks
            .iter()
            .filter(|disk| data.starts_with(disk.mount_point()))
            .max_by_key(|disk| disk.mount_point().components().count())
            .map(|disk| disk.mount_point().to_owned());
        let is_home = |disk: &sysinfo::Disk| home.as_deref() == Some(disk.mount_point());
        let others = disks.iter().filter(|disk| !is_home(disk) && !disk.is_removable());
        disks
            .iter()
            .filter(|disk| is_home(disk))
            .take(1)
            .chain(others)
            .filter(|disk| disk.total_space() > 0)
            .take(MOST_DISKS)
            .map(|disk| Disk {
                place: disk.mount_point().display().to_string(),
                room: Room {
                    total_bytes: disk.total_space(),
                    used_bytes: disk.total_space().saturating_sub(disk.available_space()),
                },
            })
            .collect()
    }

    /// The machine's own battery.
    pub(in super::super) fn battery(&mut self) -> Option<Battery> {
        #[cfg(windows)]
        return super::power::ask();
        #[cfg(target_os = "macos")]
        return super::pmset::ask();
        #[cfg(not(any(windows, target_os = "macos")))]
        None
    }

    /// The warmest sensor of the processor.
    pub(in super::super) fn temperature(&mut self) -> Option<f32> {
        #[cfg(target_os = "macos")]
        {
            let components = sysinfo::Components::new_with_refreshed_list().ok()?;
            let of = |wanted: &dyn Fn(&str) -> bool| {
                let sensors = components.iter().filter(|sensor| wanted(sensor.label()));
                sensors
                    .filter_map(sysinfo::Component::temperature)
                    .filter(|it| it.is_finite())
                    .reduce(f32::max)
            };
            of(&|label| label.contains("CPU") || label.contains("PMU tdie")).or_else(|| of(&|_| true))
        }
        #[cfg(not(target_os = "macos"))]
        None
    }

    /// Graphics processors. Asking is not free, so only while somebody watches, and not at every look.
    pub(in super::super) fn gpus(&mut self, is_watched: bool) -> Vec<Gpu> {
        if !is_watched {
            return Vec::new();
        }
        if self.gpus_asked.is_none_or(|asked| asked.elapsed() >= GPUS_EVERY) {
            self.gpus_asked = Some(Instant::now());
            self.gpus = gpus();
        }
        self.gpus.clone()
    }
}

/// Asks anew each time: what Windows is asked through may not move to another thread.
fn gpus() -> Vec<Gpu> {
    let Ok(mut gpus) = Gpus::new() else { return Vec::new() };
    gpus.refresh(true);
    if cfg!(windows) && gpus.iter().next().is_some() {
        // How busy they are is the difference between two looks.
        std::thread::sleep(BETWEEN);
        gpus.refresh(true);
    }
    gpus.iter()
        .map(|gpu| Gpu {
            name: gpu.model().or(gpu.vendor()).unwrap_or("graphics").to_owned(),
            busy_percent: gpu.usage(),
            memory: gpu
                .total_memory()
                .zip(gpu.used_memory())
                .map(|(total_bytes, used_bytes)| Room { total_bytes, used_bytes }),
        })
        .collect()
}

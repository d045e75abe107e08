//! What this machine and the runtime's own part of it are doing, now and over the last day.
//!
//! A value that the system does not tell is absent, never a zero. Shares of processor time: a machine's
//! is of all its cores (100 is everything), a process's of one core, so that it can be over 100.

use serde::{Deserialize, Serialize};

/// The answer of `GET /v1/monitor`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct MonitorView {
    /// Seconds between two looks while nobody watches.
    pub interval_seconds: u64,
    /// Now.
    pub now: Sample,
    /// The last day, oldest first; times at which no runtime ran are missing.
    pub history: Vec<Point>,
    /// Limits that are passed now, one sentence each.
    #[serde(default)]
    pub notices: Vec<String>,
}

/// One look at the machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Share of all processors since the look before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f32>,
    /// Logical processors.
    pub cores: u32,
    /// Memory; what can be had without swapping counts as free.
    pub memory: Room,
    /// Swap, where there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap: Option<Room>,
    /// Disks of this machine; the one with Jamey's data first.
    pub disks: Vec<Disk>,
    /// All networks but the machine's own loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Graphics processors that tell how they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<Gpu>,
    /// The battery, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<Battery>,
    /// The warmest sensor of the processor, else of the machine, in degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_celsius: Option<f32>,
    /// The runtime itself.
    pub own: Share,
    /// Everything that it started and that runs now.
    pub children: Share,
}

/// Something of limited size, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// All of it.
    pub total_bytes: u64,
    /// What is taken.
    pub used_bytes: u64,
}

impl Room {
    /// What is taken, from 0 to 100.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn used_percent(&self) -> f32 {
        if self.total_bytes == 0 {
            return 0.0;
        }
        (self.used_bytes as f64 / self.total_bytes as f64 * 100.0) as f32
    }

    /// What is left.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        self.total_bytes.saturating_sub(self.used_bytes)
    }
}

/// A disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    /// Where it is mounted, or its letter.
    pub place: String,
    /// How full it is.
    pub room: Room,
}

/// What goes over the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// Bytes a second that came in.
    pub received_per_second: u64,
    /// Bytes a second that went out.
    pub sent_per_second: u64,
}

/// A graphics processor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Gpu {
    /// Its name.
    pub name: String,
    /// How busy it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_percent: Option<f32>,
    /// Its own memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Room>,
}

/// A battery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Battery {
    /// How full it is, from 0 to 100.
    pub percent: u8,
    /// Whether the machine runs on it.
    pub is_discharging: bool,
}

/// What some processes take together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// How many there are.
    pub processes: u32,
    /// Processor time since the look before; 100 is one core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f32>,
    /// Memory in RAM.
    pub memory_bytes: u64,
}

/// One moment of the last day; a mean where several were joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// See `Sample::cpu_percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f32>,
    /// Memory that is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_percent: Option<f32>,
    /// Swap that is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap_percent: Option<f32>,
    /// How full the disk with Jamey's data is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_percent: Option<f32>,
    /// Bytes a second that came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_per_second: Option<u64>,
    /// Bytes a second that went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_per_second: Option<u64>,
    /// How busy the busiest graphics processor was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_percent: Option<f32>,
    /// How full the battery was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<f32>,
    /// Degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_celsius: Option<f32>,
    /// The runtime's own processor time; 100 is one core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_cpu_percent: Option<f32>,
    /// The runtime's own memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_memory_bytes: Option<u64>,
    /// Its children's processor time; 100 is one core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub children_cpu_percent: Option<f32>,
    /// Its children's memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub children_memory_bytes: Option<u64>,
}

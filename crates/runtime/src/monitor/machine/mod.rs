//! What the system tells of itself, beyond processors and memory: one file for each family of systems.
//!
//! Nothing here wakes a device that sleeps, waits for the network, or asks for more than a handful of
//! files. What the system does not tell is absent.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod nvidia;
#[cfg(any(target_os = "macos", test))]
mod pmset;
#[cfg(windows)]
mod power;

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::Machine;
#[cfg(target_os = "linux")]
pub(super) use linux::Machine;

/// Disks that are told of.
const MOST_DISKS: usize = 8;

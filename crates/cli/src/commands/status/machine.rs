//! What a machine is doing, in words.

use jamey_protocol::monitor::{Battery, Disk, Gpu, Network, Sample};

use crate::render::bytes;

/// What Jamey itself takes.
pub(super) fn own(sample: &Sample, memory: Option<u64>) -> String {
    let mut parts = vec![bytes(memory.unwrap_or(sample.own.memory_bytes))];
    parts.extend(sample.own.cpu_percent.map(|cpu| format!("{cpu:.1} % of a core")));
    if sample.children.processes > 0 {
        let children = &sample.children;
        let noun = if children.processes == 1 { "child" } else { "children" };
        parts.push(format!("with {} {noun} {} more", children.processes, bytes(children.memory_bytes)));
    }
    parts.join(", ")
}

/// All of it in one line.
pub(super) fn line(sample: &Sample) -> String {
    let mut parts = Vec::new();
    parts.extend(sample.cpu_percent.map(|cpu| format!("processors {cpu:.0} %")));
    parts.push(format!("memory {:.0} %", sample.memory.used_percent()));
    parts.extend(
        sample.disks.first().map(|disk| format!("{} free of the disk", bytes(disk.room.free_bytes()))),
    );
    parts.extend(
        sample
            .gpus
            .iter()
            .filter_map(|gpu| gpu.busy_percent)
            .next()
            .map(|busy| format!("graphics {busy:.0} %")),
    );
    parts.extend(sample.battery.as_ref().map(|battery| format!("battery {}", power(battery))));
    parts.extend(sample.temperature_celsius.map(|degrees| format!("{degrees:.0} °C")));
    parts.join(", ")
}

pub(super) fn power(battery: &Battery) -> String {
    format!("{} %{}", battery.percent, if battery.is_discharging { ", in use" } else { "" })
}

pub(super) fn disk(disk: &Disk) -> String {
    format!("{} of {} free at {}", bytes(disk.room.free_bytes()), bytes(disk.room.total_bytes), disk.place)
}

pub(super) fn network(network: &Network) -> String {
    format!("{}/s in, {}/s out", bytes(network.received_per_second), bytes(network.sent_per_second))
}

pub(super) fn graphics(gpu: &Gpu) -> String {
    let memory =
        gpu.memory.map(|room| format!(", {} of {}", bytes(room.used_bytes), bytes(room.total_bytes)));
    format!("{}{}", gpu.name, memory.unwrap_or_default())
}

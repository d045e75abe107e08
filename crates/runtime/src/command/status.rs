//! Telling how the running runtime is.

use jamey_ipc::{Client, Folders};
use jamey_protocol::{ApiError, ErrorCode, health::Dated, monitor::Sample, status::Status};

use super::briefly;

/// More of what was mended or failed is not shown here.
const LAST: usize = 3;

pub(super) fn run(folders: &Folders, json: bool) -> Result<u8, ApiError> {
    let status = briefly(async { Client::connect(folders, None).await?.status().await })?;
    if json {
        let text = serde_json::to_string(&status);
        println!("{}", text.map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?);
    } else {
        print!("{}", shown(&status));
    }
    Ok(0)
}

fn shown(status: &Status) -> String {
    let memory =
        status.memory_bytes.map_or(String::new(), |bytes| format!(", {} MB in memory", bytes / 1_000_000));
    let mut text = format!(
        "running: version {}, process {}, up {}{memory}\nlistening: {}\nsessions: {} ({} running, {} waiting)\n",
        status.version,
        status.pid,
        span(status.uptime_seconds),
        status.listening.join(", "),
        status.sessions,
        status.running,
        status.waiting,
    );
    if status.paused {
        text.push_str(&format!("paused: {}\n", Status::PAUSED));
    }
    for child in &status.children {
        text.push_str(&format!("child: {} (process {})\n", child.name, child.pid));
    }
    if let Some(machine) = &status.machine {
        text.push_str(&format!("machine: {}\n", busy(machine)));
    }
    for provider in &status.providers {
        text.push_str(&format!("provider: {}, {}\n", provider.name, provider.finding));
    }
    let folders = &status.folders;
    for (what, folder) in [
        ("config", &folders.config),
        ("data", &folders.data),
        ("cache", &folders.cache),
        ("models", &folders.models),
    ] {
        text.push_str(&format!("{what}: {folder}\n"));
    }
    for notice in &status.notices {
        text.push_str(&format!("notice: {notice}\n"));
    }
    for check in &status.problems {
        let remedy = check.remedy.as_ref().map(|remedy| format!("; {remedy}")).unwrap_or_default();
        text.push_str(&format!("problem: {}: {}{remedy}\n", check.name, check.finding));
    }
    for mended in last(&status.mended) {
        text.push_str(&format!("mended: {}\n", mended.text));
    }
    for error in last(&status.errors) {
        text.push_str(&format!("error: {}\n", error.text));
    }
    text
}

fn last(all: &[Dated]) -> &[Dated] {
    &all[all.len().saturating_sub(LAST)..]
}

fn busy(machine: &Sample) -> String {
    let mut parts = Vec::new();
    parts.extend(machine.cpu_percent.map(|cpu| format!("processors {cpu:.0} %")));
    parts.push(format!("memory {:.0} %", machine.memory.used_percent()));
    let free = machine.disks.first().map(|disk| disk.room.free_bytes() / 1_000_000_000);
    parts.extend(free.map(|free| format!("{free} GB free of the disk")));
    parts.join(", ")
}

fn span(seconds: u64) -> String {
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

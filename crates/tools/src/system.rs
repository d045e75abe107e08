//! `system_info`: the clock, memory, processors and disk of this machine. Reads no file of the
//! person's.

use std::{fmt::Write as _, path::Path, time::Duration};

use jamey_engine::ports::{Tool, ToolContext, ToolError};
use jamey_protocol::{Access, ToolDescription, ToolOutput};
use serde_json::{Value, json};
use sysinfo::{CpuRefreshKind, System};

use crate::{blocking::blocking, schema::describe};

/// The tool `system_info`.
#[derive(Debug)]
pub(crate) struct SystemInfo {
    timeout: Duration,
}

impl SystemInfo {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

#[async_trait::async_trait]
impl Tool for SystemInfo {
    fn name(&self) -> &'static str {
        "system_info"
    }

    fn describe(&self) -> ToolDescription {
        describe(
            self.name(),
            "Date, time, OS, memory, CPU and disk of this computer.",
            json!({"type": "object", "properties": {}}),
            "runs",
        )
    }

    fn access(&self, _arguments: &Value, _cwd: &Path) -> Result<Vec<Access>, ToolError> {
        Ok(vec![Access::System])
    }

    async fn run(&self, _arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolError> {
        let cwd = context.cwd.clone();
        blocking(&context, self.timeout, move || {
            Ok(ToolOutput { text: facts(&cwd), ..ToolOutput::default() })
        })
        .await
    }
}

fn facts(cwd: &Path) -> String {
    let mut text = format!("Date and time: {}", chrono::Local::now().format("%A %Y-%m-%d %H:%M (UTC%:z)"));
    let os = System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned());
    let _ = write!(text, "\nOS: {os}");
    if let Ok(name) = System::host_name() {
        let _ = write!(text, "\nHost name: {name}");
    }
    if let Ok(mut system) = System::new() {
        system.refresh_memory();
        system.refresh_cpu_list(CpuRefreshKind::nothing());
        let (total, free) = (gib(system.total_memory()), gib(system.available_memory()));
        let _ = write!(text, "\nCPU cores: {}", system.cpus().len());
        let _ = write!(text, "\nMemory: {total:.1} GB total, {free:.1} GB free");
    }
    if let Some((total, free)) = disk_of(cwd) {
        let _ = write!(text, "\nDisk: {:.0} GB total, {:.0} GB free", gib(total), gib(free));
    }
    text
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

/// Finds total and free bytes of the disk that holds `folder`.
#[cfg(unix)]
fn disk_of(folder: &Path) -> Option<(u64, u64)> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some((disk.f_blocks.saturating_mul(disk.f_frsize), disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn disk_of(folder: &Path) -> Option<(u64, u64)> {
    use sysinfo::{DiskRefreshKind, Disks};
    Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage())
        .ok()?
        .iter()
        .filter(|disk| folder.starts_with(disk.mount_point()))
        .max_by_key(|disk| disk.mount_point().components().count())
        .map(|disk| (disk.total_space(), disk.available_space()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fact_has_its_line_and_the_day_its_name() {
        let text = facts(&std::env::temp_dir());
        let starts = ["Date and time: ", "OS: ", "CPU cores: ", "Memory: ", "Disk: "];
        for start in starts {
            assert!(text.lines().any(|line| line.starts_with(start)), "{start} in {text}");
        }
        let day = text.lines().next().unwrap().split(' ').nth(3).unwrap();
        assert!(day.ends_with("day"), "{text}");
        assert!(!text.contains("CPU cores: 0") && !text.contains("Memory: 0.0 GB total"), "{text}");
    }
}

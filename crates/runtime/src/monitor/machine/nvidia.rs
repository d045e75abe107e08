//! NVIDIA's graphics processors, asked through the driver's own program.
//!
//! Loading the driver's library into the runtime would cost more memory than everything else in it.

use std::{
    fs,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use jamey_protocol::monitor::{Gpu, Room};

/// After so long the program is ended.
const PATIENCE: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(20);

/// Asks, if there is one that is awake: asking would wake it.
pub(super) fn ask(root: &Path) -> Vec<Gpu> {
    let cards = fs::read_dir(root.join("proc/driver/nvidia/gpus")).into_iter().flatten().flatten();
    let is_awake = |address: std::ffi::OsString| {
        let status = root.join("sys/bus/pci/devices").join(address).join("power/runtime_status");
        fs::read_to_string(status).map_or(true, |status| status.trim() != "suspended")
    };
    if !cards.map(|card| card.file_name()).any(is_awake) {
        return Vec::new();
    }
    answer().map(|text| text.lines().filter_map(gpu).collect()).unwrap_or_default()
}

fn answer() -> Option<String> {
    let mut child = Command::new("nvidia-smi")
        .args(["--query-gpu=name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"])
        // Our keys are in our environment.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() >= deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(GLANCE);
    }
    let mut text = String::new();
    child.stdout.take()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}

/// One line: name, percent, mebibytes used and in all; `[N/A]` for what it does not know.
fn gpu(line: &str) -> Option<Gpu> {
    let mut parts = line.split(", ").map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_owned();
    let busy_percent = parts.next()?.parse().ok();
    let mut bytes = || Some(parts.next()?.parse::<u64>().ok()? * 1024 * 1024);
    let (used, total) = (bytes(), bytes());
    let memory = used.zip(total).map(|(used_bytes, total_bytes)| Room { total_bytes, used_bytes });
    Some(Gpu { name, busy_percent, memory })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_program_is_read_and_what_it_does_not_know_is_absent() {
        let known = gpu("NVIDIA GeForce RTX 4070, 37, 1024, 12282").unwrap();
        assert_eq!(known.busy_percent, Some(37.0));
        assert_eq!(known.memory.unwrap().used_bytes, 1 << 30);
        let partly = gpu("Tesla, [N/A], [N/A], [N/A]").unwrap();
        assert_eq!((partly.busy_percent, partly.memory), (None, None));
        assert!(gpu("").is_none() && gpu("name alone").is_none());
    }

    #[test]
    fn without_the_driver_no_program_is_started() {
        let root = tempfile::tempdir().unwrap();
        assert!(ask(root.path()).is_empty());
    }
}

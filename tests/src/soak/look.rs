//! What the system tells of a process and of a home's files.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// One look.
#[derive(Clone, Debug)]
pub struct Look {
    /// When.
    pub at: Instant,
    /// Resident memory in bytes.
    pub rss: u64,
    /// The same with shared pages counted in part, where we may know.
    pub pss: Option<u64>,
    /// Open files; where the system hides them, the places kept for them.
    pub files: u64,
    /// Threads.
    pub threads: u64,
    /// Asynchronous tasks, as the runtime tells.
    pub tasks: Option<u64>,
    /// Processes below it.
    pub children: usize,
    /// Bytes of all log files.
    pub log: u64,
    /// Bytes of the database.
    pub db: u64,
    /// Bytes of its log.
    pub wal: u64,
}

/// Looks at the runtime with this process id under this `JAMEY_HOME`.
#[must_use]
pub fn look(pid: u32, home: &Path, tasks: Option<u64>) -> Look {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let data = crate::soak::data_folder(home);
    Look {
        at: Instant::now(),
        rss: status(pid, "VmRSS:").unwrap_or(0) * 1024,
        pss: field(&format!("/proc/{pid}/smaps_rollup"), "Pss:").map(|kib| kib * 1024),
        files: open_files(pid),
        threads: status(pid, "Threads:").unwrap_or(0),
        tasks,
        children: descendants(pid).len(),
        log: below(&home.join("cache/logs")).max(below(&home.join("logs"))),
        db: size(&data.join("jamey.db")),
        wal: size(&data.join("jamey.db-wal")),
    }
}

fn open_files(pid: u32) -> u64 {
    // The runtime hides its own from everybody but root.
    fs::read_dir(format!("/proc/{pid}/fd"))
        .map(|entries| entries.count() as u64)
        .ok()
        .or_else(|| status(pid, "FDSize:"))
        .unwrap_or(0)
}

/// Bytes of all files in a folder.
fn below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .filter(fs::Metadata::is_file)
        .map(|file| file.len())
        .sum()
}

/// All processes that descend from `pid`.
#[must_use]
pub fn descendants(pid: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if let Some(parent) = parent(child) {
            parents.push((child, parent));
        }
    }
    let mut found = vec![pid];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
        at += 1;
    }
    found.split_off(1)
}

/// Who started a process.
#[must_use]
pub fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}

fn status(pid: u32, name: &str) -> Option<u64> {
    field(&format!("/proc/{pid}/status"), name)
}

fn field(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Processor time and wake-ups of all threads of a process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort {
    /// Time on a processor.
    pub cpu: Duration,
    /// How often a thread slept and was woken.
    pub wakeups: u64,
}

/// What a process has done so far.
#[must_use]
pub fn effort(pid: u32) -> Effort {
    let mut sum = Effort::default();
    for thread in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        let file = |name: &str| thread.path().join(name);
        let ran = fs::read_to_string(file("schedstat")).unwrap_or_default();
        let nanos = ran.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
        sum.cpu += Duration::from_nanos(nanos);
        sum.wakeups += field(&file("status").to_string_lossy(), "voluntary_ctxt_switches:").unwrap_or(0);
    }
    sum
}

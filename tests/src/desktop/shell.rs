//! The program `jamey-desktop`, as its process looks from outside.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use super::Screen;
use crate::{Home, bins::bin, wait};

/// A running desktop. When it is dropped, its process is ended.
pub struct Shell {
    child: Child,
}

impl Shell {
    /// Starts it.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(screen: &Screen, home: &Home, arguments: &[&str]) -> Self {
        Self::start_program(screen, home, &bin("jamey-desktop"), arguments)
    }

    /// The same with one that lies elsewhere.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start_program(screen: &Screen, home: &Home, program: &Path, arguments: &[&str]) -> Self {
        let log =
            fs::File::options().create(true).append(true).open(home.path().join("desktop.log")).unwrap();
        let mut command = screen.command(home, &program.display().to_string());
        command.args(arguments).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self { child: command.spawn().unwrap() }
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether this process took its own place anew, to give memory back.
    #[must_use]
    pub fn is_renewed(&self) -> bool {
        is_renewed(self.pid())
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end and gives its exit code, or the number of the signal that ended it, negative.
    ///
    /// # Panics
    /// When it does not end.
    pub fn ended(&mut self) -> i32 {
        let status = wait::until("the end of the desktop", || self.child.try_wait().unwrap());
        status.code().unwrap_or_else(|| -status.signal().unwrap_or(1))
    }

    /// The memory of it and of everything that it started but the runtime, in bytes: shared pages count by their
    /// share.
    #[must_use]
    pub fn memory(&self) -> u64 {
        tree(self.pid()).into_iter().map(pss).sum()
    }

    /// How often it woke up in a second, over `span`.
    #[must_use]
    pub fn wakeups(&self, span: Duration) -> f64 {
        let began = Instant::now();
        let before = switches(self.pid());
        std::thread::sleep(span);
        #[allow(clippy::cast_precision_loss)]
        let woke = switches(self.pid()).saturating_sub(before) as f64;
        woke / began.elapsed().as_secs_f64()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same of a desktop that somebody else started.
#[must_use]
pub fn is_renewed(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("--background"))
}

fn tree(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    for task in tasks {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            let name = fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
            if !name.starts_with("jamey-runtime") {
                all.extend(tree(child));
            }
        }
    }
    all
}

fn pss(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}

/// Voluntary switches of all its threads: each is one wait that ended.
fn switches(pid: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks
        .map(|task| {
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            line.and_then(|line| line.trim().parse::<u64>().ok()).unwrap_or_default()
        })
        .sum()
}

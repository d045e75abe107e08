//! Becoming a fresh process in the same place; Linux only.

use std::{io, os::unix::process::CommandExt as _, process::Command, sync::OnceLock};

use rustix::process::{Pid, WaitOptions};
use tauri::{AppHandle, Manager as _};

use crate::desk::Desk;

/// Says that this process took the place of another one, and whether that had started the runtime.
const RENEWED: &str = "JAMEY_DESKTOP_RENEWED";
const STARTED: &str = "started";
const FOUND: &str = "found";

/// What the process before this one left behind, if there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inherited {
    /// Whether that had started the runtime.
    pub started_runtime: bool,
}

static INHERITED: OnceLock<Option<Inherited>> = OnceLock::new();

/// Reads what was left behind. To be called once, before anything else is opened or started.
pub fn take_over() -> Option<Inherited> {
    *INHERITED.get_or_init(|| {
        let said = std::env::var(RENEWED).ok()?;
        jamey_ipc::launch::close_inherited();
        collect_children();
        Some(Inherited { started_runtime: said == STARTED })
    })
}

/// Replaces this process by a fresh one. Returns only when that fails.
pub fn become_fresh(app: &AppHandle) {
    let started = if app.state::<Desk>().link.has_started() { STARTED } else { FOUND };
    // The next one must be able to take the name; this connection closes only with the process.
    tauri_plugin_single_instance::destroy(app);
    let error = match std::env::current_exe() {
        Ok(program) => Command::new(program).arg("--background").env(RENEWED, started).exec(),
        Err(error) => error,
    };
    eprintln!("jamey-desktop: could not give memory back: {error}");
}

/// Collects the web engine's processes, which end with the one that started them and whose parent we are now.
fn collect_children() {
    for pid in children().unwrap_or_default() {
        std::thread::spawn(move || rustix::process::waitpid(Some(pid), WaitOptions::empty()));
    }
}

fn children() -> io::Result<Vec<Pid>> {
    let mut found = Vec::new();
    for task in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(task?.path().join("children"))?;
        found.extend(text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)));
    }
    Ok(found)
}

//! Becoming a fresh process in the same place; Linux only.

use std::{
    io,
    os::unix::{ffi::OsStrExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::process::{Pid, WaitOptions};
use tauri::{AppHandle, Manager as _};

use crate::{desk::Desk, trouble};

/// Says that this process took the place of another one, and which runtime that had started, if any.
pub const RENEWED: &str = "JAMEY_DESKTOP_RENEWED";
const FOUND: &str = "found";
/// What the kernel writes behind the path of a program whose file is gone, as after an update.
const DELETED: &[u8] = b" (deleted)";

/// A renewal that failed would fail again.
static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// What the process before this one left behind, if there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inherited {
    /// The process id of the runtime that it had started.
    pub started_runtime: Option<u32>,
}

static INHERITED: OnceLock<Option<Inherited>> = OnceLock::new();

/// Reads what was left behind. To be called once, before anything else is opened or started.
pub fn take_over() -> Option<Inherited> {
    *INHERITED.get_or_init(|| {
        let said = std::env::var(RENEWED).ok()?;
        jamey_ipc::launch::close_inherited();
        collect_children();
        Some(Inherited { started_runtime: said.parse().ok() })
    })
}

/// Whether there is a program to become.
#[must_use]
pub fn is_possible() -> bool {
    !HAS_FAILED.load(Ordering::Relaxed) && own_program().is_some()
}

/// Replaces this process by a fresh one. Returns only when that fails; then this one is still the only desktop.
pub fn become_fresh(app: &AppHandle) {
    // Before the name is given up: without a program there is nobody who would take it.
    let Some(program) = own_program() else { return };
    let started = app.state::<Desk>().link.started();
    let started = started.map_or_else(|| FOUND.to_owned(), |pid| pid.to_string());
    // The next one must be able to take the name; this connection closes only with the process.
    tauri_plugin_single_instance::destroy(app);
    let error = Command::new(program).arg("--background").env(RENEWED, started).exec();
    trouble::note(format_args!("could not give memory back: {error}"));
    HAS_FAILED.store(true, Ordering::Relaxed);
    if let Err(error) = app.plugin(crate::shell::single_instance()) {
        trouble::note(format_args!("another start will not find this one: {error}"));
    }
}

/// The file of this program, or of the one that an update put in its place.
#[must_use]
pub fn own_program() -> Option<PathBuf> {
    existing(&std::env::current_exe().ok()?)
}

fn existing(told: &Path) -> Option<PathBuf> {
    if told.is_file() {
        return Some(told.to_owned());
    }
    let kept = told.as_os_str().as_bytes().strip_suffix(DELETED)?;
    let replaced = Path::new(std::ffi::OsStr::from_bytes(kept));
    replaced.is_file().then(|| replaced.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_is_found_and_one_that_is_gone_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let program = temp.path().join("jamey-desktop");
        let deleted = temp.path().join("jamey-desktop (deleted)");
        assert_eq!(existing(&deleted), None);
        std::fs::write(&program, "").unwrap();
        assert_eq!(existing(&program).as_ref(), Some(&program));
        assert_eq!(existing(&deleted).as_ref(), Some(&program));
        // A file that is really called so is meant.
        std::fs::write(&deleted, "").unwrap();
        assert_eq!(existing(&deleted).as_ref(), Some(&deleted));
    }
}

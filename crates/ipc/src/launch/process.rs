//! Ending a runtime that does not answer, by its process id.

#[cfg(target_os = "linux")]
fn is_runtime(pid: u32) -> bool {
    // The name of the program, cut by the system after fifteen letters.
    std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() == "jamey-runtime")
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_runtime(_pid: u32) -> bool {
    true
}

/// Asks it to end, for one whose protocol we do not speak.
#[cfg(unix)]
pub(super) fn terminate(pid: u32) -> bool {
    send(pid, rustix::process::Signal::TERM)
}

/// Ends it without asking.
#[cfg(unix)]
pub(super) fn kill(pid: u32) -> bool {
    send(pid, rustix::process::Signal::KILL)
}

#[cfg(unix)]
fn send(pid: u32, signal: rustix::process::Signal) -> bool {
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    raw.filter(|_| is_runtime(pid)).is_some_and(|pid| rustix::process::kill_process(pid, signal).is_ok())
}

/// There is no asking here, only ending; the next start closes what was open.
#[cfg(windows)]
pub(super) fn terminate(pid: u32) -> bool {
    kill(pid)
}

/// Ends it without asking.
#[cfg(windows)]
pub(super) fn kill(pid: u32) -> bool {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
    let pid = Pid::from_u32(pid);
    let Ok(mut system) = System::new() else { return false };
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    system
        .process(pid)
        .filter(|process| process.name().to_string_lossy().starts_with("jamey-runtime"))
        .is_some_and(sysinfo::Process::kill)
}

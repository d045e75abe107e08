//! Ending a runtime that does not answer, by its process id.
//!
//! A number may be somebody else's by now, so the program behind it is looked at first, where the system
//! tells.

/// The programs that are ended here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// The runtime.
    Runtime,
    /// What starts it again after a crash.
    Keeper,
}

impl Program {
    #[cfg_attr(all(unix, not(target_os = "linux")), expect(dead_code, reason = "no names are read there"))]
    fn name(self) -> &'static str {
        match self {
            Self::Runtime => "jamey-runtime",
            Self::Keeper => "jamey-keeper",
        }
    }
}

/// Whether such a program lives under this number.
#[cfg(target_os = "linux")]
pub(super) fn lives(program: Program, pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| is_alive(program, &stat))
}

/// Reads `NUMBER (NAME) STATE …`. The name is cut by the system after fifteen letters; one that only waits to be
/// buried by its parent does not live.
#[cfg(target_os = "linux")]
fn is_alive(program: Program, stat: &str) -> bool {
    let Some((name, rest)) = stat.rsplit_once(") ") else { return false };
    name.split_once('(').is_some_and(|(_, name)| name == program.name()) && !rest.starts_with(['Z', 'X'])
}

/// Whether anything lives under this number.
#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn lives(_program: Program, pid: u32) -> bool {
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    raw.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

/// Asks it to end, for one whose protocol we do not speak.
#[cfg(unix)]
pub(super) fn terminate(pid: u32) -> bool {
    send(Program::Runtime, pid, rustix::process::Signal::TERM)
}

/// Ends it without asking.
#[cfg(unix)]
pub(super) fn kill(program: Program, pid: u32) -> bool {
    send(program, pid, rustix::process::Signal::KILL)
}

#[cfg(unix)]
fn send(program: Program, pid: u32, signal: rustix::process::Signal) -> bool {
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    raw.filter(|_| lives(program, pid)).is_some_and(|pid| rustix::process::kill_process(pid, signal).is_ok())
}

/// There is no asking here, only ending; the next start closes what was open.
#[cfg(windows)]
pub(super) fn terminate(pid: u32) -> bool {
    kill(Program::Runtime, pid)
}

/// Ends it without asking.
#[cfg(windows)]
pub(super) fn kill(program: Program, pid: u32) -> bool {
    with(program, pid, sysinfo::Process::kill)
}

/// Whether such a program lives under this number.
#[cfg(windows)]
pub(super) fn lives(program: Program, pid: u32) -> bool {
    with(program, pid, |_| true)
}

#[cfg(windows)]
fn with(program: Program, pid: u32, act: impl FnOnce(&sysinfo::Process) -> bool) -> bool {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
    let pid = Pid::from_u32(pid);
    let Ok(mut system) = System::new() else { return false };
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    system
        .process(pid)
        .filter(|process| process.name().to_string_lossy().starts_with(program.name()))
        .is_some_and(act)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_living_program_of_that_name_lives() {
        assert!(is_alive(Program::Runtime, "12 (jamey-runtime) S 1 12"));
        assert!(!is_alive(Program::Runtime, "12 (jamey-runtime) Z 1 12"));
        assert!(!is_alive(Program::Runtime, "12 (jamey-keeper) S 1 12"));
        assert!(!is_alive(Program::Runtime, "12 (jamey-runtime) x) S 1 12"));
        assert!(!is_alive(Program::Runtime, ""));
    }
}

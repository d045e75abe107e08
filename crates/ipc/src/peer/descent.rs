//! Walks from a process up to the first one, in search of us, and on Linux of the mark that every command
//! of our tools carries.
//!
//! On Linux children of tools that double fork stay below us, since tools run under a guard that adopts
//! orphans; on Windows one whose parent has ended cannot be told from a stranger. A process that was
//! made before us, or by anybody else, never has us above it.

#[cfg(target_os = "linux")]
use std::fs;
use std::io;

use std::path::Path;

use super::Refusal;
#[cfg(target_os = "linux")]
use super::TOOL_OF;

/// More generations than any real process has.
const DEEPEST: u32 = 1024;
/// How often the walk begins again when an ancestor ends under our eyes.
const TRIES: u32 = 3;

pub(super) fn refuse_descendant(peer: Option<u32>, us: u32, door: &Path) -> Result<(), Refusal> {
    let Some(peer) = peer.filter(|pid| *pid != 0) else {
        return Err(Refusal::Unknown("it lives in another process namespace".to_owned()));
    };
    // A client inside our own process (a test, an embedding) is no tool.
    if peer == us {
        return Ok(());
    }
    let mut last = String::new();
    for _ in 0..TRIES {
        match parents().and_then(|parent| descends(peer, us, &parent, &|pid| is_marked(pid, door))) {
            Ok(true) => return Err(Refusal::Descendant),
            Ok(false) => return Ok(()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(Refusal::Unknown(last))
}

fn descends(
    peer: u32,
    us: u32,
    parent: &dyn Fn(u32) -> io::Result<u32>,
    is_marked: &dyn Fn(u32) -> bool,
) -> io::Result<bool> {
    let mut pid = peer;
    for _ in 0..DEEPEST {
        if is_marked(pid) {
            return Ok(true);
        }
        pid = parent(pid)?;
        if pid == us {
            return Ok(true);
        }
        if pid <= 1 {
            return Ok(false);
        }
    }
    Err(io::Error::other("its ancestors have no end"))
}

/// Whether a process was started with the mark of our tools in its environment. That finds what has left our
/// tree, and took its environment along: an `at` job, or an orphan of a guard that was killed. One whose
/// environment cannot be read is no tool for that: the walk decides.
#[cfg(target_os = "linux")]
fn is_marked(pid: u32, door: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    let Ok(all) = fs::read(format!("/proc/{pid}/environ")) else { return false };
    let mut values = all.split(|byte| *byte == 0).filter_map(|entry| entry.strip_prefix(TOOL_OF.as_bytes()));
    values.any(|value| value.strip_prefix(b"=") == Some(door.as_os_str().as_bytes()))
}

/// The environment of another process cannot be read here.
#[cfg(windows)]
fn is_marked(_pid: u32, _door: &Path) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn parents() -> io::Result<impl Fn(u32) -> io::Result<u32>> {
    Ok(parent)
}

/// All processes as they are now. The number of a parent that has ended may be somebody else's by now,
/// who then began later than the child.
#[cfg(windows)]
fn parents() -> io::Result<impl Fn(u32) -> io::Result<u32>> {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
    let mut system = System::new().map_err(io::Error::other)?;
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, ProcessRefreshKind::nothing());
    Ok(move |pid| {
        let child = system.process(Pid::from_u32(pid)).ok_or(io::ErrorKind::NotFound)?;
        let parent = child.parent().and_then(|parent| system.process(parent));
        let older = parent.filter(|parent| parent.start_time() <= child.start_time());
        Ok(older.map_or(0, |parent| parent.pid().as_u32()))
    })
}

#[cfg(target_os = "linux")]
fn parent(pid: u32) -> io::Result<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_parent(&stat).ok_or_else(|| io::Error::other(format!("/proc/{pid}/stat is not understood")))
}

/// The name in parentheses may hold anything, parentheses too; state and parent follow the last one.
#[cfg(target_os = "linux")]
fn parse_parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    use proptest::prelude::*;

    use super::*;

    /// 1 > 10 (us) > 20 > 30; 1 > 40 > 50; 0 > 1; 60 has gone.
    fn family(pid: u32) -> io::Result<u32> {
        match pid {
            30 => Ok(20),
            20 => Ok(10),
            10 | 40 => Ok(1),
            50 => Ok(40),
            70 => Ok(70),
            1 => Ok(0),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn door() -> &'static Path {
        Path::new("/run/user/1/jamey/runtime.sock")
    }

    #[test]
    fn whoever_stands_below_a_marked_process_descends_whatever_its_parents_are() {
        for (peer, marked, answer) in [(50, 50, true), (50, 40, true), (40, 50, false), (50, 10, false)] {
            assert_eq!(descends(peer, 99, &family, &|pid| pid == marked).unwrap(), answer, "{peer} {marked}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_real_orphan_that_kept_its_environment_descends_from_its_own_runtime_alone() {
        let mut shell = std::process::Command::new("setsid")
            // It tells its own number once it runs: before that, between two programs, it has no environment.
            .args(["sh", "-c", "sh -c 'echo $$; sleep 30; :' &"])
            .env(TOOL_OF, door())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        io::BufRead::read_line(&mut io::BufReader::new(shell.stdout.take().unwrap()), &mut said).unwrap();
        shell.wait().unwrap();
        let orphan: u32 = said.trim().parse().unwrap();
        // Its parents have ended: nothing but what it carries tells where it comes from.
        let us = u32::MAX - 3;
        assert_eq!(refuse_descendant(Some(orphan), us, door()), Err(Refusal::Descendant));
        assert_eq!(refuse_descendant(Some(orphan), us, Path::new("/another/runtime.sock")), Ok(()));
        // With its own child, by the group that `setsid` made.
        let group = format!("-{}", shell.id());
        assert!(std::process::Command::new("kill").args(["--", &group]).status().unwrap().success());
    }

    #[test]
    fn children_and_grandchildren_descend_and_strangers_and_ancestors_do_not() {
        for (peer, answer) in [(20, true), (30, true), (50, false), (1, false), (40, false)] {
            assert_eq!(descends(peer, 10, &family, &|_| false).unwrap(), answer, "{peer}");
        }
    }

    #[test]
    fn a_peer_that_is_gone_or_without_beginning_is_not_let_in() {
        assert!(descends(60, 10, &family, &|_| false).is_err());
        assert!(descends(70, 10, &family, &|_| false).is_err());
        assert!(matches!(refuse_descendant(None, 10, door()), Err(Refusal::Unknown(_))));
        assert!(matches!(refuse_descendant(Some(0), 10, door()), Err(Refusal::Unknown(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_real_child_is_a_descendant_even_below_a_shell() {
        let mut shell = std::process::Command::new("sh")
            .args(["-c", "sleep 30 & echo $!; wait"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        io::BufRead::read_line(&mut io::BufReader::new(shell.stdout.take().unwrap()), &mut line).unwrap();
        let grandchild = line.trim().parse().unwrap();
        let us = std::process::id();
        assert_eq!(refuse_descendant(Some(shell.id()), us, door()), Err(Refusal::Descendant));
        assert_eq!(refuse_descendant(Some(grandchild), us, door()), Err(Refusal::Descendant));
        assert_eq!(refuse_descendant(Some(us), us, door()), Ok(()));
        assert_eq!(refuse_descendant(Some(std::os::unix::process::parent_id()), us, door()), Ok(()));
        let ended = std::process::Command::new("kill").arg(line.trim()).status().unwrap();
        assert!(ended.success());
        shell.wait().unwrap();
    }

    #[cfg(windows)]
    #[test]
    fn a_real_child_is_a_descendant_and_we_ourselves_are_none() {
        let mut child = std::process::Command::new("cmd.exe")
            .args(["/d", "/c", "pause"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let us = std::process::id();
        assert_eq!(refuse_descendant(Some(child.id()), us, door()), Err(Refusal::Descendant));
        assert_eq!(refuse_descendant(Some(us), us, door()), Ok(()));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[cfg(target_os = "linux")]
    proptest! {
        #[test]
        fn the_parent_is_found_behind_any_name(name in "\\PC{0,30}", parent in any::<u32>()) {
            prop_assert_eq!(parse_parent(&format!("7 ({name}) S {parent} 7 7 0 -1")), Some(parent));
        }

        #[test]
        fn any_text_is_parsed_without_panic(text in "\\PC{0,60}") {
            let _ = parse_parent(&text);
        }
    }
}

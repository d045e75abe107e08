//! Finds and ends whole trees of processes, by what `/proc` tells.
//!
//! A process that forks faster than we look is stopped first and killed once nothing new appears: a
//! stopped one makes no more.

use std::{collections::HashMap, collections::HashSet, fs, process};

use rustix::process::{Pid, Signal, kill_process};

/// How often a tree is looked at again because something new appeared.
const ROUNDS: usize = 64;

/// Lists the living processes below this one.
pub(super) fn descendants() -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<(i32, bool)>> = HashMap::new();
    for pid in pids() {
        if let Some((parent, alive)) = stat(pid) {
            children.entry(parent).or_default().push((pid, alive));
        }
    }
    let mut ahead = vec![i32::try_from(process::id()).unwrap_or_default()];
    let mut found = Vec::new();
    while let Some(parent) = ahead.pop() {
        // Taken out, so that a circle of numbers used twice cannot hold us.
        for (pid, alive) in children.remove(&parent).unwrap_or_default() {
            ahead.push(pid);
            found.extend(Pid::from_raw(pid).filter(|_| alive));
        }
    }
    found
}

/// Stops and then kills everything that `find` finds, until it finds nothing new. Those that have just
/// been killed may still be dying.
pub(super) fn kill_all(find: impl Fn() -> Vec<Pid>) {
    let mut stopped = HashSet::new();
    for _ in 0..ROUNDS {
        let new: Vec<_> = find().into_iter().filter(|pid| stopped.insert(*pid)).collect();
        if new.is_empty() {
            break;
        }
        signal_all(&new, Signal::STOP);
    }
    signal_all(&stopped.into_iter().collect::<Vec<_>>(), Signal::KILL);
}

/// Sends `signal` to each; one that is gone or not ours is passed over.
pub(super) fn signal_all(pids: &[Pid], signal: Signal) {
    for pid in pids {
        let _ = kill_process(*pid, signal);
    }
}

/// Kills every process that has `entry` (`NAME=value`) in the environment it was started with. For when
/// a guard was killed: what it had watched has no other tie to us.
pub(super) fn end_marked(entry: &str) {
    kill_all(|| pids().filter(|pid| marked(*pid, entry.as_bytes())).filter_map(Pid::from_raw).collect());
}

fn marked(pid: i32, entry: &[u8]) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == entry))
}

fn pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Reads the parent of a process, and whether it lives (a zombie does not).
fn stat(pid: i32) -> Option<(i32, bool)> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in brackets is chosen by the program and can hold anything, so what counts is after the
/// last bracket.
fn parse_stat(stat: &[u8]) -> Option<(i32, bool)> {
    let after = &stat[stat.iter().rposition(|byte| *byte == b')')? + 1..];
    let mut fields = std::str::from_utf8(after).ok()?.split_ascii_whitespace();
    let alive = !matches!(fields.next()?, "Z" | "X" | "x");
    Some((fields.next()?.parse().ok()?, alive))
}

#[cfg(test)]
mod tests {
    use super::parse_stat;

    #[test]
    fn a_program_cannot_lie_about_its_parent_by_its_name() {
        assert_eq!(parse_stat(b"12 (sh) S 7 12 12"), Some((7, true)));
        assert_eq!(parse_stat(b"12 (a) S 1 (b) Z 7 12"), Some((7, false)));
        assert_eq!(parse_stat(b"12 (\xFF\n) R 9 1"), Some((9, true)));
        assert_eq!(parse_stat(b""), None);
        assert_eq!(parse_stat(b"12 (sh)"), None);
    }
}

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
    below().filter_map(|(pid, stat)| Pid::from_raw(pid).filter(|_| stat.alive)).collect()
}

/// Tells whether a process below this one, dead or alive, is in the process group `group`. As long as
/// that is so, the number of the group cannot be anybody else's.
pub(super) fn in_group(group: Pid) -> bool {
    below().any(|(_, stat)| stat.group == group.as_raw_pid())
}

fn below() -> impl Iterator<Item = (i32, Stat)> {
    let mut children: HashMap<i32, Vec<(i32, Stat)>> = HashMap::new();
    for pid in pids() {
        if let Some(stat) = stat(pid) {
            children.entry(stat.parent).or_default().push((pid, stat));
        }
    }
    let mut ahead = vec![i32::try_from(process::id()).unwrap_or_default()];
    let mut found = Vec::new();
    while let Some(parent) = ahead.pop() {
        // Taken out, so that a circle of numbers used twice cannot hold us.
        let own = children.remove(&parent).unwrap_or_default();
        ahead.extend(own.iter().map(|(pid, _)| *pid));
        found.extend(own);
    }
    found.into_iter()
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

/// What the system tells of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: i32,
    group: i32,
    /// A zombie does not live.
    alive: bool,
}

fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in brackets is chosen by the program and can hold anything, so what counts is after the
/// last bracket.
fn parse_stat(stat: &[u8]) -> Option<Stat> {
    let after = &stat[stat.iter().rposition(|byte| *byte == b')')? + 1..];
    let mut fields = std::str::from_utf8(after).ok()?.split_ascii_whitespace();
    let alive = !matches!(fields.next()?, "Z" | "X" | "x");
    Some(Stat { parent: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()?, alive })
}

#[cfg(test)]
mod tests {
    use super::{Stat, parse_stat};

    #[test]
    fn a_program_cannot_lie_about_its_parent_by_its_name() {
        let is = |parent, group, alive| Some(Stat { parent, group, alive });
        assert_eq!(parse_stat(b"12 (sh) S 7 11 12"), is(7, 11, true));
        assert_eq!(parse_stat(b"12 (a) S 1 (b) Z 7 12"), is(7, 12, false));
        assert_eq!(parse_stat(b"12 (\xFF\n) R 9 1"), is(9, 1, true));
        assert_eq!(parse_stat(b""), None);
        assert_eq!(parse_stat(b"12 (sh)"), None);
    }
}

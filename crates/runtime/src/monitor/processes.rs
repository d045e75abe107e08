//! What the runtime and everything that it started take of the machine.
//!
//! Only processes of ours are looked at, by their ids.

use std::collections::HashMap;

use jamey_protocol::monitor::Share;

/// More than so many are not followed.
#[cfg(target_os = "linux")]
const MOST: usize = 256;

/// What one process has taken so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    /// Tells it from a later one of the same id.
    started: u64,
    /// Processor time, in milliseconds.
    cpu_ms: u64,
    memory_bytes: u64,
}

/// What was seen at one look.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The runtime.
    pub(super) own: Share,
    /// Everything that it started, together.
    pub(super) children: Share,
    /// Each of those that the caller knew.
    pub(super) known: Vec<(u32, Share)>,
}

/// The runtime and what it started.
#[derive(Debug, Default)]
pub(super) struct Processes {
    before: HashMap<u32, Taken>,
}

impl Processes {
    /// Looks at the runtime and its children; `known` are those that must be told one by one, and
    /// `elapsed_ms` is the time since the look before.
    pub(super) fn look(
        &mut self,
        known: &[u32],
        elapsed_ms: u64,
        is_watched: bool,
        system: &mut sysinfo::System,
    ) -> Seen {
        let us = std::process::id();
        let mut now = taken(us, known, is_watched, system);
        let share = |pid: u32, it: &Taken| Share {
            processes: 1,
            cpu_percent: self.cpu(pid, it, elapsed_ms),
            memory_bytes: it.memory_bytes,
        };
        let own = now.get(&us).map(|it| share(us, it)).unwrap_or_default();
        let all: Vec<(u32, Share)> =
            now.iter().filter(|(pid, _)| **pid != us).map(|(pid, it)| (*pid, share(*pid, it))).collect();
        let mut children = Share::default();
        for (_, one) in &all {
            children.processes += 1;
            children.memory_bytes += one.memory_bytes;
            if let Some(cpu) = one.cpu_percent {
                children.cpu_percent = Some(children.cpu_percent.unwrap_or(0.0) + cpu);
            }
        }
        std::mem::swap(&mut self.before, &mut now);
        Seen { own, children, known: all.into_iter().filter(|(pid, _)| known.contains(pid)).collect() }
    }

    /// Processor time since the look before; nothing at the first look.
    fn cpu(&self, pid: u32, now: &Taken, elapsed_ms: u64) -> Option<f32> {
        let before = match self.before.get(&pid) {
            Some(before) if before.started == now.started => before.cpu_ms,
            // It began since.
            _ if !self.before.is_empty() => 0,
            _ => return None,
        };
        let spent = now.cpu_ms.saturating_sub(before);
        (elapsed_ms > 0).then(|| spent as f32 / elapsed_ms as f32 * 100.0)
    }
}

#[cfg(target_os = "linux")]
fn taken(us: u32, known: &[u32], is_watched: bool, _system: &mut sysinfo::System) -> HashMap<u32, Taken> {
    let mut found = HashMap::new();
    let mut waiting = vec![us];
    waiting.extend_from_slice(known);
    let mut table = None;
    while let Some(pid) = waiting.pop() {
        if found.len() >= MOST || found.contains_key(&pid) {
            continue;
        }
        let Some(taken) = proc::taken(pid) else { continue };
        found.insert(pid, taken);
        match proc::children(pid) {
            Some(children) => waiting.extend(children),
            // The kernel was built without that list. Going through all processes is for those who watch.
            None if is_watched => {
                let table = table.get_or_insert_with(proc::parents);
                waiting.extend(table.iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| *child));
            }
            None => {}
        }
    }
    found
}

#[cfg(not(target_os = "linux"))]
fn taken(us: u32, known: &[u32], _is_watched: bool, system: &mut sysinfo::System) -> HashMap<u32, Taken> {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate};
    let pids: Vec<Pid> = std::iter::once(us).chain(known.iter().copied()).map(Pid::from_u32).collect();
    let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), true, what);
    pids.iter()
        .filter_map(|pid| {
            let process = system.process(*pid)?;
            Some((
                pid.as_u32(),
                Taken {
                    started: process.start_time(),
                    cpu_ms: process.accumulated_cpu_time(),
                    memory_bytes: process.memory(),
                },
            ))
        })
        .collect()
}

#[cfg(target_os = "linux")]
mod proc {
    //! `/proc`, one process at a time.

    use std::fs;

    use super::Taken;

    pub(super) fn taken(pid: u32) -> Option<Taken> {
        read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Reads what follows the name, which may hold anything.
    fn read(stat: &str) -> Option<Taken> {
        let fields: Vec<u64> = after_name(stat)?.map(|field| field.parse().unwrap_or(0)).collect();
        let ticks = fields.get(11)? + fields.get(12)?;
        let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
        Some(Taken {
            started: *fields.get(19)?,
            cpu_ms: ticks * 1000 / rustix::param::clock_ticks_per_second().max(1),
            memory_bytes: fields.get(21)? * page,
        })
    }

    fn after_name(stat: &str) -> Option<impl Iterator<Item = &str>> {
        Some(stat.rsplit_once(')')?.1.split_whitespace())
    }

    /// The children of all threads of a process; none where the kernel does not keep that list.
    pub(super) fn children(pid: u32) -> Option<Vec<u32>> {
        let mut children = Vec::new();
        for task in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
            match fs::read_to_string(task.path().join("children")) {
                Ok(list) => {
                    children.extend(list.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
                }
                // A thread may end in between.
                Err(_) if !task.path().exists() => {}
                Err(_) => return None,
            }
        }
        Some(children)
    }

    /// All processes with their parents.
    pub(super) fn parents() -> Vec<(u32, u32)> {
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        all.filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((pid, after_name(&stat)?.nth(1)?.parse().ok()?))
        })
        .collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_process_whose_name_holds_brackets_is_read() {
            let mut stat = "7 (a) b (c)) S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 1 0 4242 9 25 0".to_owned();
            stat.push_str(&" 0".repeat(30));
            let taken = read(&stat).unwrap();
            let page = u64::try_from(rustix::param::page_size()).unwrap();
            assert_eq!((taken.started, taken.memory_bytes), (4242, 25 * page));
            assert!(taken.cpu_ms > 0);
            assert!(read("7 (x) S 1").is_none() && read("").is_none());
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn our_own_part_and_that_of_a_child_are_told_apart() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mut system = sysinfo::System::new().unwrap();
        let mut processes = Processes::default();
        let first = processes.look(&[child.id()], 0, true, &mut system);
        assert!(first.own.memory_bytes > 0 && first.own.cpu_percent.is_none(), "{first:?}");
        assert_eq!(first.known.len(), 1, "{first:?}");
        let second = processes.look(&[child.id()], 1000, true, &mut system);
        assert!(second.own.cpu_percent.is_some(), "{second:?}");
        assert!(second.children.processes >= 1, "{second:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(processes.look(&[child.id()], 1000, true, &mut system).known.is_empty());
    }
}

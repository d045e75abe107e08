//! A hundred lives of the runtime, each ended in another way while turns run: there is always one
//! runtime, nothing that was told is lost, nothing is left behind, and it is quick to begin and to end.
#![cfg(target_os = "linux")]

use std::{
    collections::HashMap,
    fs, thread,
    time::{Duration, Instant},
};

use jamey_protocol::SessionId;
use jamey_tests::{
    Door, Fake, Home, Reply, Runtime, Seen,
    runtime::{is_alive, signal},
    seed::Chance,
    wait,
};
use rustix::process::Signal;
use serde_json::json;

const CYCLES: usize = 100;
/// What was promised: from the start of the process to an answer at its socket, and from the wish to the end.
const READY: Duration = Duration::from_millis(300);
const ENDED: Duration = Duration::from_secs(3);

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Asked,
    AtOnce,
    Terminated,
    Killed,
}

const ENDS: [End; 4] = [End::Asked, End::Killed, End::Terminated, End::AtOnce];

/// One session streams words, the other runs a command that would go on for long, with a child of its own.
fn endless(seen: &Seen) -> Reply {
    if seen.prompt().starts_with("run") && seen.outputs().is_empty() {
        return Reply::call("shell_exec", &json!({"command": "sleep 1000 & setsid sleep 1001 & sleep 1002"}));
    }
    let mut reply = Reply::stream();
    for word in 0..2_000 {
        reply = reply.delta(&format!("w{word} ")).pause(Duration::from_millis(5));
    }
    reply.stop()
}

/// The runtimes of this home, without the guards of their commands.
fn runtimes(home: &Home) -> Vec<u32> {
    let is_runtime = |line: &str| line.contains("jamey-runtime") && line.contains(" start ");
    home.processes().into_iter().filter(|(_, line)| is_runtime(line)).map(|(pid, _)| pid).collect()
}

/// Holds what is kept to what was told before, and returns it.
fn check(door: &Door, session: SessionId, told: &[String]) -> Vec<String> {
    let lines = door.history(session);
    assert!(lines.len() >= told.len(), "{} events were told, {} are kept", told.len(), lines.len());
    assert_eq!(lines[..told.len()], *told, "events that were told have changed");
    let (mut started, mut ended) = (0, 0);
    for (at, line) in lines.iter().enumerate() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["seq"], at as u64 + 1, "a gap or a double");
        started += usize::from(event["body"]["type"] == "turnStarted");
        ended += usize::from(event["body"]["type"] == "turnEnded");
    }
    assert_eq!(started, ended, "a turn stays open");
    lines
}

#[test]
fn a_hundred_lives_leave_one_runtime_no_orphan_and_no_gap() {
    let mut chance = Chance::from_environment();
    let fake = Fake::new(endless);
    let home = Home::with(&fake);
    let first = Runtime::start(&home);
    let sessions: Vec<SessionId> =
        (0..2).map(|_| first.door().new_session(&home.work(), json!({"mode": "full"}))).collect();
    first.stop();
    let mut told: HashMap<SessionId, Vec<String>> = HashMap::new();
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    for cycle in 0..CYCLES {
        let how = ENDS[cycle % ENDS.len()];
        let runtime = Runtime::start(&home);
        starts.push(runtime.started_in);
        let (door, pid) = (runtime.door(), runtime.pid());
        assert_eq!(runtimes(&home), [pid], "cycle {cycle}");
        for session in &sessions {
            let lines = check(&door, *session, told.get(session).map_or(&[][..], Vec::as_slice));
            told.insert(*session, lines);
        }
        let watchers: Vec<_> = sessions
            .iter()
            .map(|session| {
                let mut stream = door.events(*session, told[session].len() as u64);
                thread::spawn(move || {
                    let mut lines = Vec::new();
                    while let Some((seq, text)) = stream.next_raw() {
                        lines.extend(seq.map(|_| text));
                    }
                    lines
                })
            })
            .collect();
        door.say(sessions[0], "speak");
        door.say(sessions[1], "run");
        thread::sleep(Duration::from_millis(chance.below(150)));
        let began = Instant::now();
        match how {
            End::Asked => drop(home.jamey(&["runtime", "stop"]).exits(0)),
            End::AtOnce => drop(home.jamey(&["runtime", "stop", "--now"]).exits(0)),
            End::Terminated => signal(pid, Signal::TERM),
            End::Killed => signal(pid, Signal::KILL),
        }
        wait::until("the runtime's end", || (!is_alive(pid)).then_some(()));
        if how == End::Killed {
            wait::until("the orphans' end", || home.processes().is_empty().then_some(()));
        }
        ends.push((began.elapsed(), how));
        drop(runtime);
        assert_eq!(home.processes(), [], "cycle {cycle} ({how:?}) left something");
        for (session, watcher) in sessions.iter().zip(watchers) {
            told.get_mut(session).unwrap().extend(watcher.join().unwrap());
        }
    }
    let last = Runtime::start(&home);
    for session in &sessions {
        let _ = check(&last.door(), *session, &told[session]);
    }
    let kept: usize = told.values().map(Vec::len).sum();
    last.stop();
    assert!(fs::read_dir(home.jamey_home().join("data/quarantine")).is_err(), "a database was put aside");
    starts.sort_unstable();
    ends.sort_unstable_by_key(|(took, _)| *took);
    let (slowest, how) = ends[CYCLES - 1];
    println!(
        "{CYCLES} lives, {kept} events kept; ready: median {:?}, worst {:?}; ended: median {:?}, worst {slowest:?} ({how:?})",
        starts[CYCLES / 2],
        starts[CYCLES - 1],
        ends[CYCLES / 2].0,
    );
    // One life may meet a machine that is busy with something else; most of them may not.
    assert!(ends[CYCLES / 2].0 <= ENDED, "most ends took {:?} and more", ends[CYCLES / 2].0);
    assert!(starts[CYCLES / 2] <= READY, "most starts took {:?} and more", starts[CYCLES / 2]);
}

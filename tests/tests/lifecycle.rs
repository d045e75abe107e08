//! Starting, ending and restarting the runtime, as people, signals and other versions do it.
#![cfg(unix)]

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    process::Command,
    time::{Duration, Instant},
};

use jamey_tests::{Fake, Gate, Home, Ran, Reply, Runtime, process, runtime::signal, wait};
use rustix::process::Signal;
use serde_json::json;

/// Somebody who is not root.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[track_caller]
fn status(home: &Home) -> serde_json::Value {
    home.jamey(&["runtime", "status", "--json"]).exits(0).json()
}

/// A scripted model that waits at the gate when it is told to.
fn gated() -> (Gate, Fake) {
    let gate = Gate::new();
    let held = gate.clone();
    let fake = Fake::new(move |seen| match seen.prompt() {
        "wait" => Reply::stream().words("begun ").gate(&held).words("and finished").stop(),
        other => Reply::text(&format!("an answer to {other}")),
    });
    (gate, fake)
}

#[test]
fn stopping_when_none_runs_is_done_already() {
    let home = Home::new();
    for (program, words) in [
        ("jamey", &["runtime", "stop"][..]),
        ("jamey-runtime", &["stop"]),
        ("jamey-runtime", &["stop", "--now"]),
    ] {
        let ran = process::run(home.command(program).args(words), b"").exits(0);
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains("no runtime is running"), "{ran:?}");
    }
    assert_eq!(home.jamey(&["runtime", "stop", "--json"]).exits(0).json(), json!({"running": false}));
}

#[test]
fn a_restart_lets_turns_finish_and_keeps_how_the_runtime_was_started() {
    let (gate, fake) = gated();
    let home = Home::with(&fake);
    let port = free_port();
    let start = ["runtime", "start", "--port", &port.to_string()];
    let _ = home.jamey(&start).exits(0);
    let before = status(&home);
    let door = jamey_tests::Door::new(&home.jamey_home().join("run/runtime.sock"));
    let session = door.new_session(&home.work(), json!({}));
    let mut events = door.events(session, 0);
    door.say(session, "wait");
    gate.reached(1);
    let restart = home.spawn(&["runtime", "restart", "--grace", "60"]);
    restart.expect_stderr("a running turn to finish");
    let refused = wait::until("new turns to be refused", || {
        let op = json!({"opId": jamey_protocol::OpId::new(), "op": {"type": "start_turn", "text": "more"}});
        let other = door.new_session(&home.work(), json!({}));
        let answer = door.post(&format!("/v1/sessions/{other}/ops"), &op);
        (answer.status == 503).then(|| answer.json())
    });
    assert_eq!((&refused["code"], &refused["retryable"]), (&json!("shutting_down"), &json!(true)));
    gate.open();
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    let _ = restart.wait().exits(0);
    let after = status(&home);
    assert_ne!(before["pid"], after["pid"]);
    assert_eq!(before["listening"], after["listening"]);
    assert!(after["listening"].to_string().contains(&format!("http://127.0.0.1:{port}")), "{after}");
    // And what is asked for anew counts.
    let _ = home.jamey(&["runtime", "restart", "--no-tcp"]).exits(0);
    assert!(!status(&home)["listening"].to_string().contains("http://"));
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    assert_eq!(home.processes(), []);
}

#[test]
fn a_turn_that_does_not_finish_is_handed_over_and_goes_on_with_the_next_message() {
    let (gate, fake) = gated();
    let home = Home::with(&fake);
    let _ = home.jamey(&["runtime", "start"]).exits(0);
    let door = jamey_tests::Door::new(&home.jamey_home().join("run/runtime.sock"));
    let session = door.new_session(&home.work(), json!({}));
    door.say(session, "wait");
    gate.reached(1);
    let _ = home.jamey(&["runtime", "restart", "--grace", "0"]).exits(0);
    gate.open();
    let history = door.history(session).join("\n");
    assert!(history.contains("the runtime was restarted; send a message to go on"), "{history}");
    assert!(history.contains("begun "), "what was said is kept: {history}");
    let mut events = door.events(session, door.history(session).len() as u64);
    door.say(session, "and now?");
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
}

#[test]
fn a_restart_with_a_port_that_is_taken_leaves_the_runtime_as_it_was() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let _ = home.jamey(&["runtime", "start"]).exits(0);
    let ran = home.jamey(&["runtime", "restart", "--port", &port]).exits(78);
    assert!(ran.stderr.contains("is in use by"), "{}", ran.stderr);
    assert!(ran.stderr.contains("runs again as it did before"), "{}", ran.stderr);
    assert!(status(&home)["pid"].is_u64());
}

#[test]
fn a_restart_when_none_runs_starts_one() {
    let home = Home::new();
    let ran = home.jamey(&["runtime", "restart"]).exits(0);
    assert!(ran.stderr.contains("no runtime ran"), "{ran:?}");
    assert!(status(&home)["pid"].is_u64());
}

#[test]
fn a_hang_up_reads_the_configuration_again_and_ends_nothing() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let log = home.jamey_home().join("cache/logs/runtime.log");
    let times =
        || fs::read_to_string(&log).unwrap_or_default().matches("was read again, as a signal").count();
    signal(runtime.pid(), Signal::HUP);
    wait::until("the first reload", || (times() == 1).then_some(()));
    let file = home.jamey_home().join("config/runtime.toml");
    fs::write(&file, "[limits]\nmax_turns = 7\n").unwrap();
    signal(runtime.pid(), Signal::HUP);
    wait::until("the second reload", || (times() == 2).then_some(()));
    let value = home.jamey(&["config", "get", "limits.max_turns"]).exits(0);
    assert_eq!(value.stdout.trim(), "7", "{value:?}");
    assert_eq!(status(&home)["pid"], runtime.pid());
    runtime.stop();
}

#[test]
fn a_command_waits_for_a_runtime_that_prepares_a_large_database_and_says_so() {
    let home = Home::new();
    let run = home.jamey_home().join("run");
    let _ = home.jamey(&["runtime", "start"]).exits(0);
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    // We are the runtime that lives and does not answer yet.
    let lock = fs::File::options().write(true).open(run.join("runtime.lock")).unwrap();
    lock.try_lock().unwrap();
    fs::write(run.join("preparing"), "").unwrap();
    let waits = home.spawn(&["sessions", "list"]);
    waits.expect_stderr("the runtime prepares its database");
    drop(lock);
    let ran = waits.end().exits(0);
    assert_eq!(ran.stderr.matches("prepares its database").count(), 1, "{ran:?}");
}

#[test]
fn a_runtime_that_hangs_is_ended_at_once_when_that_is_asked() {
    let home = Home::new();
    let _ = home.jamey(&["runtime", "start"]).exits(0);
    let pid = u32::try_from(status(&home)["pid"].as_u64().unwrap()).unwrap();
    signal(pid, Signal::STOP);
    let patient = home.jamey(&["runtime", "stop"]);
    assert_ne!(patient.code, 0);
    assert!(patient.stderr.contains("jamey runtime stop --now"), "{patient:?}");
    let _ = home.jamey(&["runtime", "stop", "--now"]).exits(0);
    assert!(!jamey_tests::runtime::is_alive(pid));
    let again = home.jamey(&["runtime", "start"]).exits(0);
    assert!(again.stderr.contains("is running"), "{again:?}");
}

#[test]
fn ending_at_once_waits_for_no_turn_and_loses_nothing() {
    let (gate, fake) = gated();
    let home = Home::with(&fake);
    let _ = home.jamey(&["runtime", "start"]).exits(0);
    let door = jamey_tests::Door::new(&home.jamey_home().join("run/runtime.sock"));
    let session = door.new_session(&home.work(), json!({}));
    door.say(session, "wait");
    gate.reached(1);
    let ran = home.jamey(&["runtime", "stop", "--now"]).exits(0);
    println!("ended in {:?}", ran.took);
    assert_eq!(home.processes(), []);
    gate.open();
    let _runtime = Runtime::start(&home);
    let history = door.history(session).join("\n");
    assert!(history.contains("\"interrupted\"") && history.contains("begun "), "{history}");
}

#[test]
fn a_port_in_use_is_told_with_its_owner_and_another_one() {
    let home = Home::new();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    for (program, words) in [
        ("jamey", &["runtime", "start", "--port", &port][..]),
        ("jamey-runtime", &["start", "--port", &port]),
    ] {
        let ran = process::run(home.command(program).args(words), b"").exits(78);
        let us = format!("(process {})", std::process::id());
        assert!(ran.stderr.contains(&format!("port {port} of 127.0.0.1 is in use by ")), "{ran:?}");
        assert!(ran.stderr.contains(&us), "{ran:?}");
        assert!(ran.stderr.contains("is free: use --port "), "{ran:?}");
    }
    assert_eq!(home.processes(), []);
}

/// Runs `jamey-runtime` as somebody else, from a place where they may read it.
fn as_nobody(home: &Home, words: &[&str]) -> Ran {
    let program = home.path().join("jamey-runtime");
    if !program.exists() {
        fs::copy(jamey_tests::bins::bin("jamey-runtime"), &program).unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = home.dress(Command::new(program));
    command.args(words).env_remove("JAMEY_MODELS_DIR").current_dir("/").uid(NOBODY).gid(NOBODY);
    process::run(&mut command, b"")
}

#[test]
fn a_home_that_cannot_be_written_is_told_with_what_to_do() {
    if !is_root() {
        return; // only root can become somebody who may not
    }
    let home = Home::new();
    fs::set_permissions(home.jamey_home(), fs::Permissions::from_mode(0o755)).unwrap();
    let ran = as_nobody(&home, &["start"]).exits(78);
    assert!(ran.stderr.contains("cannot be made: Permission denied"), "{ran:?}");
    assert!(ran.stderr.contains("hint: ") && ran.stderr.contains("JAMEY_HOME"), "{ran:?}");
    // Folders that are there already, but the database cannot be made.
    for name in ["", "run", "config", "cache", "cache/logs"] {
        let folder = home.jamey_home().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let data = home.jamey_home().join("data");
    fs::create_dir_all(data.join("models")).unwrap();
    let ran = as_nobody(&home, &["start"]);
    assert!(matches!(ran.code, 1 | 3 | 78), "{ran:?}");
    assert!(ran.stderr.contains(&data.display().to_string()) && ran.stderr.contains("hint: "), "{ran:?}");
}

#[test]
fn two_people_on_one_machine_have_a_runtime_each_and_never_one_anothers() {
    if !is_root() {
        return;
    }
    let (mine, theirs) = (Home::new(), Home::new());
    let runtime = Runtime::start(&mine);
    chown(theirs.jamey_home(), Some(NOBODY), Some(NOBODY)).unwrap();
    fs::set_permissions(theirs.jamey_home(), fs::Permissions::from_mode(0o700)).unwrap();
    let _ = as_nobody(&theirs, &["start"]).exits(0);
    let seen = as_nobody(&theirs, &["status", "--json"]).exits(0).json();
    assert_ne!(seen["pid"], runtime.pid());
    // The other one's home is no place to live, and its runtime is not ended from there.
    fs::set_permissions(mine.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(mine.jamey_home(), fs::Permissions::from_mode(0o755)).unwrap();
    for words in [&["start"][..], &["stop"], &["stop", "--now"]] {
        let ran = as_nobody(&mine, words);
        assert!(matches!(ran.code, 3 | 78), "{ran:?}");
        assert!(ran.stderr.contains("hint: "), "{ran:?}");
    }
    assert_eq!(status(&mine)["pid"], runtime.pid());
    let _ = as_nobody(&theirs, &["stop"]).exits(0);
    runtime.stop();
}

#[test]
fn a_signal_ends_a_runtime_cleanly_with_the_code_that_names_it() {
    for (told, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let home = Home::new();
        let live = jamey_tests::Live::spawn(home.command("jamey-runtime").args(["start", "--foreground"]));
        let socket = home.jamey_home().join("run/runtime.sock");
        wait::until("the socket", || socket.exists().then_some(()));
        let began = Instant::now();
        live.signal(told);
        let _ = live.wait().exits(code);
        assert!(began.elapsed() < Duration::from_secs(3), "it took {:?}", began.elapsed());
        assert!(!socket.exists() && !home.jamey_home().join("run/started.json").exists());
    }
}

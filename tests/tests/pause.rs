//! One switch that holds everything, as a person meets it.
#![cfg(unix)]

use jamey_tests::{Fake, Home, Reply, Runtime, home::MODEL, process, wait};
use rustix::process::Signal;
use serde_json::json;

#[test]
fn what_is_asked_during_a_pause_waits_is_told_and_goes_on_with_the_resume() {
    let fake = Fake::script([Reply::text("at last")]);
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["runtime", "pause"]).exits(0);
    let live = home.spawn(&["ask", "-m", MODEL, "are you there"]);
    live.expect_stderr("Paused: ");
    live.expect_stderr("jamey runtime resume");
    assert!(fake.seen().is_empty(), "a model was asked during the pause");
    let status = home.jamey(&["status"]).exits(0);
    assert!(status.stdout.contains("paused     nothing is asked of a model"), "{status:?}");
    let _ = home.jamey(&["runtime", "resume"]).exits(0);
    let ran = live.end().exits(0);
    assert_eq!((ran.stdout.as_str(), fake.seen().len()), ("at last\n", 1));
    assert!(!home.jamey(&["status"]).exits(0).stdout.contains("paused"));
    runtime.stop();
}

#[test]
fn a_stop_during_a_pause_ends_the_turn_and_nobody_was_asked() {
    let fake = Fake::script([]);
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["config", "set", "runtime.paused", "true"]).exits(0);
    let live = home.spawn(&["ask", "-m", MODEL, "are you there"]);
    live.expect_stderr("Paused: ");
    live.signal(Signal::INT);
    let _ = live.wait().exits(130);
    assert!(fake.seen().is_empty());
    runtime.stop();
}

#[test]
fn a_pause_outlives_a_restart_and_may_be_made_and_ended_without_a_runtime() {
    let fake = Fake::script([Reply::text("awake")]);
    let home = Home::with(&fake);
    let _ = home.jamey(&["runtime", "pause"]).exits(0);
    let runtime = Runtime::start(&home);
    let status = home.jamey(&["status", "--json"]).exits(0).json();
    assert_eq!(status["paused"], true, "{status}");
    runtime.stop();
    let runtime = Runtime::start(&home);
    let ran = process::run(home.command("jamey-runtime").arg("status"), b"").exits(0);
    assert!(ran.stdout.contains("paused: nothing is asked"), "{ran:?}");
    runtime.stop();
    let _ = home.jamey(&["runtime", "resume"]).exits(0);
    assert_eq!(home.ask(&["hello"]).exits(0).stdout, "awake\n");
}

#[test]
fn a_tool_that_was_allowed_during_a_pause_begins_with_the_resume_alone() {
    let fake = Fake::new(|seen| match seen.outputs().as_slice() {
        [] => Reply::call("shell_exec", &json!({"command": "touch made"})),
        _ => Reply::text("done"),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({"model": MODEL}));
    let mut events = door.events(session, 0);
    door.say(session, "go");
    let approval = events.until("approvalRequested")["body"]["approval"]["id"].clone();
    let _ = home.jamey(&["runtime", "pause"]).exits(0);
    assert_eq!(door.decide(session, &approval, &json!({"type": "allow-once"})).status, 202);
    let notice = events.until("notice");
    assert!(notice["body"]["text"].as_str().unwrap().contains("shell_exec does not begin"), "{notice}");
    assert!(!home.work().join("made").exists());
    let _ = home.jamey(&["runtime", "resume"]).exits(0);
    let _ = events.until("turnEnded");
    assert!(home.work().join("made").exists());
    runtime.stop();
}

#[test]
fn everybody_who_follows_all_sessions_is_told_of_a_pause_whoever_made_it() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let mut all = runtime.door().all_events();
    assert_eq!(all.until("configChanged")["body"]["paused"], false);
    let _ = home.jamey(&["runtime", "pause"]).exits(0);
    let told = all.until("configChanged");
    assert_eq!((&told["body"]["paused"], told.get("seq")), (&json!(true), None));
    // By an editor, too.
    let file = home.jamey_home().join("config/runtime.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("paused = true", "paused = false")).unwrap();
    assert_eq!(all.until("configChanged")["body"]["paused"], false);
    wait::until("the pause to be over", || {
        (home.jamey(&["status", "--json"]).exits(0).json().get("paused").is_none()).then_some(())
    });
    runtime.stop();
}

//! A provider that is down for an hour. The hour is played: as many questions as a busy person asks in one
//! come one after the other, and the provider asks for no wait, so that hardly any is waited for.
#![cfg(target_os = "linux")]

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jamey_tests::{Fake, Home, Live, Reply, Runtime, home::MODEL};
use serde_json::json;

/// One every fifteen seconds.
const QUESTIONS: usize = 240;
/// Tries of one question, the first included.
const TRIES: usize = 5;

/// A provider that can go down.
fn switched() -> (Arc<AtomicBool>, Fake) {
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    let fake = Fake::new(move |seen| match down.load(Ordering::SeqCst) {
        true => Reply::status(503, "the service is down for maintenance").header("retry-after", "0"),
        false => Reply::text(&format!("an answer to {}", seen.newest())),
    });
    (is_down, fake)
}

fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
}

fn size(path: &std::path::Path) -> u64 {
    fs::metadata(path).map_or(0, |facts| facts.len())
}

#[test]
fn an_hour_without_the_provider_costs_bounded_tries_and_the_first_question_after_it_is_answered() {
    let (is_down, fake) = switched();
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    // What one failure is to a person.
    let ran = home.ask(&["are you there?"]).exits(5);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("trying again") && ran.stderr.contains("(after 5 tries)"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
    assert_eq!(fake.seen().len(), TRIES);
    let sessions: Vec<_> = (0..4).map(|_| door.new_session(&home.work(), json!({}))).collect();
    // Asks in each session at once.
    let ask = |_| {
        let asked = sessions.iter().map(|session| {
            let events = door.events(*session, door.history(*session).len() as u64);
            door.say(*session, "and now?");
            events
        });
        for mut events in asked.collect::<Vec<_>>() {
            let ended = events.until("turnEnded");
            assert_eq!(ended["body"]["outcome"]["error"]["code"], "provider", "{ended}");
            assert_eq!(ended["body"]["outcome"]["error"]["retryable"], true, "{ended}");
        }
    };
    (0..5).for_each(ask);
    let log = home.jamey_home().join("cache/logs/runtime.log");
    let data = home.jamey_home().join("data");
    let kept = || size(&data.join("jamey.db")) + size(&data.join("jamey.db-wal"));
    let before = (resident(runtime.pid()), size(&log), kept());
    (5..QUESTIONS / sessions.len()).for_each(ask);
    let after = (resident(runtime.pid()), size(&log), kept());
    let asked = (QUESTIONS - 20) as u64;
    println!(
        "memory {} -> {}, log {} -> {}, data {} -> {}",
        before.0, after.0, before.1, after.1, before.2, after.2
    );
    assert_eq!(fake.seen().len(), TRIES * (QUESTIONS + 1));
    assert!(after.0 < before.0 + (8 << 20), "memory grew from {} to {}", before.0, after.0);
    assert!(after.1 - before.1 < asked * 4_096, "the log grew by {}", after.1 - before.1);
    assert!(
        after.2.saturating_sub(before.2) < asked * 64 * 1024,
        "the database grew by {}",
        after.2 - before.2
    );
    let status = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
    assert_eq!(status["running"], 0);
    let health = status["providers"].to_string();
    assert!(health.contains("calls failed: "), "{health}");
    assert!(home.jamey(&["sessions"]).exits(0).stdout.contains("and now?"));
    // It is back: nobody has to start, mend or wait for anything.
    is_down.store(false, Ordering::SeqCst);
    let ran = home.ask(&["-c", "hello again"]).exits(0);
    assert_eq!(ran.stdout, "an answer to hello again\n");
    assert_eq!(fake.seen().len(), TRIES * (QUESTIONS + 1) + 1);
    let status = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
    assert!(status["providers"].to_string().contains("\"answers\""), "{status}");
    runtime.stop();
}

#[test]
fn a_person_who_waits_in_a_chat_sees_it_and_goes_on_there_when_it_is_over() {
    let (is_down, fake) = switched();
    let home = Home::with(&fake);
    let _runtime = Runtime::start(&home);
    let mut chat = Live::spawn_typing(home.command("jamey").args(["chat", "--plain", "-m", MODEL]));
    chat.send("is anybody there?\n");
    chat.expect_stderr("trying again in");
    chat.expect_stderr("the service is down for maintenance (after 5 tries)");
    is_down.store(false, Ordering::SeqCst);
    chat.send("and now?\n");
    chat.expect("an answer to and now?");
    // Whoever pipes lines into a chat learns that one of them failed.
    let _ = chat.end().exits(5);
}

#[test]
fn a_wait_before_the_next_try_ends_when_the_provider_is_back() {
    let is_first = AtomicBool::new(true);
    let fake = Fake::new(move |_| match is_first.swap(false, Ordering::SeqCst) {
        true => Reply::status(503, "down").header("retry-after", "1"),
        false => Reply::text("back"),
    });
    let home = Home::with(&fake);
    let ran = home.ask(&["hi"]).exits(0);
    assert_eq!(ran.stdout, "back\n");
    assert!(ran.stderr.contains("trying again in 1."), "{}", ran.stderr);
}

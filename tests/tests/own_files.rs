//! Jamey's own files before the tools of a session whose folder holds them.
#![cfg(unix)]

use std::fs;

use jamey_protocol::SessionId;
use jamey_tests::{Fake, Home, Reply, Runtime, door::Door, home::MODEL};
use serde_json::{Value, json};

const CANARY: &str = "canary-of-the-own-files";

/// A session in the folder above all others, as a home folder is, and a key in the configuration.
fn begin(home: &Home) -> (Runtime, Door, SessionId) {
    let runtime = Runtime::start(home);
    fs::write(home.jamey_home().join("config/.env"), format!("SOME_KEY={CANARY}\n")).unwrap();
    fs::write(home.path().join("mine.txt"), format!("{CANARY} of mine\n")).unwrap();
    let door = runtime.door();
    let session = door.new_session(home.path(), json!({"model": MODEL}));
    (runtime, door, session)
}

fn one_call(tool: &'static str, arguments: Value) -> Fake {
    Fake::new(move |seen| match seen.outputs().as_slice() {
        [] => Reply::call(tool, &arguments),
        outputs => Reply::text(&outputs.join(" | ")),
    })
}

#[test]
fn a_key_in_the_sessions_own_folder_is_not_read_unasked_and_never_for_the_whole_session() {
    let fake = one_call("file_read", json!({"path": "jamey/config/.env"}));
    let home = Home::with(&fake);
    let (runtime, door, session) = begin(&home);
    let mut events = door.events(session, 0);
    door.say(session, "read it");
    let asked = events.until("approvalRequested");
    assert_eq!(asked["body"]["approval"]["choices"], json!(["allow-once", "deny"]), "{asked}");
    let no = json!({"type": "deny", "reason": ""});
    assert_eq!(door.decide(session, &asked["body"]["approval"]["id"], &no).status, 202);
    let _ = events.until("turnEnded");
    assert!(!fake.seen().iter().any(|seen| seen.outputs().concat().contains(CANARY)));
    runtime.stop();
}

#[test]
fn a_search_finds_what_is_the_persons_and_looks_into_no_file_of_jameys() {
    let fake = one_call("search_files", json!({"query": CANARY}));
    let home = Home::with(&fake);
    let (runtime, door, session) = begin(&home);
    let mut events = door.events(session, 0);
    door.say(session, "search");
    let _ = events.until("turnEnded");
    let seen = fake.seen();
    let found = seen.last().unwrap().outputs().concat();
    assert!(found.contains("mine.txt") && !found.contains(".env"), "{found}");
    runtime.stop();
}

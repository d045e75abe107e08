//! "Always for exactly this": what a person allowed for good, against everything that would widen it.
#![cfg(unix)]

use std::{fs, path::PathBuf};

use jamey_protocol::SessionId;
use jamey_tests::{Door, EventStream, Fake, Home, Reply, Runtime};
use serde_json::{Value, json};

/// A model that runs what the person says, as a command.
fn obedient() -> Fake {
    Fake::new(|seen| match seen.outputs().as_slice() {
        [] => Reply::call("shell_exec", &json!({"command": seen.prompt()})),
        [said, ..] => Reply::text(said),
    })
}

fn kept(home: &Home) -> PathBuf {
    home.jamey_home().join("config/permissions.toml")
}

/// Says something in a fresh session and gives the question that it leads to, if any.
fn asked(door: &Door, home: &Home, said: &str, settings: Value) -> (SessionId, EventStream, Option<Value>) {
    let session = door.new_session(&home.work(), settings);
    let mut events = door.events(session, 0);
    door.say(session, said);
    loop {
        let (_, line) = events.next_raw().expect("the session goes on");
        let event: Value = serde_json::from_str(&line).unwrap();
        match event["body"]["type"].as_str() {
            Some("approvalRequested") => return (session, events, Some(event["body"]["approval"].clone())),
            Some("turnEnded") => return (session, events, None),
            _ => {}
        }
    }
}

fn decide(door: &Door, session: SessionId, approval: &Value, how: &str) -> jamey_tests::Answer {
    door.decide(session, &approval["id"], &json!({"type": how}))
}

#[test]
fn what_was_allowed_for_good_holds_for_exactly_that_until_a_person_takes_it_out() {
    let fake = obedient();
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let (session, mut events, approval) = asked(&door, &home, "touch made", json!({}));
    let approval = approval.expect("a command asks");
    assert_eq!(approval["choices"], json!(["allow-once", "allow-for-session", "allow-always", "deny"]));
    assert!(!home.work().join("made").exists());
    assert_eq!(decide(&door, session, &approval, "allow-always").status, 202);
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    assert!(home.work().join("made").exists());
    let text = fs::read_to_string(kept(&home)).unwrap();
    assert!(text.contains("command = \"touch made\"") && text.contains("allowed_on = 2"), "{text}");

    assert!(asked(&door, &home, "touch made", json!({})).2.is_none(), "it was allowed in this folder");
    for other in ["touch  made", "touch made2", "touch made; ls", "touch made\n", "cd . && touch made"] {
        assert!(asked(&door, &home, other, json!({})).2.is_some(), "{other:?} was let through");
    }
    // A rule gives no more than the mode.
    assert!(asked(&door, &home, "touch made", json!({"mode": "read-only"})).2.is_none());
    assert!(fake.seen().iter().any(|seen| seen.outputs().iter().any(|said| said.contains("read-only"))));
    // Another folder is another thing.
    let beside = home.path().join("beside");
    fs::create_dir(&beside).unwrap();
    let session = door.new_session(&beside, json!({}));
    let mut events = door.events(session, 0);
    door.say(session, "touch made");
    let _ = events.until("approvalRequested");
    let tool = home.jamey(&["tools", "show", "shell_exec"]).exits(0).stdout;
    assert!(tool.contains("1 call is allowed for good") && tool.contains("permissions.toml"), "{tool}");
    runtime.stop();

    let runtime = Runtime::start(&home);
    let door = runtime.door();
    assert!(asked(&door, &home, "touch made", json!({})).2.is_none(), "it outlives the runtime");
    fs::write(kept(&home), "# nothing any more\n").unwrap();
    assert!(asked(&door, &home, "touch made", json!({})).2.is_some(), "it was taken out");
}

#[test]
fn no_script_that_hides_what_it_does_is_ever_allowed_for_good() {
    let fake = obedient();
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let (session, mut events, approval) = asked(&door, &home, "git status", json!({}));
    assert_eq!(decide(&door, session, &approval.unwrap(), "allow-always").status, 202);
    let _ = events.until("turnEnded");
    assert!(asked(&door, &home, "git status", json!({})).2.is_none());
    let before = fs::read(kept(&home)).unwrap();
    for script in [
        "export PATH=/tmp/evil; git status",
        "PATH=/tmp/evil git status",
        "git status $(touch made)",
        "git status <(touch made)",
        "git status `touch made`",
        "git status\ntouch made",
        "g\u{0456}t status",
        "git status \u{202e}x",
        "git status > .bashrc",
        "eval git status",
    ] {
        let (session, _events, approval) = asked(&door, &home, script, json!({}));
        let approval = approval.unwrap_or_else(|| panic!("{script:?} ran unasked"));
        assert!(!approval["choices"].to_string().contains("allow-always"), "{script:?}: {approval}");
        let answer = decide(&door, session, &approval, "allow-always");
        assert_eq!(answer.status, 400, "{script:?}: {answer:?}");
        assert!(answer.json()["hint"].is_string(), "{answer:?}");
    }
    // These are plain to read, so a person may allow them, but none is covered by another.
    for script in
        ["git -c core.fsmonitor=./evil status", "find . -delete", "rg --pre ./evil x", "git status ."]
    {
        assert!(asked(&door, &home, script, json!({})).2.is_some(), "{script:?} ran unasked");
    }
    // Nor does a rule that somebody wrote by hand make such a script pass.
    let folder = home.work();
    let folder = folder.display();
    let by_hand = format!(
        "[[allow]]\ntool = \"shell_exec\"\nfolder = \"{folder}\"\n\
         accesses = [{{ type = \"run\", command = \"touch $(echo made)\", cwd = \"{folder}\" }}]\n"
    );
    fs::write(kept(&home), by_hand).unwrap();
    assert!(asked(&door, &home, "touch $(echo made)", json!({})).2.is_some());
    assert!(!home.work().join("made").exists());
    fs::write(kept(&home), before).unwrap();
}

#[test]
fn a_broken_file_allows_nothing_is_told_and_is_never_written_over() {
    let fake = obedient();
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let (session, mut events, approval) = asked(&door, &home, "touch made", json!({}));
    assert_eq!(decide(&door, session, &approval.unwrap(), "allow-always").status, 202);
    let _ = events.until("turnEnded");
    let broken = fs::read_to_string(kept(&home)).unwrap() + "[[allow]\n";
    fs::write(kept(&home), &broken).unwrap();
    fs::remove_file(home.work().join("made")).unwrap();

    let (session, mut events, approval) = asked(&door, &home, "touch made", json!({}));
    let approval = approval.expect("a broken file allows nothing");
    let warned = home.jamey(&["config", "check"]);
    let said = warned.stdout + &warned.stderr;
    assert!(said.contains("permissions.toml") && said.contains("nothing is allowed by it"), "{said}");
    let answer = decide(&door, session, &approval, "allow-always");
    assert!(answer.status >= 400, "{answer:?}");
    let told = answer.json();
    assert!(told["message"].as_str().unwrap().contains("permissions.toml"), "{told}");
    assert!(told["hint"].as_str().unwrap().contains("allow it once"), "{told}");
    assert!(!home.work().join("made").exists());
    assert_eq!(decide(&door, session, &approval, "allow-once").status, 202);
    let _ = events.until("turnEnded");
    assert!(home.work().join("made").exists());
    assert_eq!(fs::read_to_string(kept(&home)).unwrap(), broken);
}

#[test]
fn the_way_to_more_rights_is_shown_each_time() {
    let fake = Fake::new(|seen| match seen.outputs().as_slice() {
        [] => Reply::call("file_write", &json!({"path": seen.prompt(), "content": "x"})),
        [said, ..] => Reply::text(said),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    // The session's folder is around Jamey's own, so that a write would not ask in this mode.
    let session = door.new_session(&home.jamey_home(), json!({"mode": "auto-edit"}));
    let mut events = door.events(session, 0);
    let path = kept(&home).display().to_string();
    door.say(session, &path);
    let approval = events.until("approvalRequested")["body"]["approval"].clone();
    assert_eq!(approval["choices"], json!(["allow-once", "deny"]), "{approval}");
    let denied = home.jamey(&["deny", "--reason", "never that"]).exits(0);
    assert_eq!(denied.stdout, "");
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    assert!(fake.seen()[1].outputs()[0].contains("never that"));
    assert!(!kept(&home).exists());
}

#[test]
fn a_command_of_a_tool_can_allow_nothing_for_good() {
    let fake = obedient();
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let (waiting, _events, approval) = asked(&door, &home, "touch made", json!({}));
    let approval = approval.unwrap()["id"].as_str().unwrap().to_owned();
    let knock = runtime.decides_by_knock(waiting, &approval, "allow-always");
    for attack in [knock.clone(), format!("setsid -w {knock}")] {
        let (session, _, question) = asked(&door, &home, &attack, json!({"mode": "full"}));
        assert!(question.is_none());
        let said = door.history(session).concat();
        assert!(!said.contains("HTTP/1.1 202"), "{attack} was obeyed: {said}");
    }
    assert!(!kept(&home).exists() && !home.work().join("made").exists());
    assert_eq!(door.get(&format!("/v1/sessions/{waiting}")).json()["status"], "waiting");
}

#[test]
fn a_call_is_approved_at_a_terminal_only_and_what_waits_is_named() {
    let fake = obedient();
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let none = home.jamey(&["deny"]).exits(1);
    assert!(none.stderr.contains("no call waits"), "{none:?}");
    let (first, mut events, _) = asked(&door, &home, "touch made", json!({}));
    let _second = asked(&door, &home, "touch made", json!({}));
    let ran = home.jamey(&["approve", "--always"]).exits(4);
    assert!(ran.stderr.contains("at a terminal") && ran.stderr.contains("hint: "), "{ran:?}");
    let ran = home.jamey(&["deny"]).exits(2);
    assert!(ran.stderr.contains("2 sessions wait"), "{ran:?}");
    let _ = home.jamey(&["deny", &first.to_string()]).exits(0);
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    assert!(!home.work().join("made").exists());
}

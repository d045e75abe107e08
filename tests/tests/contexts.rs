//! Conversations that outgrow their model's window, with the real programs as a person uses them.
#![cfg(unix)]

use std::fs;

use jamey_tests::{Fake, Gate, Home, Reply, Runtime, Seen, home::MODEL};
use serde_json::{Value, json};

/// What llama-server says of a request that does not fit.
const OVERFLOW: &str = "the request exceeds the available context size (4096 tokens), try increasing it";

fn configured(fake: &Fake, toml: &str) -> Home {
    let home = Home::with(fake);
    let folder = home.jamey_home().join("config");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("runtime.toml"), toml).unwrap();
    home
}

fn window(tokens: u64) -> String {
    format!("[models.catalogue]\n\"{MODEL}\" = {{ context = {tokens} }}\n")
}

fn is_summary(seen: &Seen) -> bool {
    seen.messages()[0]["content"].as_str().is_some_and(|text| text.contains("memory of a conversation"))
}

/// Fails unless each request's messages begin with those of the one before, byte for byte, until a summary.
fn assert_append_only(seen: &[Seen]) {
    for pair in seen.windows(2).filter(|pair| !pair.iter().any(is_summary)) {
        let bytes = |seen: &Seen| serde_json::to_string(seen.messages()).unwrap();
        let (before, after) = (bytes(&pair[0]), bytes(&pair[1]));
        assert!(after.starts_with(before.trim_end_matches(']')), "{before}\n{after}");
        assert_eq!(pair[0].body["tools"], pair[1].body["tools"]);
    }
}

/// Calls a tool once in each turn, then answers at some length.
fn talkative(seen: &Seen) -> Reply {
    match seen.outputs().as_slice() {
        _ if is_summary(seen) => Reply::text("They read notes and count."),
        [] => Reply::call("file_read", &json!({"path": "notes.txt"})),
        _ => Reply::text(&format!("{} {}", seen.prompt(), "and so on ".repeat(150))),
    }
}

#[test]
fn a_long_conversation_goes_on_in_a_small_window_and_stays_readable() {
    let fake = Fake::new(talkative);
    let home = configured(&fake, &window(4_096));
    home.file("notes.txt", &"a line of notes\n".repeat(400));
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["new", "--name", "long"]).exits(0);
    for number in 1..=8 {
        let ran = home.ask(&["-s", "long", &format!("question {number}")]).exits(0);
        assert!(ran.stdout.contains(&format!("question {number}")), "{ran:?}");
    }
    let seen = fake.seen();
    let summaries = seen.iter().filter(|seen| is_summary(seen)).count();
    assert!((2..8).contains(&summaries), "{summaries} summaries in {} requests", seen.len());
    assert_append_only(&seen);
    // What is sent stays within the window, and what a tool gave is cut where it can be seen.
    for one in &seen {
        assert!(one.bytes < 20_000, "{} bytes", one.bytes);
    }
    let output = seen[1].outputs()[0];
    assert!(output.contains("bytes left out here") && output.len() < 4_000, "{output}");
    let shown = home.jamey(&["sessions", "show", "long"]).exits(0);
    assert!(shown.stdout.contains("question 1") && shown.stdout.contains("question 8"), "{shown:?}");
    assert!(shown.stdout.contains("a summary of what came before: They read notes and count."), "{shown:?}");
    // Each call is a row of the ledger, the summaries among them.
    let usage = home.jamey(&["usage", "--json"]).exits(0).json();
    assert_eq!(usage["total"]["calls"], seen.len(), "{usage}");
    runtime.stop();
}

#[test]
fn a_request_that_overflows_is_repeated_once_after_a_summary() {
    let fake = Fake::new(|seen: &Seen| match seen.prompt() {
        _ if is_summary(seen) => Reply::text("They said much."),
        _ if seen.bytes > 24_000 => Reply::status(400, OVERFLOW),
        prompt => Reply::text(&format!("{prompt}: {}", "x ".repeat(6_000))),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["new", "--name", "full"]).exits(0);
    let _ = home.ask(&["-s", "full", "one"]).exits(0);
    let _ = home.ask(&["-s", "full", "two"]).exits(0);
    let ran = home.ask(&["-s", "full", "three"]).exits(0);
    assert!(
        ran.stderr.contains("no longer fits the context window") && ran.stderr.contains("summed up"),
        "{ran:?}"
    );
    let kinds: Vec<bool> = fake.seen().iter().map(is_summary).collect();
    assert_eq!(kinds, [false, false, false, true, false]);
    // One message that is too long by itself is told so.
    let home_file = "y ".repeat(15_000);
    let ran = home.jamey_with(&["ask", "-m", MODEL, "what is this?"], home_file.as_bytes()).exits(5);
    assert!(ran.stderr.contains("newest message alone") && ran.stderr.contains("larger window"), "{ran:?}");
    runtime.stop();
}

#[test]
fn a_person_sums_up_a_chat_and_says_what_to_keep() {
    let fake = Fake::new(|seen: &Seen| match is_summary(seen) {
        true => Reply::text("The colour is red."),
        false => Reply::text(&format!("heard {}", seen.prompt())),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let lines = "/compact\nred\nblue\n/compact the colour\ngreen\n";
    let ran = home.jamey_with(&["chat", "--plain", "-m", MODEL], lines.as_bytes()).exits(0);
    assert!(
        ran.stderr.contains("nothing to sum up yet") && ran.stderr.contains("summed up for the model"),
        "{ran:?}"
    );
    let seen = fake.seen();
    let asked = seen[2].prompt();
    assert!(asked.contains("## The person\nred") && asked.ends_with("Above all keep: the colour"), "{asked}");
    let said: Vec<&Value> = seen[3].messages()[1..].iter().map(|message| &message["content"]).collect();
    let summary = "Summary of the conversation so far:\nThe colour is red.";
    assert_eq!(said, [summary, "blue", "heard blue", "green"]);
    runtime.stop();
}

#[test]
fn a_death_while_a_summary_is_made_loses_nothing_and_uses_nothing_of_it() {
    let gate = Gate::new();
    let held = gate.clone();
    let fake = Fake::new(move |seen: &Seen| match is_summary(seen) {
        true => Reply::stream().delta("half a summary").gate(&held).stop(),
        false => Reply::text("yes"),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut events = door.events(session, 0);
    door.say(session, "one");
    let _ = events.until("turnEnded");
    let answer = door.op(session, &json!({"type": "compact"}));
    assert_eq!(answer.status, 202, "{answer:?}");
    let refused = door.op(session, &json!({"type": "compact", "keep": 3}));
    assert_eq!(refused.status, 400, "{refused:?}");
    gate.reached(1);
    runtime.kill();
    gate.open();
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let mut events = door.events(session, 0);
    door.say(session, "two");
    let _ = events.until("turnEnded");
    let history = door.history(session).join("\n");
    assert!(history.contains("interrupted") && !history.contains("half a summary"), "{history}");
    let seen = fake.seen();
    assert_eq!(seen.last().unwrap().messages().len(), 4, "system, one, yes, two");
    runtime.stop();
}

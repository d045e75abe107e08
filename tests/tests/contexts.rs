//! Conversations that outgrow their model's window, with the real programs as a person uses them.
#![cfg(unix)]

use std::fs;

use jamey_tests::{Fake, Gate, Home, Reply, Runtime, Seen, home::MODEL};
use serde_json::{Value, json};

/// What llama-server says of a request that does not fit.
const OVERFLOW: &str = "the request exceeds the available context size (4096 tokens), try increasing it";

/// A picture of one pixel.
const PIXEL: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0a\
    IDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82";

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

/// The end of an answer that the vendor's filter stopped.
fn withheld() -> Value {
    ended("content_filter")
}

/// The end of an answer that the output limit cut off.
fn at_its_limit() -> Value {
    ended("length")
}

fn ended(reason: &str) -> Value {
    json!({"id": "s", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
        "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
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
        _ => Reply::text(&format!("{} {}", seen.newest(), "and so on ".repeat(150))),
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

/// A model whose window is full after two of its answers, and what it says when it is to sum up.
fn overflowing(summary: impl Fn() -> Reply + Send + Sync + 'static) -> Fake {
    Fake::new(move |seen: &Seen| match seen.newest() {
        _ if is_summary(seen) => summary(),
        _ if seen.bytes > 24_000 => Reply::status(400, OVERFLOW),
        prompt => Reply::text(&format!("{prompt}: {}", "x ".repeat(6_000))),
    })
}

#[test]
fn a_request_that_overflows_is_repeated_once_after_a_summary() {
    let fake = overflowing(|| Reply::text("They said much."));
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
fn a_model_that_cannot_sum_up_goes_on_from_a_record_that_the_program_wrote() {
    type Failure = (&'static str, fn() -> Reply);
    let failures: [Failure; 4] = [
        ("had no end", || Reply::stream().delta(&"and on ".repeat(6_000)).hang()),
        ("answered with nothing", || Reply::stream().stop()),
        ("withheld the summary", || Reply::stream().delta("I").event(&withheld()).bytes(b"data: [DONE]\n\n")),
        ("output limit", || {
            Reply::stream().delta("and on and on").event(&at_its_limit()).bytes(b"data: [DONE]\n\n")
        }),
    ];
    for (why, summary) in failures {
        let fake = Fake::new(move |seen: &Seen| match seen.newest() {
            _ if is_summary(seen) => summary(),
            _ if seen.bytes > 24_000 => Reply::status(400, OVERFLOW),
            prompt => Reply::text(&format!("{prompt}: {}", "x ".repeat(5_000))),
        });
        let home = Home::with(&fake);
        let runtime = Runtime::start(&home);
        let _ = home.jamey(&["new", "--name", "full"]).exits(0);
        let mut told = String::new();
        for number in 1..=7 {
            let ran = home.ask(&["-s", "full", &format!("question {number}")]).exits(0);
            assert!(ran.stdout.contains(&format!("question {number}: x x")), "{why}: {ran:?}");
            told.push_str(&ran.stderr);
        }
        let times = told.matches("a trimmed record that Jamey wrote itself").count();
        assert!(told.contains(why) && times >= 2, "{why}: {told}");
        let seen = fake.seen();
        assert_append_only(&seen);
        let last = seen.last().unwrap();
        let record = last.messages()[1]["content"].as_str().unwrap();
        assert_eq!(record.matches("[Trimmed record").count(), 1, "{record}");
        assert!(record.contains("## The person\nquestion") && last.bytes < 24_000, "{record}");
        // The person sees what it is, and all that it stands for.
        let shown = home.jamey(&["sessions", "show", "full"]).exits(0);
        assert!(
            shown.stdout.contains("[Trimmed record: the program wrote this without a model"),
            "{shown:?}"
        );
        for number in 1..=7 {
            assert!(shown.stdout.contains(&format!("question {number}: x x x")), "{why}: {shown:?}");
        }
        runtime.stop();
    }
}

#[test]
fn a_wrong_key_is_told_as_one_where_a_summary_was_needed() {
    let fake = overflowing(|| Reply::status(401, "this key was revoked"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["new", "--name", "full"]).exits(0);
    let _ = home.ask(&["-s", "full", "one"]).exits(0);
    let _ = home.ask(&["-s", "full", "two"]).exits(0);
    let ran = home.ask(&["-s", "full", "three"]).exits(5);
    assert!(ran.stderr.contains("could not be summed up") && ran.stderr.contains("key"), "{ran:?}");
    assert!(!ran.stderr.contains("trimmed record") && !ran.stderr.contains("larger window"), "{ran:?}");
    runtime.stop();
}

#[test]
fn a_person_sums_up_a_chat_and_says_what_to_keep() {
    let fake = Fake::new(|seen: &Seen| match is_summary(seen) {
        true => Reply::text("The colour is red."),
        false => Reply::text(&format!("heard {}", seen.newest())),
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
    let summary = "Summary of the conversation so far:\nThe colour is red.\n\nblue";
    assert_eq!(said, [summary, "heard blue", "green"]);
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
    // The stream begins with what was before: the first turn, and the summary that was interrupted.
    for _ in ["one", "the summary", "two"] {
        let _ = events.until("turnEnded");
    }
    let history = door.history(session).join("\n");
    assert!(history.contains("interrupted") && !history.contains("half a summary"), "{history}");
    let seen = fake.seen();
    assert_eq!(seen.last().unwrap().messages().len(), 4, "system, one, yes, two");
    runtime.stop();
}

#[test]
fn a_long_session_overflows_once_is_summed_up_once_and_can_be_read_from_its_beginning() {
    let fake = Fake::new(|seen: &Seen| match seen.outputs().as_slice() {
        _ if is_summary(seen) => Reply::text("They count notes; the first one was about apples."),
        _ if seen.bytes > 60_000 => Reply::status(400, OVERFLOW),
        [] => Reply::call("file_read", &json!({"path": "notes.txt"})),
        _ => Reply::text(&format!("answer to {}: {}", seen.newest(), "and so on ".repeat(300))),
    });
    let home = Home::with(&fake);
    home.file("notes.txt", &"a line of notes\n".repeat(100));
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["new", "--name", "long"]).exits(0);
    let mut told = 0;
    for number in 1..=14 {
        let ran = home.ask(&["-s", "long", &format!("question {number}")]).exits(0);
        assert!(ran.stdout.contains(&format!("answer to question {number}")), "{ran:?}");
        told += usize::from(ran.stderr.contains("summed up"));
    }
    let seen = fake.seen();
    assert_eq!((seen.iter().filter(|seen| is_summary(seen)).count(), told), (1, 1));
    assert_eq!(seen.iter().filter(|seen| seen.bytes > 60_000).count(), 1, "one overflow, one repeat");
    assert_append_only(&seen);
    runtime.stop();
    // A new process, and all of it is there: the summary as such, and what it stands for word for word.
    let runtime = Runtime::start(&home);
    let shown = home.jamey(&["sessions", "show", "long"]).exits(0);
    assert!(shown.stdout.contains("a summary of what came before: They count notes"), "{shown:?}");
    for number in 1..=14 {
        let told = format!("answer to question {number}: and so on and so on");
        assert!(shown.stdout.contains(&told), "{number}: {shown:?}");
    }
    let before = fake.seen().len();
    let _ = home.ask(&["-s", "long", "what came first?"]).exits(0);
    let next = &fake.seen()[before];
    let summary = next.messages()[1]["content"].as_str().unwrap();
    assert!(summary.contains("about apples"), "the summary outlives the process: {summary}");
    assert!(next.bytes < 60_000, "{} bytes", next.bytes);
    runtime.stop();
}

#[test]
fn what_a_server_refuses_for_its_pictures_does_not_shrink_the_window_for_words() {
    // A server that takes no pictures as large as this one, whatever its window.
    let fake = Fake::new(|seen: &Seen| match seen.body.to_string().contains("image_url") {
        _ if is_summary(seen) => Reply::text("They looked at a picture."),
        true => Reply::status(413, "payload too large"),
        false => Reply::text(&"words ".repeat(2_000)),
    });
    let home = configured(&fake, &window(200_000));
    let picture = home.work().join("p.png");
    fs::write(&picture, PIXEL).unwrap();
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["new", "--name", "p"]).exits(0);
    let _ = home.ask(&["-s", "p", "one"]).exits(0);
    let ran = home.ask(&["-s", "p", "-f", picture.to_str().unwrap(), "what is this?"]).exits(5);
    assert!(ran.stderr.contains("no longer fits"), "{ran:?}");
    // The picture goes with the older part; from then on words alone count.
    for question in ["two", "three", "four", "five", "six"] {
        let _ = home.ask(&["-s", "p", question]).exits(0);
    }
    let sums: Vec<_> = fake.seen().iter().map(is_summary).collect();
    let after = sums.iter().rev().take_while(|is_summary| !**is_summary).count();
    assert!(after >= 5, "no more summaries: {sums:?}");
    runtime.stop();
}

#[test]
fn what_a_given_file_says_reaches_the_summary() {
    let fake = Fake::new(|seen: &Seen| match is_summary(seen) {
        true => Reply::text("The code is in the notes."),
        false => Reply::text("read"),
    });
    let home = Home::with(&fake);
    let notes = home.file("notes.txt", &format!("The code is 4711.\n{}", "filler\n".repeat(4_000)));
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["new", "--name", "n"]).exits(0);
    let _ = home.ask(&["-s", "n", "-f", notes.to_str().unwrap(), "keep this"]).exits(0);
    let _ = home.ask(&["-s", "n", "and this"]).exits(0);
    let _ = home.jamey_with(&["chat", "--plain", "-s", "n"], b"/compact\n").exits(0);
    let seen = fake.seen();
    let asked = seen.iter().find(|seen| is_summary(seen)).unwrap().prompt();
    assert!(asked.contains("[with the file notes.txt:]\nThe code is 4711.\nfiller"), "{asked}");
    assert!(asked.contains("bytes left out here"), "{asked}");
    runtime.stop();
}

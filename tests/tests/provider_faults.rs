//! A model's server that misbehaves: each fault ends in an answer or in one sentence, never in a
//! false success, and the session goes on.
#![cfg(unix)]

use std::time::Duration;

use jamey_tests::{Fake, Home, Ran, Reply, Runtime, home::MODEL};
use rustix::process::Signal;
use serde_json::json;

/// A fault once, then a good answer.
fn once(fault: &Reply) -> Fake {
    let fault = fault.clone();
    Fake::new(move |seen| if seen.number == 0 { fault.clone() } else { Reply::text("All is well.") })
}

/// The last thing said is one sentence for a person, and no turn is left running.
#[track_caller]
fn ends_in_a_sentence(home: &Home, ran: &Ran, words: &[&str]) {
    let said = ran.stderr.to_lowercase();
    assert!(words.iter().any(|word| said.contains(word)), "none of {words:?} in {}", ran.stderr);
    assert!(!said.contains("panicked"), "{}", ran.stderr);
    assert!(ran.stderr.len() < 4_000, "{} bytes of complaint", ran.stderr.len());
    let status = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
    assert_eq!(status["running"], 0, "a turn was left running: {status}");
}

#[test]
fn a_fault_that_passes_is_tried_again() {
    for (name, fault) in [
        ("429", Reply::status(429, "slow down").header("retry-after", "0")),
        ("500", Reply::status(500, "oops")),
        ("529", Reply::status(529, "overloaded")),
        ("reset", Reply::stream().reset()),
        ("cut before a word", Reply::stream().cut()),
        ("empty", Reply::stream().stop()),
        ("an end without a word", Reply::stream()),
        ("garbage", Reply::stream().bytes(b"data: {\"choices\": [{]}\n\n")),
    ] {
        let fake = once(&fault);
        let home = Home::with(&fake);
        let ran = home.ask(&["hi"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "All is well.\n"), "{name}: {ran:?}");
        assert_eq!(fake.seen().len(), 2, "{name}");
        assert!(!ran.stderr.trim().is_empty(), "{name}: a try is repeated without a word");
    }
}

#[test]
fn a_fault_that_does_not_pass_is_told_at_once() {
    for (name, fault, words) in [
        ("403", Reply::status(403, "no access to this model"), &["access", "permission", "may not"][..]),
        ("404", Reply::status(404, "no such model"), &["model", "not found"]),
        ("400", Reply::status(400, "bad field"), &["bad field"]),
        ("context", Reply::status(400, "maximum context length is 8192 tokens"), &["context"]),
    ] {
        let fake = Fake::new(move |_| fault.clone());
        let home = Home::with(&fake);
        let ran = home.ask(&["hi"]);
        assert_eq!(ran.code, 5, "{name}: {ran:?}");
        ends_in_a_sentence(&home, &ran, words);
        assert_eq!(fake.seen().len(), 1, "{name} was tried again");
    }
}

#[test]
fn a_server_that_never_says_anything_is_never_a_success() {
    let fake = Fake::new(|_| Reply::stream().stop());
    let home = Home::with(&fake);
    let ran = home.ask(&["hi"]).exits(5);
    assert_eq!(ran.stdout, "");
    ends_in_a_sentence(&home, &ran, &["empty", "nothing", "no answer", "without"]);
}

#[test]
fn a_captive_portal_is_no_model() {
    let page = b"<!DOCTYPE html><html><body>Please log in to the hotel network</body></html>";
    let fake = Fake::new(|_| Reply::body(200, "text/html", page));
    let home = Home::with(&fake);
    let ran = home.ask(&["hi"]).exits(5);
    ends_in_a_sentence(&home, &ran, &["web page"]);
}

#[test]
fn words_that_were_shown_are_kept_and_not_said_twice() {
    for fault in [
        Reply::stream().words("Half an answer").cut(),
        Reply::stream().words("Half an answer").reset(),
        Reply::stream().words("Half an answer"),
        Reply::stream().words("Half an answer").bytes(b"data: }{\n\n"),
    ] {
        let fake = once(&fault);
        let home = Home::with(&fake);
        let ran = home.ask(&["hi"]).exits(5);
        assert!(ran.stdout.starts_with("Half an answer"), "{ran:?}");
        assert_eq!(fake.seen().len(), 1, "what was begun in front of the person was begun again");
        ends_in_a_sentence(&home, &ran, &["cut", "ended", "broke", "closed", "incomplete", "not", "reset"]);
        let _ = home.ask(&["-c", "go on"]).exits(0);
        assert!(fake.seen()[1].body.to_string().contains("Half an answer"), "the model forgot its half");
    }
}

#[test]
fn a_call_of_a_broken_stream_does_not_run() {
    let call = json!({"command": "touch made"});
    for fault in [
        Reply::stream().tool(0, "shell_exec", &call).cut(),
        Reply::stream().tool(0, "shell_exec", &call),
        Reply::stream().tool_text("shell_exec", "{\"command\": \"touch ma").cut(),
    ] {
        let fake = once(&fault);
        let home = Home::with(&fake);
        let ran = home.ask(&["--mode", "full", "hi"]);
        assert!(!home.work().join("made").exists(), "{ran:?}");
        assert!(matches!(ran.code, 0 | 5), "{ran:?}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_told_to_the_model() {
    for arguments in [
        "{\"command\": ",
        "[1, 2]",
        "\"text\"",
        "{\"command\": {\"a\": 7}}",
        "{}",
        "{\"command\": \"\"}",
        &format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)),
    ] {
        let reply = Reply::stream().tool_text("shell_exec", arguments).calls_end();
        let fake = Fake::new(move |seen| match seen.outputs().as_slice() {
            [] => reply.clone(),
            [said, ..] => Reply::text(&format!("I was told: {said}")),
        });
        let home = Home::with(&fake);
        let ran = home.ask(&["--mode", "full", "hi"]);
        assert_eq!(ran.code, 0, "{arguments:.40}: {ran:?}");
        assert!(ran.stdout.starts_with("I was told: "), "{arguments:.40}: {ran:?}");
    }
}

#[test]
fn an_answer_of_four_megabytes_in_one_piece_arrives_whole() {
    let text = "lorem ipsum ".repeat(350_000);
    let reply = Reply::stream().delta(&text).stop();
    let fake = Fake::new(move |_| reply.clone());
    let home = Home::with(&fake);
    let ran = home.ask(&["hi"]).exits(0);
    assert_eq!(ran.stdout.trim_end().len(), text.trim_end().len());
    assert!(ran.stdout.starts_with("lorem ipsum lorem"));
}

#[test]
fn an_answer_byte_by_byte_arrives_whole() {
    let fake = Fake::new(|_| Reply::text("Grüße aus 東京, Stück für Stück 🎈").byte_by_byte());
    let home = Home::with(&fake);
    let ran = home.ask(&["hi"]).exits(0);
    assert_eq!(ran.stdout, "Grüße aus 東京, Stück für Stück 🎈\n");
}

#[test]
fn a_server_that_falls_silent_can_be_interrupted() {
    let fake = Fake::new(|_| Reply::stream().words("One moment").hang());
    let home = Home::with(&fake);
    let live = home.spawn(&["ask", "-m", MODEL, "hi"]);
    live.expect("One moment");
    live.signal(Signal::INT);
    let ran = live.wait().exits(130);
    ends_in_a_sentence(&home, &ran, &["interrupt", "stopped", ""]);
}

#[test]
fn a_wait_before_the_next_try_can_be_interrupted() {
    let fake = Fake::new(|_| Reply::status(429, "slow down").header("retry-after", "50"));
    let home = Home::with(&fake);
    let live = home.spawn(&["ask", "-m", MODEL, "hi"]);
    live.expect_stderr("trying again in ");
    live.signal(Signal::INT);
    let ran = live.wait().exits(130);
    assert!(ran.took < Duration::from_secs(45), "{:?}", ran.took);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let home = Home::new().env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1").env("OPENAI_API_KEY", "k");
    let ran = home.ask(&["hi"]).exits(5);
    ends_in_a_sentence(&home, &ran, &["127.0.0.1:9"]);
}

#[test]
fn a_redirect_does_not_take_the_key_elsewhere() {
    let elsewhere = Fake::new(|_| Reply::text("I have your key"));
    let target = format!("{}/chat/completions", elsewhere.base_url());
    let fake = Fake::new(move |_| Reply::status(307, "moved").header("location", &target));
    let home = Home::with(&fake);
    let _ = home.ask(&["hi"]).exits(5);
    assert!(elsewhere.seen().is_empty());
}

#[test]
fn the_key_turns_up_nowhere_but_at_its_server() {
    let key = jamey_tests::home::KEY;
    let fake = Fake::new(move |seen| match (seen.number, seen.outputs().as_slice()) {
        (0, _) => Reply::status(500, &format!("trouble with {key} of yours")),
        (_, []) => Reply::call("shell_exec", &json!({"command": "env"})),
        (_, outputs) => Reply::text(outputs[0]),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let ran = home.ask(&["-v", "--mode", "full", "show the environment"]).exits(0);
    assert!(ran.stdout.contains("PATH="), "the command did not run: {ran:?}");
    let shown = home.jamey(&["doctor", "--json"]).stdout
        + &home.jamey(&["config", "get", "--json"]).stdout
        + &home.jamey(&["providers", "--json"]).stdout
        + &home.jamey(&["sessions", "--json"]).stdout;
    let session = runtime.door().get("/v1/sessions").json()["data"][0]["id"].as_str().unwrap().to_owned();
    let history = runtime.door().history(session.parse().unwrap()).join("\n");
    runtime.stop();
    for (place, text) in
        [("stdout", &ran.stdout), ("stderr", &ran.stderr), ("commands", &shown), ("events", &history)]
    {
        assert!(!text.contains(key), "the key is in {place}");
    }
    let mut folders = vec![home.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                let is_there = bytes.windows(key.len()).any(|window| window == key.as_bytes());
                assert!(!is_there, "the key is in {}", entry.path().display());
            }
        }
    }
}

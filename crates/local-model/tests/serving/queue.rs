//! One answer at a time, in order, and none for clients that went away.

use std::thread;

use serde_json::json;

use crate::harness::{Start, ask, read_until};

#[test]
fn two_requests_wait_for_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start::new(dir.path()).run();
    let alone = server.chat(&ask("Count to three")).body;
    let text = |body: &str| {
        serde_json::from_str::<serde_json::Value>(body).unwrap()["choices"][0]["message"].clone()
    };
    thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| server.chat(&ask("Count to three"))));
        for answer in both.map(|t| t.join().unwrap()) {
            assert_eq!(answer.status, 200);
            assert_eq!(text(&answer.body), text(&alone));
        }
    });
    server.wait_until("nobody waits", |s| s.waiting() == 0);
}

#[test]
fn a_client_that_goes_away_stops_its_answer_and_leaves_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start::new(dir.path()).run();
    let mut long = ask("Tell me a very long story");
    long["stream"] = json!(true);
    long["max_tokens"] = json!(1900);
    let body = long.to_string();
    let mut first = server.send("POST", "/v1/chat/completions", body.as_bytes());
    read_until(&mut first, "\"content\"");
    let second = server.send("POST", "/v1/chat/completions", body.as_bytes());
    server.wait_until("both are there", |s| s.waiting() == 2);
    drop(second);
    server.wait_until("the waiting one has left", |s| s.waiting() == 1);
    drop(first);
    server.wait_until("the running one has stopped", |s| s.waiting() == 0);
    assert_eq!(server.chat(&ask("Hello")).status, 200);
}

#[test]
fn a_client_that_goes_away_stops_the_reading_of_its_prompt() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start::new(dir.path()).run();
    let mut body = ask(&"one two three four ".repeat(450));
    body["stream"] = json!(true);
    let mut client = server.send("POST", "/v1/chat/completions", body.to_string().as_bytes());
    read_until(&mut client, "200 OK");
    drop(client);
    server.wait_until("it has stopped", |s| s.waiting() == 0);
    body["stream"] = json!(false);
    let usage = server.chat(&body).json()["usage"].clone();
    let (prompt, cached) = (&usage["prompt_tokens"], &usage["prompt_tokens_details"]["cached_tokens"]);
    assert!(cached.as_u64().unwrap() + 100 < prompt.as_u64().unwrap(), "the whole prompt was read: {usage}");
}

//! It never outlives its use.

use serde_json::json;

use crate::harness::{Start, ask, read_until};

#[test]
fn it_ends_with_its_parent_even_in_the_middle_of_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Start::new(dir.path()).run();
    let mut body = ask("Tell me a very long story");
    body["stream"] = json!(true);
    body["max_tokens"] = json!(1900);
    let mut client = server.send("POST", "/v1/chat/completions", body.to_string().as_bytes());
    read_until(&mut client, "\"content\"");
    server.let_go();
    assert_eq!(server.ended(), Some(0));
    assert!(!server.socket().exists());
}

#[test]
fn it_ends_when_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Start::new(dir.path()).run();
    let id = server.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(server.ended(), Some(0));
    assert!(!server.socket().exists());
}

#[test]
fn it_ends_when_nobody_needs_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Start { idle_seconds: "1", ..Start::new(dir.path()) }.run();
    assert_eq!(server.chat(&ask("Hello")).status, 200);
    assert_eq!(server.ended(), Some(0));
}

#[test]
fn its_socket_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let server = Start::new(dir.path()).run();
    assert_eq!(std::fs::metadata(server.socket()).unwrap().permissions().mode() & 0o777, 0o600);
}

//! Nothing is computed twice, not even after a restart.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Server, Start};

fn with_instructions(question: &str) -> Value {
    json!({"messages": [
        {"role": "system", "content": "You answer in one word. ".repeat(40)},
        {"role": "user", "content": question},
    ], "max_tokens": 2})
}

fn cached(server: &Server, question: &str) -> (u64, String) {
    let answer = server.chat(&with_instructions(question)).json();
    let cached = answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
    (cached, answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned())
}

#[test]
fn a_prefix_is_reused_in_memory_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start::new(dir.path()).run();
    let (cold, answer) = cached(&server, "What colour is snow?");
    let (warm, _) = cached(&server, "What colour is grass?");
    assert_eq!(cold, 0);
    assert!(warm > 200, "{warm}");
    drop(server);

    let server = Start::new(dir.path()).run();
    let (from_disk, same) = cached(&server, "What colour is snow?");
    assert!(from_disk > 200, "{from_disk}");
    assert_eq!(same, answer);
    drop(server);

    let files: Vec<_> = fs::read_dir(dir.path().join("cache")).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let mut content = fs::read(&files[0]).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 0xFF;
    fs::write(&files[0], content).unwrap();
    let server = Start::new(dir.path()).run();
    let (after_damage, same) = cached(&server, "What colour is snow?");
    assert_eq!(after_damage, 0);
    assert_eq!(same, answer);
}

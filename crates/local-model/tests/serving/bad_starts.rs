//! Files and wishes that cannot be served are refused in words.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Start, ask, weights};

fn refusal(folder: &Path, model: PathBuf) -> Value {
    let mut server = Start { model, ..Start::new(folder) }.run();
    assert_eq!(server.ended(), Some(1));
    let error = server.first_line["error"].clone();
    assert!(!error["message"].as_str().unwrap().is_empty() && !error["hint"].as_str().unwrap().is_empty());
    error
}

#[test]
fn bad_files_are_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let good = fs::read(weights()).unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let noise: Vec<u8> = (0..100_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut noisy_head = good[..200_000].to_vec();
    noisy_head[8..100_008].copy_from_slice(&noise);
    let architecture = b"general.architecture";
    let mut alien = good.clone();
    let name =
        alien.windows(architecture.len()).position(|w| w == architecture).unwrap() + architecture.len() + 12;
    alien[name..name + 5].copy_from_slice(b"alien");
    for (model, code) in [
        (dir.path().join("absent.gguf"), "model_missing"),
        (dir.path().to_owned(), "model_unreadable"),
        (file("empty.gguf", b""), "not_gguf"),
        (file("noise.gguf", &noise), "not_gguf"),
        (file("head.gguf", &good[..1000]), "model_damaged"),
        (file("noisy.gguf", &noisy_head), "model_damaged"),
        (file("half.gguf", &good[..good.len() / 2]), "model_damaged"),
        (file("almost.gguf", &good[..good.len() - 1000]), "model_damaged"),
        (file("alien.gguf", &alien), "unsupported_architecture"),
    ] {
        let error = refusal(dir.path(), model.clone());
        assert_eq!(error["code"], code, "{}: {error}", model.display());
    }
}

#[test]
fn an_absurd_context_is_cut_down_and_serves() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start { context: "200000000", ..Start::new(dir.path()) }.run();
    assert_eq!(server.first_line["ready"], true, "{}", server.first_line);
    assert!(server.first_line["context"].as_u64().unwrap() <= 131_072);
    assert_eq!(server.chat(&ask("Hello")).status, 200);
}

#[test]
fn a_socket_that_cannot_be_opened_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("file");
    fs::write(&folder, "not a folder").unwrap();
    let mut server = Start { folder: &folder, ..Start::new(dir.path()) }.run();
    assert_eq!(server.first_line["error"]["code"], "socket_failed");
    assert_eq!(server.ended(), Some(1));
}

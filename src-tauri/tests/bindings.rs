//! What the pages know of the shell is written from the Rust code. `UPDATE=1` writes it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeSet, path::Path};

use specta_typescript::Typescript;

const HEADER: &str =
    "// Written from src-tauri by its test `bindings`; never edited. Run it with UPDATE=1.\n";

/// The commands that a window may call, as their functions are called.
fn allowed(window: &str) -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities").join(window).with_extension("json");
    let capability: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let all = capability["permissions"].as_array().unwrap().iter().filter_map(serde_json::Value::as_str);
    all.filter_map(|name| name.strip_prefix("allow-")).map(|name| name.replace('-', "_")).collect()
}

#[test]
fn the_window_may_call_every_command_and_the_quick_prompt_none_that_does_harm() {
    let temp = tempfile::tempdir().unwrap();
    let fresh = temp.path().join("bindings.ts");
    jamey_desktop::bridge::builder().export(Typescript::default(), &fresh).unwrap();
    let text = std::fs::read_to_string(fresh).unwrap();
    let calls = text.lines().filter(|line| line.contains("__TAURI_INVOKE<"));
    let made: BTreeSet<String> =
        calls.filter_map(|line| line.split_once("(\"")?.1.split('"').next()).map(str::to_owned).collect();
    assert_eq!(allowed("main"), made, "capabilities/main.json names other commands than bridge/mod.rs");
    let quick = allowed("quick");
    assert!(quick.is_subset(&made));
    for harmful in
        ["give_key", "remove_key", "set_config", "set_shell", "remove_model", "delete_session", "quit"]
    {
        assert!(!quick.contains(harmful), "{harmful}");
    }
}

#[test]
fn the_kept_bindings_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/generated/bindings.ts");
    let temp = tempfile::tempdir().unwrap();
    let fresh = temp.path().join("bindings.ts");
    jamey_desktop::bridge::builder().export(Typescript::default().header(HEADER), &fresh).unwrap();
    let text = std::fs::read_to_string(fresh).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == text, "ui/src/generated/bindings.ts is out of date; run with UPDATE=1 to write it");
}

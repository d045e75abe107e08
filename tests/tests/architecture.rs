//! The rules of docs/architecture.md that a program can hold: who imports whom, how long a file may
//! be, where `unsafe` may stand, and that the page itself is complete.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Which Jamey crates a member may import. The tests may import anything.
const ARROWS: &[(&str, &[&str])] = &[
    ("jamey-protocol", &[]),
    ("jamey-engine", &["jamey-protocol"]),
    ("jamey-providers", &["jamey-engine", "jamey-protocol"]),
    ("jamey-tools", &["jamey-engine", "jamey-protocol"]),
    ("jamey-ipc", &["jamey-protocol"]),
    ("jamey-memory", &[]),
    ("jamey-local-model", &["jamey-protocol", "jamey-ipc"]),
    (
        "jamey-runtime",
        &["jamey-engine", "jamey-ipc", "jamey-memory", "jamey-protocol", "jamey-providers", "jamey-tools"],
    ),
    ("jamey-cli", &["jamey-ipc", "jamey-protocol"]),
    ("jamey-desktop", &["jamey-ipc", "jamey-memory", "jamey-protocol"]),
    ("xtask", &[]),
];

/// Crates that belong in one place alone: the thin clients stay thin, the rules stay pure.
const HOMES: &[(&str, &[&str])] = &[
    ("reqwest", &["jamey-providers", "jamey-runtime"]),
    ("sqlx", &["jamey-runtime"]),
    ("axum", &["jamey-runtime", "jamey-local-model"]),
    ("dirs", &["jamey-ipc"]),
    ("llama-cpp-sys-2", &["jamey-local-model"]),
    ("tauri", &["jamey-desktop"]),
    ("specta", &["jamey-desktop", "jamey-protocol"]),
];

/// Lines that a file may have; tests may be longer.
const LONGEST: usize = 800;
const LONGEST_TEST: usize = 1200;

/// The only places where `unsafe` may stand: the foreign function interface to llama.cpp, and the
/// calls of the operating system that have no safe form.
const UNSAFE_HOMES: &[&str] =
    &["crates/local-model/src/llama/", "crates/tools/src/", "crates/ipc/src/", "crates/memory/src/"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn members() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn dependencies(member: &Value) -> impl Iterator<Item = &str> {
    member["dependencies"].as_array().unwrap().iter().map(|dependency| dependency["name"].as_str().unwrap())
}

/// All Rust files of the project with their path from its root.
fn sources() -> Vec<(String, String)> {
    fn below(folder: &Path, root: &Path, into: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    below(&path, root, into);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                into.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    for folder in ["crates", "src-tauri", "tests", "xtask"] {
        below(&root.join(folder), &root, &mut found);
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

#[test]
fn every_member_imports_only_what_its_arrow_allows() {
    let mut breaches = Vec::new();
    for member in members() {
        let name = member["name"].as_str().unwrap();
        if name == "jamey-tests" {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(other, _)| *other == name) else {
            breaches.push(format!("{name} has no line in the table of arrows"));
            continue;
        };
        for dependency in dependencies(&member) {
            if dependency.starts_with("jamey-") && !allowed.contains(&dependency) {
                breaches.push(format!("{name} must not import {dependency}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn heavy_crates_stay_in_their_homes() {
    let mut breaches = Vec::new();
    for member in members() {
        let name = member["name"].as_str().unwrap();
        for dependency in dependencies(&member).filter(|_| name != "jamey-tests") {
            if let Some((_, homes)) = HOMES.iter().find(|(heavy, _)| *heavy == dependency)
                && !homes.contains(&name)
            {
                breaches.push(format!("{name} must not use {dependency}; it belongs to {homes:?}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn no_file_is_longer_than_one_idea_needs() {
    let is_test = |name: &str| name.contains("/tests/") || name.ends_with("tests.rs");
    let long: Vec<String> = sources()
        .into_iter()
        .filter_map(|(name, text)| {
            let lines = text.lines().count();
            let most = if is_test(&name) { LONGEST_TEST } else { LONGEST };
            (lines > most).then(|| format!("{name}: {lines} lines, at most {most}"))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn unsafe_stands_only_where_it_is_allowed() {
    // Put together here, so that this file does not find itself.
    let words = ["{", "fn", "impl", "extern"].map(|after| format!("{} {after}", "unsafe"));
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _)| !UNSAFE_HOMES.iter().any(|home| name.starts_with(home)))
        .flat_map(|(name, text)| {
            text.lines()
                .enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with("//"))
                .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
                .map(|(at, line)| format!("{name}:{}: {}", at + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_architecture_page_names_every_member() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let missing: Vec<String> = members()
        .iter()
        .map(|member| {
            let manifest = Path::new(member["manifest_path"].as_str().unwrap());
            let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
            folder.to_string_lossy().replace('\\', "/")
        })
        .filter(|folder| !page.contains(&format!("`{folder}`")))
        .collect();
    assert!(missing.is_empty(), "docs/architecture.md does not name {missing:?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(name, text)| !text.starts_with("//!") && !name.ends_with("tests.rs"))
        .map(|(name, _)| name)
        .collect();
    assert!(silent.is_empty(), "no //! at the top of {silent:#?}");
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let mut numbers: Vec<u32> = fs::read_dir(root().join("docs/adr"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .map(|name| name.get(..4).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{name}")))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=u32::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
}

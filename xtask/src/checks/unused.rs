//! No dependency that no source line names.
//!
//! A crate that is there for its version or its build alone is listed in the member's
//! `[package.metadata.cargo-machete] ignored`, the place where the common tool looks too.

use std::{fs, path::Path};

use anyhow::Result;
use serde_json::Value;

/// Names each dependency of a member that its sources do not mention.
///
/// # Errors
/// When the sources cannot be read.
pub fn breaches(metadata: &Value) -> Result<Vec<String>> {
    let members = metadata["workspace_members"].as_array().cloned().unwrap_or_default();
    let mut breaches = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        if !members.contains(&package["id"]) {
            continue;
        }
        let Some(folder) = package["manifest_path"].as_str().and_then(|path| Path::new(path).parent()) else {
            continue;
        };
        let mut sources = String::new();
        read_sources(folder, &mut sources)?;
        let ignored = &package["metadata"]["cargo-machete"]["ignored"];
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["name"].as_str().unwrap_or_default();
            let called = dependency["rename"].as_str().unwrap_or(name).replace('-', "_");
            let is_ignored = ignored.as_array().is_some_and(|names| names.iter().any(|other| other == name));
            if !is_ignored && !mentions(&sources, &called) {
                breaches.push(format!("{} does not use {name}", package["name"].as_str().unwrap_or("?")));
            }
        }
    }
    Ok(breaches)
}

/// Collects the code lines of all Rust files below `folder`, comments left out.
fn read_sources(folder: &Path, into: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                read_sources(&path, into)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for line in fs::read_to_string(&path)?.lines() {
                if !line.trim_start().starts_with("//") {
                    into.push_str(line);
                    into.push('\n');
                }
            }
        }
    }
    Ok(())
}

/// Finds `name` as a whole word.
fn mentions(sources: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    sources.match_indices(name).any(|(at, _)| {
        !sources[..at].chars().next_back().is_some_and(is_word)
            && !sources[at + name.len()..].chars().next().is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_name_is_no_mention() {
        assert!(mentions("use tokio::sync;", "tokio"));
        assert!(mentions("serde_json::json!()", "serde_json"));
        assert!(!mentions("use tokio_util::sync;", "tokio"));
        assert!(!mentions("let mytokio = 1;", "tokio"));
    }
}

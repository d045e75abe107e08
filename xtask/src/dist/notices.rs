//! What the licences of other people's crates ask to be passed on with the programs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{
    cargo,
    desktop::{MANIFEST, PROGRAMS},
    layout::Layout,
    ui,
};

/// The texts of all licences, each once, with the crates and the packages of the pages that carry it.
///
/// # Errors
/// When cargo does not know its own packages.
pub fn notices(layout: &Layout) -> Result<String> {
    let mut index = String::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut without = Vec::new();
    let mut note = |name: String, about: String, folder: &Path| -> Result<()> {
        let line = format!("{name} ({about})\n");
        // Both workspaces have it.
        if index.contains(&line) {
            return Ok(());
        }
        index += &line;
        let mut found = licence_files(folder);
        // What brings another project's source brings its licence a folder further down.
        for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_dir()) {
            found.extend(licence_files(&entry.path()));
        }
        if found.is_empty() {
            without.push(name.clone());
        }
        for text in found {
            texts.entry(text).or_default().insert(name.clone());
        }
        Ok(())
    };
    for manifest in ["Cargo.toml", MANIFEST] {
        let metadata = cargo::metadata_of(layout, manifest)?;
        let linked = linked(&metadata)?;
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let word = |name: &str| package[name].as_str().unwrap_or_default();
            // What has no source is of this project.
            if package["source"].is_null() || !linked.contains(word("id")) {
                continue;
            }
            let folder = Path::new(word("manifest_path")).parent().context("a package has a folder")?;
            let about = format!("{}; {}", word("license"), word("repository"));
            note(format!("{} {}", word("name"), word("version")), about, folder)?;
        }
    }
    for (place, package) in ui::shipped(layout)? {
        let word = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        let name = place.rsplit("node_modules/").next().unwrap_or_default();
        note(format!("{name} {}", word("version")), word("license"), &layout.root.join(&place))?;
    }
    let mut out =
        format!("Jamey contains the following works of others, each under its own licence.\n\n{index}");
    if !without.is_empty() {
        let _ =
            write!(out, "\nWithout a text of their own; see their repositories: {}\n", without.join(", "));
    }
    for (text, names) in texts {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        let _ = write!(out, "\n{}\n{names}\n\n{}\n", "=".repeat(100), text.trim_end());
    }
    Ok(out)
}

/// The packages whose code is in the programs.
fn linked(metadata: &Value) -> Result<BTreeSet<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().context("cargo resolved nothing")?;
    let node = |id: &str| nodes.iter().find(|node| node["id"] == id);
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let ours = packages.filter(|package| {
        let targets = package["targets"].as_array().into_iter().flatten();
        package["source"].is_null()
            && targets.into_iter().any(|target| {
                target["kind"][0] == "bin" && PROGRAMS.iter().any(|program| target["name"] == *program)
            })
    });
    let mut ahead: Vec<String> =
        ours.filter_map(|package| package["id"].as_str().map(str::to_owned)).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = ahead.pop() {
        let Some(node) = node(&id).filter(|_| found.insert(id.clone())) else { continue };
        for edge in node["deps"].as_array().into_iter().flatten() {
            let kinds = edge["dep_kinds"].as_array().into_iter().flatten();
            if kinds.into_iter().any(|kind| kind["kind"].is_null()) {
                ahead.extend(edge["pkg"].as_str().map(str::to_owned));
            }
        }
    }
    Ok(found)
}

fn licence_files(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
    files.sort_by_key(fs::DirEntry::file_name);
    let is_licence = |name: &str| {
        ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"].iter().any(|word| name.starts_with(word))
            && !name.ends_with(".RS")
    };
    files
        .into_iter()
        .filter(|file| is_licence(&file.file_name().to_string_lossy().to_uppercase()))
        .filter_map(|file| fs::read_to_string(file.path()).ok())
        .map(|text| text.replace("\r\n", "\n"))
        .collect()
}

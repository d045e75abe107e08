//! The standard library for another system, built once and kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::debian;
use crate::{cargo, layout::Layout, say};

/// Makes the standard library of `target`, if it is not there; gives the folder for `--sysroot`.
///
/// # Errors
/// When it does not compile or the disk is full.
pub fn for_target(layout: &Layout, target: &str) -> Result<PathBuf> {
    let root = at(layout)?;
    let place = root.join("lib/rustlib").join(target).join("lib");
    if place.is_dir() {
        return Ok(root);
    }
    say::note("building the standard library, once: about two minutes on two cores");
    let work = layout.cache.join(format!("std-work-{}", std::process::id()));
    let made = make(layout, target, &work, &place);
    // Whatever became of it, nothing of the work is needed again.
    let _ = fs::remove_dir_all(&work);
    made.map(|()| root)
}

/// Where it is or will be.
///
/// # Errors
/// When the compiler does not start.
pub fn at(layout: &Layout) -> Result<PathBuf> {
    Ok(layout.cache.join(format!("std-{}", debian::compiler()?)))
}

fn make(layout: &Layout, target: &str, work: &Path, place: &Path) -> Result<()> {
    fs::create_dir_all(work.join("src"))?;
    fs::write(work.join("src/lib.rs"), "#![no_std]\n")?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n[profile.release]\npanic = \"unwind\"\n[workspace]\n";
    fs::write(work.join("Cargo.toml"), manifest)?;
    let mut build = debian::cargo(layout, target);
    build
        .current_dir(work)
        .args(["build", "--quiet", "--release", "-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro"])
        .args(["--target", target, "--target-dir", "built"])
        .env("RUSTC_BOOTSTRAP", "1")
        // As the library itself is shipped: only its stable face shows, and links may optimise across it.
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes");
    cargo::must(&mut build)?;
    // Under another name until it is whole: its folder says that it is there.
    let whole = work.join("lib");
    fs::create_dir(&whole)?;
    let built = work.join("built").join(target).join("release/deps");
    for file in fs::read_dir(&built)? {
        let (path, name) = file.map(|file| (file.path(), file.file_name()))?;
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libempty-") {
            fs::rename(&path, whole.join(&name))?;
        }
    }
    fs::create_dir_all(place.parent().context("a library lies in a folder")?)?;
    match fs::rename(&whole, place) {
        // Somebody else was quicker, and theirs is as good.
        Err(_) if place.is_dir() => Ok(()),
        renamed => renamed.context("the standard library could not be put in its place"),
    }
}

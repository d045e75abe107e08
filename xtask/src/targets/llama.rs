//! llama.cpp for a compile check: not built again for another system, only described.
//!
//! Its package makes Rust declarations from its headers and compiles half an hour of C++. A check needs the
//! declarations alone, and those that were made for this machine differ in nothing that we use. So cargo is
//! told what the package's build script would have said.

use std::{fs, path::PathBuf, process::Command, time::SystemTime};

use crate::{layout::Layout, say};

/// The package that needs it.
const LEFT_OUT: [&str; 2] = ["--exclude", "jamey-local-model"];

/// Describes llama.cpp to a check of the workspace for `target`; where it was not yet built for this machine,
/// leaves out what needs it and says so.
pub fn describe(layout: &Layout, target: &str, check: &mut Command) {
    let Some(built) = built(layout) else {
        say::note("NOT CHECKED: jamey-local-model, which needs a build of the product first");
        check.args(LEFT_OUT);
        return;
    };
    let built = built.display();
    for (name, value) in [("rustc-env.OUT_DIR", &built), ("root", &built)] {
        check.arg("--config").arg(format!("target.{target}.llama.{name}='{value}'"));
    }
}

/// The newest build of llama.cpp for this machine.
fn built(layout: &Layout) -> Option<PathBuf> {
    let made = |folder: &PathBuf| -> Option<SystemTime> {
        fs::metadata(folder.join("bindings.rs")).and_then(|file| file.modified()).ok()
    };
    let folders = fs::read_dir(layout.bin_dir().join("build")).ok()?.flatten();
    folders
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("llama-cpp-sys-2-"))
        .map(|entry| entry.path().join("out"))
        .filter_map(|folder| Some((made(&folder)?, folder)))
        .max()
        .map(|(_, folder)| folder)
}

//! macOS: whether it compiles. There is nothing here that could link or run it.
//!
//! Crates with C code get stand-ins for a compiler and an archiver that make empty files: `cargo check`
//! reads no C.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use super::{debian, llama};
use crate::{cargo, desktop, layout::Layout};

const TARGET: &str = "aarch64-apple-darwin";
const FOLDER: &str = "mac";

/// Leaves an empty file wherever one is asked for with `-o`.
const COMPILER: &str = "#!/bin/sh
while [ $# -gt 0 ]; do
  if [ \"$1\" = -o ] && [ -n \"$2\" ]; then : > \"$2\"; shift; fi
  shift
done
";
/// Leaves an empty archive.
const ARCHIVER: &str = "#!/bin/sh
for word; do
  case $word in *.a) : > \"$word\" ;; esac
done
";

/// Installs the compiler and writes the stand-ins.
///
/// # Errors
/// When something cannot be installed or written.
pub fn set_up(layout: &Layout) -> Result<()> {
    debian::packages(&[])?;
    for (name, text) in [("cc", COMPILER), ("ar", ARCHIVER)] {
        let path = stand_in(layout, name);
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(&path, text)?;
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    Ok(())
}

fn stand_in(layout: &Layout, name: &str) -> PathBuf {
    layout.cache.join("stand-ins").join(name)
}

/// Checks every crate, with its tests.
///
/// # Errors
/// When something does not compile.
pub fn check(layout: &Layout) -> Result<()> {
    let mut check = debian::cargo(layout, FOLDER);
    check
        .args(["check", "--release", "--locked", "--target", TARGET, "-Zbuild-std", "--keep-going"])
        .args(["--workspace", "--all-targets"])
        .env("RUSTC_BOOTSTRAP", "1");
    llama::describe(layout, TARGET, &mut check);
    cargo::must(with_stand_ins(layout, &mut check))
}

/// Checks the desktop, with its tests; its pages are built before.
///
/// # Errors
/// When something does not compile.
pub fn check_desktop(layout: &Layout) -> Result<()> {
    let mut check = debian::cargo(layout, FOLDER);
    check
        .args(["check", "--release", "--locked", "--target", TARGET, "-Zbuild-std"])
        .arg("--all-targets")
        .env("RUSTC_BOOTSTRAP", "1");
    cargo::must(with_stand_ins(layout, desktop::of_desktop(layout, &mut check)))
}

fn with_stand_ins<'a>(layout: &Layout, check: &'a mut Command) -> &'a mut Command {
    for (tool, name) in [("CC", "cc"), ("CXX", "cc"), ("AR", "ar")] {
        check.env(format!("{tool}_{}", TARGET.replace('-', "_")), stand_in(layout, name));
    }
    check
}

//! Debian's own Rust, which comes with the sources of the standard library.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{cargo, layout::Layout, setup};

/// Compiler, cargo, and the sources of the standard library.
const RUST: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const RUSTC: &str = "/usr/bin/rustc";

/// Installs Debian's Rust and `more`, as far as they are missing.
///
/// # Errors
/// When this is no Debian, or a package cannot be installed.
pub fn packages(more: &[&str]) -> Result<()> {
    let wanted: Vec<&str> = RUST.iter().chain(more).copied().collect();
    let missing: Vec<&str> = wanted.into_iter().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !cargo::works("dpkg-query", &["--version"]) {
        bail!("this needs Debian 12 or later, or a system that shares its packages: {}", missing.join(" "));
    }
    setup::install(&missing)
}

fn is_installed(package: &str) -> bool {
    cargo::output(Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}

/// Names the compiler, so that what it built is built again after an update.
///
/// # Errors
/// When it does not start.
pub fn compiler() -> Result<String> {
    let about = cargo::output(Command::new(RUSTC).arg("-vV").env_remove("LD_LIBRARY_PATH"))?;
    let field = |name: &str| about.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let (release, llvm) =
        field("release:").zip(field("LLVM version:")).context("rustc does not name itself")?;
    Ok(format!("{release}-{llvm}"))
}

/// A call of Debian's cargo in the clone, with a target folder of its own and nothing that belongs to the
/// toolchain that runs us.
pub fn cargo(layout: &Layout, target: &str) -> Command {
    let mut command = cargo::program(layout, "/usr/bin/cargo");
    command.env("RUSTC", RUSTC).env("RUSTDOC", "/usr/bin/rustdoc");
    command.env("CARGO_TARGET_DIR", folder(layout, target));
    for name in ["LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Where what is built for another system lies: beside what is built for this one.
pub fn folder(layout: &Layout, target: &str) -> std::path::PathBuf {
    let mut name = layout.target.clone().into_os_string();
    name.push("-");
    name.push(target);
    name.into()
}

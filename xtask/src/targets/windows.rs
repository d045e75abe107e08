//! Windows, through the MinGW compilers.

use std::process::Command;

use anyhow::Result;

use super::{debian, library, llama};
use crate::{cargo, desktop, layout::Layout};

pub const TARGET: &str = "x86_64-pc-windows-gnu";
const FOLDER: &str = "windows";

/// Installs the compilers and builds the standard library.
///
/// # Errors
/// When something cannot be installed or built.
pub fn set_up(layout: &Layout) -> Result<()> {
    debian::packages(&["gcc-mingw-w64-x86-64-posix", "g++-mingw-w64-x86-64-posix"])?;
    library::for_target(layout, TARGET).map(drop)
}

/// A call of cargo for Windows.
///
/// # Errors
/// When the compiler does not start.
pub fn cargo(layout: &Layout, command: &str) -> Result<Command> {
    let mut call = debian::cargo(layout, FOLDER);
    let root = library::at(layout)?;
    call.args([command, "--release", "--locked", "--target", TARGET])
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc")
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS", format!("--sysroot {}", root.display()));
    Ok(call)
}

/// Checks every crate, with its tests.
///
/// # Errors
/// When something does not compile.
pub fn check(layout: &Layout) -> Result<()> {
    let mut check = cargo(layout, "check")?;
    check.args(["--workspace", "--all-targets", "--keep-going"]);
    llama::describe(layout, TARGET, &mut check);
    cargo::must(&mut check)
}

/// Checks the desktop, with its tests; its pages are built before.
///
/// # Errors
/// When something does not compile.
pub fn check_desktop(layout: &Layout) -> Result<()> {
    cargo::must(desktop::of_desktop(layout, &mut cargo(layout, "check")?).arg("--all-targets"))
}

/// Builds the two programs that need no window and no weights.
///
/// # Errors
/// When they do not compile or link.
pub fn build(layout: &Layout) -> Result<()> {
    cargo::must(cargo(layout, "build")?.args(["--package", "jamey-cli", "--package", "jamey-runtime"]))
}

/// A program that was built.
pub fn program(layout: &Layout, name: &str) -> std::path::PathBuf {
    debian::folder(layout, FOLDER).join(TARGET).join("release").join(format!("{name}.exe"))
}

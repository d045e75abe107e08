//! Calls of cargo, and of programs in general, that must succeed.

use std::{
    ffi::OsStr,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::layout::Layout;

/// A cargo command in the clone with the shared target folder.
///
/// `cargo run` left its own variables about xtask in the environment; build scripts must not see
/// them, or they would run again after each plain `cargo build`.
pub fn cargo(layout: &Layout) -> Command {
    program(layout, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The same with another cargo than the one that runs us.
pub fn program(layout: &Layout, cargo: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(cargo);
    command.current_dir(&layout.root).env("CARGO_TARGET_DIR", &layout.target);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || matches!(name.as_str(), "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "CARGO_PRIMARY_PACKAGE")
        {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it with its output shown.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn must(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("could not start {}", name(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", line(command));
    }
    Ok(())
}

/// Runs it and gives back what it printed.
///
/// # Errors
/// When it cannot be started or does not succeed; then with what it said.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start {}", name(command)))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}): {}",
            line(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Tells whether a program can be started and succeeds.
pub fn works(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The platform that programs are built for when none is named.
pub fn host(layout: &Layout) -> Result<String> {
    let version = output(cargo(layout).args(["version", "--verbose"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("cargo does not say which platform this is")
}

/// What cargo knows of the workspace, for this machine's platform.
pub fn metadata(layout: &Layout) -> Result<Value> {
    metadata_of(layout, "Cargo.toml")
}

/// The same of the workspace that a manifest belongs to.
pub fn metadata_of(layout: &Layout, manifest: &str) -> Result<Value> {
    let host = host(layout)?;
    let text = output(cargo(layout).args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        &host,
        "--manifest-path",
        manifest,
    ]))?;
    serde_json::from_str(&text).context("cargo metadata printed no JSON")
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let mut line = name(command);
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

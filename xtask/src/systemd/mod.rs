//! The service against a real systemd: a user manager of its own, in namespaces that see nothing of the
//! machine's /run, cgroups or processes, and that end with everything in them.

mod inside;
mod scenario;

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{cargo, layout::Layout, say, setup};

pub use inside::run as run_inside;

/// The word by which this program calls itself within the namespaces.
pub const WORD: &str = "systemd-inside";
/// Everything in them ends after so many seconds, beyond what a measurement takes.
const PATIENCE: u64 = 240;

/// Installs, kills, hangs, restarts, reloads and removes the service.
///
/// # Errors
/// With the first thing that did not hold.
pub fn exercise(layout: &Layout) -> Result<()> {
    within(layout, PATIENCE, &[])
}

/// Installs the service and watches it idle for `minutes`.
///
/// # Errors
/// When it costs more than it may, or something did not hold before.
pub fn watch_idle(layout: &Layout, minutes: u64) -> Result<()> {
    within(layout, PATIENCE + minutes * 60, &[minutes.to_string()])
}

fn within(layout: &Layout, patience: u64, more: &[String]) -> Result<()> {
    if cargo::output(Command::new("id").arg("-u"))?.trim() != "0" {
        say::note(
            "NOT RUN: namespaces with cgroups of their own need root; run the tests with sudo for that",
        );
        return Ok(());
    }
    if !Path::new("/lib/systemd/systemd").exists() {
        setup::install(&["systemd"])?;
    }
    let me = std::env::current_exe().context("this program does not find itself")?;
    let mut command = Command::new("timeout");
    command
        .args(["--kill-after=5", &patience.to_string()])
        .args(["unshare", "--mount", "--pid", "--fork", "--kill-child"])
        .args(["--mount-proc", "--cgroup", "--propagation", "private"])
        .arg(me)
        .arg(WORD)
        .args([layout.bin_dir(), layout.root.join("install.sh")])
        .args(more);
    let status = command.status().context("`unshare` cannot be started")?;
    if !status.success() {
        bail!("what the service promises does not hold under systemd (see above)");
    }
    Ok(())
}

//! The shell scripts, read by shellcheck.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{cargo, layout::Layout, say, setup};

/// What `sh` runs on other people's machines.
const SCRIPTS: &[&str] = &["install.sh", ".ci/run", "packaging/icons/make.sh"];

/// Finds what is wrong with the scripts.
///
/// # Errors
/// With what shellcheck says, or when it cannot be installed on a Debian.
pub fn scripts(layout: &Layout) -> Result<()> {
    if !cargo::works("shellcheck", &["--version"]) {
        if Path::new("/etc/debian_version").exists() {
            setup::install(&["shellcheck"])?;
        } else if cfg!(windows) {
            say::note("left out: shellcheck reads scripts for Unix");
            return Ok(());
        } else {
            bail!(
                "shellcheck is missing. Install it with your system's package manager, then run this again"
            );
        }
    }
    cargo::must(Command::new("shellcheck").current_dir(&layout.root).args(SCRIPTS))
}

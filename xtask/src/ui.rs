//! The pages of the desktop: their packages, their checks, their build.

use std::{fs, process::Command};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{cargo, layout::Layout, say, setup};

/// The oldest Node.js that the build of the pages runs on; `package.json` says the same.
const OLDEST_NODE: (u32, u32) = (20, 19);
const CHROMIUM: &str = "/usr/bin/chromium";

/// Installs Node.js where there is none, and the packages that `package-lock.json` names where they differ.
///
/// # Errors
/// When there is no Node.js that is young enough, or a package cannot be had.
pub fn packages(layout: &Layout) -> Result<()> {
    if !cargo::works("npm", &["--version"]) {
        setup::install(&["nodejs", "npm"])?;
    }
    let version = cargo::output(Command::new("node").arg("--version"))?;
    if !is_young_enough(version.trim()) {
        let (major, minor) = OLDEST_NODE;
        let version = version.trim();
        bail!(
            "the pages need Node.js {major}.{minor} or later, and this is {version}: get one from nodejs.org"
        );
    }
    // npm keeps what it installed last beside the packages.
    let kept = layout.root.join("node_modules/.jamey-lock");
    let lock = fs::read(layout.root.join("package-lock.json")).context("package-lock.json cannot be read")?;
    if fs::read(&kept).is_ok_and(|kept| kept == lock) {
        return Ok(());
    }
    cargo::must(npm(layout).args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]))?;
    fs::write(&kept, lock).context("node_modules cannot be written")
}

fn is_young_enough(version: &str) -> bool {
    let mut numbers =
        version.trim_start_matches('v').split('.').map(|number| number.parse::<u32>().unwrap_or_default());
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    (major, minor) >= OLDEST_NODE
}

/// Builds the pages into `dist`, from where the desktop takes them.
///
/// # Errors
/// When they do not build, or became larger than they may be.
pub fn build(layout: &Layout) -> Result<()> {
    packages(layout)?;
    run(layout, "build")
}

/// What is read and tested without a browser.
///
/// # Errors
/// With the first that does not hold.
pub fn check(layout: &Layout) -> Result<()> {
    packages(layout)?;
    ["lint", "types", "test"].into_iter().try_for_each(|script| run(layout, script))
}

/// The pages in a real browser, against a runtime that is played.
///
/// # Errors
/// When something does not hold, or there is no browser.
pub fn browser(layout: &Layout) -> Result<()> {
    if !fs::exists(CHROMIUM).unwrap_or(false) {
        setup::install(&["chromium"])?;
    }
    packages(layout)?;
    run(layout, "test:browser")
}

/// The packages whose code is in the pages, by their place, as `package-lock.json` has them.
///
/// # Errors
/// When that file is not there or not understood.
pub fn shipped(layout: &Layout) -> Result<Vec<(String, Value)>> {
    let text = fs::read_to_string(layout.root.join("package-lock.json"))?;
    let mut lock: Value = serde_json::from_str(&text).context("package-lock.json is no JSON")?;
    let all = lock["packages"].as_object_mut().context("package-lock.json names no packages")?;
    let is_shipped = |place: &str, package: &Value| {
        place.starts_with("node_modules/") && package["dev"] != true && package["optional"] != true
    };
    Ok(std::mem::take(all).into_iter().filter(|(place, package)| is_shipped(place, package)).collect())
}

fn run(layout: &Layout, script: &str) -> Result<()> {
    say::note(script);
    cargo::must(npm(layout).args(["run", "--silent", script]))
}

fn npm(layout: &Layout) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    // Outside the clone, so that a second clone downloads nothing again.
    command.current_dir(&layout.root).env("npm_config_cache", layout.cache.join("npm"));
    command.env("npm_config_update_notifier", "false");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_told_from_a_young_one() {
        for (version, expected) in [
            ("v20.19.0", true),
            ("v20.20.2", true),
            ("v24.1.0", true),
            ("v18.20.4", false),
            ("v20.9.0", false),
            ("", false),
        ] {
            assert_eq!(is_young_enough(version), expected, "{version}");
        }
    }
}

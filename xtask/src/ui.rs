//! The pages of the desktop: their packages, their checks, their build.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{cargo, layout::Layout, say, setup};

/// The oldest Node.js that the build of the pages runs on; `package.json` says the same.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// The one that is fetched where there is none that is young enough; the npm package that carries its program.
const OWN_NODE: &str = "node@22";
const CHROMIUM: &str = "/usr/bin/chromium-headless-shell";

/// Installs Node.js where there is none, and the packages that `package-lock.json` names where they differ.
///
/// # Errors
/// When there is no Node.js that is young enough, or a package cannot be had.
pub fn packages(layout: &Layout) -> Result<()> {
    if !cargo::works("npm", &["--version"]) {
        setup::install(&["nodejs", "npm"])?;
    }
    if !is_young_enough(&node_version(layout)) {
        // Debian's own is older than the pages need; npm has them as packages too.
        fs::create_dir_all(own_node(layout))?;
        let node = ["install", "--no-save", "--no-audit", "--no-fund", OWN_NODE, "--prefix"];
        cargo::must(npm(layout).args(node).arg(own_node(layout)))?;
    }
    let version = node_version(layout);
    if !is_young_enough(&version) {
        let (major, minor) = OLDEST_NODE;
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

/// Where a Node.js is put that is young enough, beside what else is kept for builds.
fn own_node(layout: &Layout) -> PathBuf {
    layout.cache.join("node")
}

fn node_version(layout: &Layout) -> String {
    let mut node = Command::new("node");
    with_own_node(layout, &mut node);
    cargo::output(node.arg("--version")).unwrap_or_default().trim().to_owned()
}

/// Lets that Node.js be found first, if it is there.
fn with_own_node(layout: &Layout, command: &mut Command) {
    let bin = own_node(layout).join("node_modules/node/bin");
    if bin.is_dir() {
        let before = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(bin).chain(std::env::split_paths(&before));
        if let Ok(path) = std::env::join_paths(all) {
            command.env("PATH", path);
        }
    }
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
        setup::install(&["chromium-headless-shell"])?;
    }
    packages(layout)?;
    run(layout, "test:browser")
}

/// Pictures of every page in a real browser, into `folder`.
///
/// # Errors
/// When a page does not come up, or there is no browser.
pub fn shots(layout: &Layout, folder: &Path) -> Result<()> {
    if !fs::exists(CHROMIUM).unwrap_or(false) {
        setup::install(&["chromium-headless-shell"])?;
    }
    packages(layout)?;
    cargo::must(npm(layout).args(["run", "--silent", "shots", "--", "--documents", "--to"]).arg(folder))
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
    with_own_node(layout, &mut command);
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

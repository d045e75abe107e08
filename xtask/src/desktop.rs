//! `cargo xtask desktop`: the real desktop on a screen that nobody sees, driven and looked at.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{cargo, eval, layout::Layout, setup};

/// What is started, and the Debian package that brings it.
const NEEDS: &[(&str, &str)] = &[
    ("Xvfb", "xvfb"),
    ("dbus-daemon", "dbus"),
    ("gdbus", "libglib2.0-bin"),
    ("xfwm4", "xfwm4"),
    ("xfce4-panel", "xfce4-panel"),
    ("xdotool", "xdotool"),
    ("wmctrl", "wmctrl"),
    ("xprop", "x11-utils"),
    ("import", "imagemagick"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
];

/// What it is built with.
const LIBRARIES: &[&str] =
    &["pkg-config", "libwebkit2gtk-4.1-dev", "libayatana-appindicator3-dev", "librsvg2-dev"];

/// Installs what is missing, builds everything and runs the checks, whose exit code it takes over.
///
/// # Errors
/// When something cannot be installed or built.
pub fn desktop(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    if !cfg!(target_os = "linux") {
        bail!("the screen that nobody sees is an X server's and needs Linux");
    }
    let is_missing = |program: &str| !cargo::works("sh", &["-c", &format!("command -v {program}")]);
    let missing: Vec<&str> =
        NEEDS.iter().filter(|(program, _)| is_missing(program)).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        setup::install(&missing)?;
    }
    if !cargo::works("pkg-config", &["--exists", "webkit2gtk-4.1"]) {
        setup::install(LIBRARIES)?;
    }
    // A workspace of its own, built into the same folder.
    let build = ["build", "--release", "--locked", "--manifest-path", "src-tauri/Cargo.toml"];
    cargo::must(cargo::cargo(layout).args(build))?;
    eval::judge(layout, "desktop", words)
}

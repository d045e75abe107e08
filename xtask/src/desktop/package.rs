//! The desktop as a package of the system: made by Tauri's own bundler from the programs that are built, then
//! installed and tried.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::{cargo, layout::Layout, say};

/// Only its bundler is used; the programs are cargo's.
const BUNDLER: &str = "@tauri-apps/cli@2.12.5";
/// The programs of a package.
pub const PROGRAMS: &[&str] = if cfg!(windows) {
    &["jamey", "jamey-runtime", "jamey-keeper", "jamey-local-model", DESKTOP]
} else {
    &["jamey", "jamey-runtime", "jamey-local-model", DESKTOP]
};
const DESKTOP: &str = "jamey-desktop";

/// Makes the package from what is built.
///
/// # Errors
/// When the bundler fails, or says nothing of a package.
pub fn make(layout: &Layout) -> Result<PathBuf> {
    let shell = layout.root.join("src-tauri");
    let target = cargo::host(layout)?;
    fs::create_dir_all(shell.join("bin"))?;
    for program in sidecars() {
        let built = layout.bin(program);
        let suffix = std::env::consts::EXE_SUFFIX;
        fs::copy(&built, shell.join(format!("bin/{program}-{target}{suffix}")))
            .with_context(|| format!("{} is not built", built.display()))?;
    }
    let kind = if cfg!(windows) {
        "nsis"
    } else if cfg!(target_os = "macos") {
        "dmg"
    } else {
        "deb"
    };
    // The bundler knows one profile and its folder.
    let staged = layout.target.join("bundling");
    let release = staged.join("release");
    fs::create_dir_all(&release)?;
    let desktop = layout.bin(DESKTOP);
    fs::copy(&desktop, release.join(desktop.file_name().context("a program has a name")?))
        .with_context(|| format!("{} is not built", desktop.display()))?;
    let folder = release.join("bundle").join(kind);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut bundler = Command::new(if cfg!(windows) { "npx.cmd" } else { "npx" });
    bundler.current_dir(&shell).env("CARGO_TARGET_DIR", &staged);
    bundler.env("npm_config_cache", layout.cache.join("npm"));
    let sidecars: Vec<String> = sidecars().map(|program| format!("bin/{program}")).collect();
    let more = json!({"build": {"beforeBuildCommand": ""}, "bundle": {"externalBin": sidecars}});
    bundler.args(["--yes", "--package", BUNDLER, "tauri", "bundle", "--ci", "--no-sign"]);
    cargo::must(bundler.args(["--bundles", kind, "--config", &more.to_string()]))?;
    let made = fs::read_dir(&folder).with_context(|| format!("no package in {}", folder.display()))?;
    let mut made: Vec<PathBuf> =
        made.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    made.sort();
    made.pop().context("the bundler made no package")
}

/// Makes the package, looks into it, and on a machine that is for tests alone installs it, tries what was
/// installed, and removes it again.
///
/// # Errors
/// When something is missing or does not start.
pub fn exercise(layout: &Layout) -> Result<()> {
    let package = make(layout)?;
    let unpacked = layout.target.join("unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    cargo::must(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&unpacked))?;
    look(&unpacked)?;
    say::note(&format!(
        "{}: {:.1} MB, installed {:.1} MB",
        package.file_name().unwrap_or_default().to_string_lossy(),
        megabytes(package.metadata()?.len()),
        megabytes(size(&unpacked)?)
    ));
    if std::env::var_os("CI").is_none() {
        say::note("not installed, since this is a person's machine (CI is not set)");
        return starts(&unpacked.join("usr/bin"));
    }
    install(&package)?;
    let tried = starts(Path::new("/usr/bin"));
    cargo::must(Command::new("dpkg").args(["--remove", "jamey"]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    tried
}

/// What comes beside the desktop.
fn sidecars() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().copied().filter(|program| *program != DESKTOP)
}

fn install(package: &Path) -> Result<()> {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "--yes", "--quiet"]);
    cargo::must(apt.args(["--no-install-recommends", "--reinstall"]).arg(package))
}

/// What must be in it.
fn look(unpacked: &Path) -> Result<()> {
    for program in PROGRAMS {
        ensure!(unpacked.join("usr/bin").join(program).is_file(), "the package has no {program}");
    }
    let entries = unpacked.join("usr/share/applications");
    let entry = fs::read_dir(&entries)?.flatten().next().context("the package has no desktop entry")?;
    let text = fs::read_to_string(entry.path())?;
    for line in ["Exec=jamey-desktop %u", "Exec=jamey-desktop --quick", "x-scheme-handler/jamey"] {
        ensure!(text.contains(line), "the desktop entry has no {line}:\n{text}");
    }
    ensure!(unpacked.join("usr/share/icons/hicolor").is_dir(), "the package has no icons");
    Ok(())
}

/// Each program answers, which it only does where its libraries are.
fn starts(folder: &Path) -> Result<()> {
    for program in PROGRAMS {
        let said = cargo::output(Command::new(folder.join(program)).arg("--version"))?;
        ensure!(said.starts_with("jamey"), "{program} says {said}");
    }
    Ok(())
}

fn size(path: &Path) -> Result<u64> {
    let about = path.symlink_metadata()?;
    if !about.is_dir() {
        return Ok(about.len());
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

#[allow(clippy::cast_precision_loss)]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

//! The desktop: built, checked, packed, and the real one on a screen that nobody sees, driven and looked at.

mod package;

pub use package::PROGRAMS;

use std::{
    path::PathBuf,
    process::{Command, ExitCode},
};

use anyhow::{Result, bail};

use crate::{cargo, eval, layout::Layout, product, say, setup, steps::Steps, ui};

/// What is started, and the Debian package that brings it.
const NEEDS: &[(&str, &str)] = &[
    ("Xvfb", "xvfb"),
    ("dbus-daemon", "dbus"),
    ("dbus-monitor", "dbus-bin"),
    ("gdbus", "libglib2.0-bin"),
    ("xfwm4", "xfwm4"),
    ("xfce4-panel", "xfce4-panel"),
    ("xdotool", "xdotool"),
    ("wmctrl", "wmctrl"),
    ("xprop", "x11-utils"),
    ("xmessage", "x11-utils"),
    ("xclip", "xclip"),
    ("import", "imagemagick"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
];

/// What it is built with.
const LIBRARIES: &[&str] =
    &["pkg-config", "libwebkit2gtk-4.1-dev", "libayatana-appindicator3-dev", "librsvg2-dev"];

/// All programs together have so many megabytes at most.
const MOST: f64 = 40.0;

/// A workspace of its own, built into the same folder.
pub const MANIFEST: &str = "src-tauri/Cargo.toml";

/// Installs what is missing, builds everything and runs the checks, whose exit code it takes over.
///
/// # Errors
/// When something cannot be installed or built.
pub fn desktop(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    if !cfg!(target_os = "linux") {
        bail!("the screen that nobody sees is an X server's and needs Linux");
    }
    screen_tools()?;
    build(layout)?;
    if words == ["--measure"] {
        let bare = ["build", "--release", "--locked", "--manifest-path", MANIFEST, "--example", "bare"];
        cargo::must(shell(layout).args(bare))?;
    }
    if words.first().is_some_and(|word| word == "--shots") {
        return shots(layout, words.get(1));
    }
    eval::judge(layout, "desktop", words)
}

/// Takes the pictures of the documents: the real window, then every page against a runtime that is played.
fn shots(layout: &Layout, folder: Option<&String>) -> Result<ExitCode> {
    let folder = folder.map_or_else(|| layout.root.join("docs/images"), PathBuf::from);
    let folder = std::path::absolute(folder)?;
    let taken = eval::judge(layout, "desktop", &["--shots".to_owned(), folder.display().to_string()])?;
    ui::shots(layout, &folder)?;
    Ok(taken)
}

/// The steps of `cargo xtask test`; the product is built by then.
pub fn take_steps(layout: &Layout, steps: &mut Steps) {
    if !cfg!(target_os = "linux") {
        return say::note("NOT CHECKED: the desktop, whose screen is an X server's");
    }
    let is_built = steps.take("the pages: packages, build", || ui::build(layout));
    steps.take("the pages: style, types, tests", || ui::check(layout));
    steps.take("the pages in a browser", || ui::browser(layout));
    if !is_built || !steps.take("the desktop: clippy, units, bindings", || check(layout)) {
        return;
    }
    if steps.take("the desktop: build", || build(layout)) {
        steps.take("what a screen needs", screen_tools);
        steps.take("the desktop on a screen", || walk(layout));
        steps.take("the desktop as a package", || package::exercise(layout));
    }
}

/// Builds the pages and the desktop with them.
///
/// # Errors
/// When something does not build.
pub fn build(layout: &Layout) -> Result<()> {
    libraries()?;
    ui::build(layout)?;
    let build = ["build", "--profile", layout.profile, "--locked", "--manifest-path", MANIFEST];
    cargo::must(shell(layout).args(build))
}

/// Formatting, clippy, and the tests that need no screen; that of the bindings is one of them.
fn check(layout: &Layout) -> Result<()> {
    libraries()?;
    cargo::must(cargo::cargo(layout).args(["fmt", "--check", "--manifest-path", MANIFEST]))?;
    let clippy = ["clippy", "--all-targets", "--release", "--locked", "--manifest-path", MANIFEST];
    cargo::must(shell(layout).args(clippy).args(["--", "-D", "warnings"]))?;
    cargo::must(shell(layout).args(["test", "--release", "--locked", "--manifest-path", MANIFEST]))
}

/// Cargo for the desktop.
fn shell(layout: &Layout) -> Command {
    let mut command = cargo::cargo(layout);
    with_pages(layout, &mut command);
    command
}

/// A call of cargo for the desktop instead of the workspace.
pub fn of_desktop<'a>(layout: &Layout, command: &'a mut Command) -> &'a mut Command {
    with_pages(layout, command).args(["--manifest-path", MANIFEST])
}

/// Told where its pages are: one that was built before there were any begins anew.
fn with_pages<'a>(layout: &Layout, command: &'a mut Command) -> &'a mut Command {
    command.env("JAMEY_UI_DIST", layout.root.join("dist"))
}

fn walk(layout: &Layout) -> Result<()> {
    let mut walk = Command::new(layout.bin("desktop"));
    cargo::must(walk.env("JAMEY_MODELS_DIR", layout.models()).env("JAMEY_TEST_BIN_DIR", layout.bin_dir()))
}

fn libraries() -> Result<()> {
    if cfg!(target_os = "linux")
        && !cargo::works("pkg-config", &["--exists", "webkit2gtk-4.1", "ayatana-appindicator3-0.1"])
    {
        setup::install(LIBRARIES)?;
    }
    Ok(())
}

fn screen_tools() -> Result<()> {
    let is_missing = |program: &str| !cargo::works("sh", &["-c", &format!("command -v {program}")]);
    let missing: Vec<&str> =
        NEEDS.iter().filter(|(program, _)| is_missing(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() { Ok(()) } else { setup::install(&missing) }
}

/// Builds a package of this system's kind and prints where it is.
///
/// # Errors
/// When something does not build, or the system has no kind of package that is known here.
pub fn pack(layout: &Layout) -> Result<ExitCode> {
    let layout = &layout.dist();
    setup::build_tools()?;
    product::build(layout)?;
    build(layout)?;
    println!("{}", package::make(layout)?.display());
    Ok(ExitCode::SUCCESS)
}

/// Prints how large the programs are that a package installs, as rows of the table of measurements.
///
/// # Errors
/// When something does not build.
pub fn sizes(layout: &Layout) -> Result<()> {
    let layout = &layout.dist();
    product::build(layout)?;
    build(layout)?;
    let mut sum = 0.0;
    for program in package::PROGRAMS {
        let size = package::megabytes(layout.bin(program).metadata()?.len());
        println!("| `{program}` | {size:.1} MB | |");
        sum += size;
    }
    let verdict = if sum <= MOST { "held" } else { "**missed**" };
    println!("| all programs | {sum:.1} MB | {MOST} MB: {verdict} |");
    Ok(())
}

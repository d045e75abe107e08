//! Wine: runs the Windows programs here, as far as it behaves as Windows does.
//!
//! It does not enforce access lists, and lets a second program open the first instance of a pipe's name;
//! tests of these things prove nothing here and are left for a real Windows.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::Result;

use super::windows;
use crate::{cargo, layout::Layout, say};

const WINE: &str = "/usr/lib/wine/wine64";
const SERVER: &str = "/usr/lib/wine/wineserver";
/// Libraries of Windows that Wine 8 lacks or has in part; for tests it gets these.
const STAND_INS: [(&str, &str, &[&str]); 2] = [
    // What Rust's standard library asks for random numbers: asks another function of Wine.
    (
        "bcryptprimitives.dll",
        r"#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *to, SIZE_T count) {
    const ULONG most = 1u << 20;
    for (; count > 0;) {
        ULONG now = count < most ? (ULONG)count : most;
        if (!RtlGenRandom(to, now)) return FALSE;
        to += now;
        count -= now;
    }
    return TRUE;
}
",
        &["-ladvapi32"],
    ),
    // What tells how busy a processor is: Wine's own ends the program that asks. It says that there is nothing.
    (
        "pdh.dll",
        r"#define NOTHING(name) __declspec(dllexport) long name(void) { return (long)0xC0000BB8; }
NOTHING(PdhAddEnglishCounterW)
NOTHING(PdhCloseQuery)
NOTHING(PdhCollectQueryData)
NOTHING(PdhEnumObjectsW)
NOTHING(PdhGetFormattedCounterArrayW)
NOTHING(PdhGetFormattedCounterValue)
NOTHING(PdhOpenQueryW)
NOTHING(PdhRemoveCounter)
",
        &[],
    ),
];
/// Packages whose tests run, and the tests of them that cannot, each with the reason.
const TESTED: [&str; 7] = [
    "jamey-protocol",
    "jamey-engine",
    "jamey-ipc",
    "jamey-tools",
    "jamey-providers",
    "jamey-cli",
    "jamey-runtime",
];
const NO_DISK: &str = "no disk is found under Wine; whether one is on Windows has to be seen there";
const CANNOT: &[(&str, &str)] = &[
    (
        "a_name_that_somebody_took_before_us_is_refused",
        "Wine lets a second program open the first instance of a pipe's name",
    ),
    ("each_fact_has_its_line_and_the_day_its_name", NO_DISK),
    ("this_machine_has_memory_and_a_disk", NO_DISK),
    ("a_model_that_the_disk_cannot_hold_is_refused_before_the_first_byte", NO_DISK),
    ("the_first_look_tells_everything_at_once", NO_DISK),
    ("what_does_not_fit_is_refused", NO_DISK),
    (
        "a_changed_file_is_read_without_anybody_asking",
        "Wine puts no file in the place of one that somebody reads, which Windows does",
    ),
];

/// Installs Wine and makes a Windows of our own for it.
///
/// # Errors
/// When something cannot be installed, or Wine does not start.
pub fn set_up(layout: &Layout) -> Result<()> {
    super::debian::packages(&["wine", "wine64"])?;
    let home = home(layout);
    let done = home.join("jamey-ready");
    let made_of: String = STAND_INS.iter().map(|(_, source, _)| *source).collect();
    if fs::read_to_string(&done).is_ok_and(|there| there == made_of) {
        return Ok(());
    }
    // One that was left half made, or made of something else, is no use.
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(&home)?;
    let mut boot = Command::new("timeout");
    boot.args(["300", "wine", "wineboot", "--init"]).env("WINEARCH", "win64");
    cargo::must(quiet(surroundings(layout, &mut boot)))?;
    settle(layout);
    let version = ["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"];
    cargo::must(quiet(wine(layout, 60).args(version)))?;
    settle(layout);
    for (name, text, libraries) in STAND_INS {
        let source = home.join(name).with_extension("c");
        fs::write(&source, text)?;
        let library = home.join("drive_c/windows/system32").join(name);
        // Wine's own may be a link to what all its users share.
        if library.symlink_metadata().is_ok() {
            fs::remove_file(&library)?;
        }
        let mut compile = Command::new("x86_64-w64-mingw32-gcc");
        compile.args(["-shared", "-O2", "-s", "-o"]).arg(library).arg(source).args(libraries);
        cargo::must(&mut compile)?;
    }
    fs::write(done, made_of)?;
    Ok(())
}

/// Runs the tests of every package that has some for Windows.
///
/// # Errors
/// When one fails.
pub fn tests(layout: &Layout) -> Result<()> {
    let mut test = windows::cargo(layout, "test")?;
    // Not the examples in documents: rustdoc knows nothing of our standard library.
    test.args(["--no-fail-fast", "--lib", "--bins", "--tests"])
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", WINE);
    for package in TESTED {
        test.args(["--package", package]);
    }
    test.arg("--");
    for (name, why) in CANNOT {
        say::note(&format!("left out, since {why}: {name}"));
        test.args(["--skip", name]);
    }
    let ran = cargo::must(surroundings(layout, &mut test));
    settle(layout);
    ran
}

pub(super) fn home(layout: &Layout) -> PathBuf {
    layout.cache.join("wine")
}

/// A call of Wine that ends after `seconds` at the latest.
pub(super) fn wine(layout: &Layout, seconds: u32) -> Command {
    let mut command = Command::new("timeout");
    command.arg(seconds.to_string()).arg(WINE);
    surroundings(layout, &mut command);
    command
}

fn surroundings<'a>(layout: &Layout, command: &'a mut Command) -> &'a mut Command {
    command
        .env("WINEPREFIX", home(layout))
        .env("WINEDEBUG", "-all")
        // No browser, no .NET, and no entries in the person's menus.
        .env("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe=;pdh=n")
        .env_remove("DISPLAY")
        .env_remove("LD_LIBRARY_PATH")
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

/// Waits until everything of our Windows has ended, and ends what does not.
pub(super) fn settle(layout: &Layout) {
    let waited = {
        let mut wait = Command::new("timeout");
        wait.args(["20", SERVER, "-w"]);
        quiet(surroundings(layout, &mut wait)).status()
    };
    if !waited.is_ok_and(|status| status.success()) {
        let mut end = Command::new(SERVER);
        let _ = quiet(surroundings(layout, end.arg("-k"))).status();
    }
}

//! The built product: making it, and calling its command.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::Result;
use serde_json::Value;

use crate::{
    cargo,
    layout::{DIST, Layout},
    say,
};

/// Builds the programs, optimised, which is quick when nothing changed.
///
/// # Errors
/// When it does not compile.
pub fn build(layout: &Layout) -> Result<()> {
    if !layout.bin("jamey-local-model").exists() {
        say::note("the first build compiles llama.cpp and SQLite: about ten minutes on two cores");
    }
    let mut command = cargo::cargo(layout);
    command.args(["build", "--profile", layout.profile, "--locked", "--workspace", "--bins"]);
    // The whole workspace, since a part of it would choose other features of shared crates, and
    // testing would build SQLite and llama.cpp again. Nobody tests in the other profile.
    if layout.profile == DIST {
        command.args(["--exclude", "jamey-tests", "--exclude", "xtask"]);
    }
    // The answer alone belongs on standard output.
    cargo::must(command.stdout(Stdio::null()))
}

/// The command `jamey` of this build.
pub fn jamey(layout: &Layout) -> Command {
    Command::new(layout.bin("jamey"))
}

/// Ends a running runtime that is not of this build, so that the next one is.
///
/// # Errors
/// When it does not stop.
pub fn retire_older_runtime(layout: &Layout) -> Result<()> {
    let Ok(text) = cargo::output(jamey(layout).args(["runtime", "status", "--json"])) else {
        return Ok(()); // none runs
    };
    let status: Value = serde_json::from_str(&text).unwrap_or_default();
    let Some(pid) = status["pid"].as_u64() else { return Ok(()) };
    let uptime = Duration::from_secs(status["uptimeSeconds"].as_u64().unwrap_or_default());
    if is_of_this_build(&layout.bin("jamey-runtime"), pid, uptime) {
        return Ok(());
    }
    say::step("restarting the runtime, which is of another build");
    cargo::must(jamey(layout).args(["runtime", "stop"]).stdout(Stdio::null()))
}

/// Compares the file that the process runs where the system tells it, else its age.
fn is_of_this_build(program: &Path, pid: u64, uptime: Duration) -> bool {
    if let Ok(running) = std::fs::read_link(format!("/proc/{pid}/exe")) {
        return running == program;
    }
    let built = program.metadata().and_then(|file| file.modified());
    built.is_ok_and(|built| built + uptime <= SystemTime::now())
}

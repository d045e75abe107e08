//! `jamey runtime`: the resident process.

use std::{fmt::Write as _, process::Command};

use jamey_ipc::{Client, launch};
use jamey_protocol::{ApiError, ErrorCode, status::Status};

use super::{life, wait_for};
use crate::{
    args::RuntimeCommand,
    exit,
    link::Link,
    render::{self, bytes, clean, seconds},
};

pub fn run(link: &Link, command: &RuntimeCommand) -> Result<u8, ApiError> {
    match command {
        RuntimeCommand::Start(how) => wait_for(life::start(link, how)),
        RuntimeCommand::Stop { now } => wait_for(life::stop(link, *now)),
        RuntimeCommand::Restart(how) => wait_for(life::restart(link, how)),
        #[cfg(target_os = "macos")]
        RuntimeCommand::Install { dry_run } => own(&["install"], &[("--dry-run", *dry_run)]),
        #[cfg(all(unix, not(target_os = "macos")))]
        RuntimeCommand::Install { dry_run, autostart } => {
            own(&["install"], &[("--dry-run", *dry_run), ("--autostart", *autostart)])
        }
        #[cfg(windows)]
        RuntimeCommand::Install { dry_run, system } => {
            own(&["install"], &[("--dry-run", *dry_run), ("--system", *system)])
        }
        #[cfg(unix)]
        RuntimeCommand::Uninstall { purge, yes } => {
            own(&["uninstall"], &[("--purge", *purge), ("--yes", *yes)])
        }
        #[cfg(windows)]
        RuntimeCommand::Uninstall { purge, yes, system } => {
            own(&["uninstall"], &[("--purge", *purge), ("--yes", *yes), ("--system", *system)])
        }
        RuntimeCommand::Status => wait_for(status(link)),
        RuntimeCommand::Logs { follow, lines } => logs(link, *follow, *lines),
    }
}

async fn status(link: &Link) -> Result<u8, ApiError> {
    let client: Client = link.connect().await?;
    let status = client.status().await?;
    if link.globals.json {
        render::print_json(&status);
    } else {
        render::print(&described(&status));
    }
    Ok(exit::DONE)
}

fn described(status: &Status) -> String {
    let mut out = String::new();
    let mut put = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name:<10} {}", clean(value));
    };
    let since = seconds(status.uptime_seconds);
    put("running", &format!("version {}, process {}, for {since}", status.version, status.pid));
    for place in &status.listening {
        put("listens", place);
    }
    put("sessions", &format!("{} ({} running, {} waiting)", status.sessions, status.running, status.waiting));
    if let Some(memory) = status.memory_bytes {
        put("memory", &bytes(memory));
    }
    for child in &status.children {
        put("child", &format!("{} (process {})", child.name, child.pid));
    }
    for (name, folder) in [
        ("config", &status.folders.config),
        ("data", &status.folders.data),
        ("cache", &status.folders.cache),
        ("models", &status.folders.models),
    ] {
        put(name, folder);
    }
    for notice in &status.notices {
        put("notice", notice);
    }
    out
}

/// The runtime's own program reads its log: that works also when no runtime runs.
fn logs(link: &Link, follow: bool, lines: Option<u64>) -> Result<u8, ApiError> {
    let lines = lines.map(|lines| format!("--lines={lines}"));
    let words: Vec<&str> = ["logs"].into_iter().chain(lines.as_deref()).collect();
    own(&words, &[("--follow", follow), ("--json", link.globals.json)])
}

/// Lets the runtime's own program do it, with those flags that are set.
fn own(words: &[&str], flags: &[(&str, bool)]) -> Result<u8, ApiError> {
    let mut command = Command::new(launch::find_runtime()?);
    command.args(words).args(flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag));
    let status = command.status().map_err(|error| {
        ApiError::new(ErrorCode::Unreachable, format!("jamey-runtime cannot be started: {error}"))
            .hint("reinstall Jamey, so that jamey-runtime lies beside jamey")
    })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(exit::INTERRUPTED))
}

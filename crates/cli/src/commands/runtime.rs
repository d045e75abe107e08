//! `jamey runtime`: the resident process.

use std::process::Command;

use jamey_ipc::launch;
use jamey_protocol::{ApiError, ErrorCode};

use serde_json::json;

use super::{config, life, status, wait_for};
use crate::{args::RuntimeCommand, exit, link::Link, render};

pub fn run(link: &Link, command: &RuntimeCommand) -> Result<u8, ApiError> {
    match command {
        RuntimeCommand::Start(how) => wait_for(life::start(link, how)),
        RuntimeCommand::Stop { now } => wait_for(life::stop(link, *now)),
        RuntimeCommand::Restart(how) => wait_for(life::restart(link, how)),
        RuntimeCommand::Pause => hold(link, true),
        RuntimeCommand::Resume => hold(link, false),
        #[cfg(target_os = "macos")]
        RuntimeCommand::Install { dry_run } => own(&["install"], &[("--dry-run", *dry_run)]),
        #[cfg(all(unix, not(target_os = "macos")))]
        RuntimeCommand::Install { dry_run, autostart } => {
            own(&["install"], &[("--dry-run", *dry_run), ("--autostart", *autostart)])
        }
        #[cfg(windows)]
        RuntimeCommand::Install { dry_run, autostart, system } => {
            own(&["install"], &[("--dry-run", *dry_run), ("--autostart", *autostart), ("--system", *system)])
        }
        #[cfg(unix)]
        RuntimeCommand::Uninstall { purge, yes } => {
            own(&["uninstall"], &[("--purge", *purge), ("--yes", *yes)])
        }
        #[cfg(windows)]
        RuntimeCommand::Uninstall { purge, yes, system } => {
            own(&["uninstall"], &[("--purge", *purge), ("--yes", *yes), ("--system", *system)])
        }
        RuntimeCommand::Status { watch } => status::run(link, *watch),
        RuntimeCommand::Logs { follow, lines } => logs(link, *follow, *lines),
    }
}

/// Holds everything, or lets it go on. Without a runtime it holds for the next one.
fn hold(link: &Link, paused: bool) -> Result<u8, ApiError> {
    let view = config::change(link, "runtime.paused".to_owned(), paused.into())?;
    let holds = view.values["runtime"]["paused"] == paused;
    if link.globals.json {
        render::print_json(&json!({ "paused": view.values["runtime"]["paused"], "warnings": view.warnings }));
    } else if holds && !link.globals.quiet {
        render::note(if paused {
            "paused: nothing is asked of a model and no tool begins; what runs goes on to its end"
        } else {
            "resumed: what was held goes on"
        });
    }
    if !link.globals.json {
        view.warnings.iter().for_each(|warning| render::note(warning));
    }
    Ok(if holds { exit::DONE } else { exit::FAILED })
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

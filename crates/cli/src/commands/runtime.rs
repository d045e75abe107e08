//! `jamey runtime`: the resident process.

use std::process::Command;

use jamey_ipc::launch;
use jamey_protocol::{ApiError, ErrorCode};

use super::{life, status, wait_for};
use crate::{args::RuntimeCommand, exit, link::Link};

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

//! Starts the runtime for a client, detached from the client's terminal.
//!
//! Races need no care here: of several runtimes started at once, the lock lets one live and the
//! others end with success; every client then finds the one that lives.

#[cfg(target_os = "macos")]
pub mod agent;
mod command;
mod end;
mod find;
#[cfg(windows)]
mod handles;
mod inherited;
pub mod keep;
pub mod preparing;
mod process;
mod report;
mod restart;
mod started;
mod waiting;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jamey_protocol::{ApiError, ErrorCode};

pub use end::end;
pub use find::{find_runtime, own_program};
pub use inherited::close_inherited;
pub use restart::{Restarted, again, refuse_arguments, restart};
pub use started::{KEEPER, Started};
pub use waiting::{is_activatable, is_asleep};

use crate::{Client, Folders};

/// How long a runtime may take until its socket answers.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// A client, and whether a runtime had to be started for it.
#[derive(Clone, Debug)]
pub struct Launched {
    /// Connected.
    pub client: Client,
    /// Whether no runtime had been there.
    pub started: bool,
}

/// Connects, and starts the runtime first if none answers. A runtime at an explicit `url` is never
/// started.
///
/// # Errors
/// `Unreachable` when there is no runtime and none can be started, with its own words; `Config`
/// when its folders or configuration are unfit.
pub async fn ensure_running(folders: &Folders, url: Option<&str>) -> Result<Launched, ApiError> {
    match Client::connect(folders, url).await {
        Ok(client) => Ok(Launched { client, started: false }),
        // Not retryable: somebody else's socket, or an address that means nothing.
        Err(error) if url.is_some() || error.code != ErrorCode::Unreachable || !error.retryable => Err(error),
        Err(_) => {
            let client = start(folders, &find_runtime()?, &[]).await?;
            Ok(Launched { client, started: true })
        }
    }
}

/// Starts the program `runtime` as `start --foreground`, followed by `more`, in a session of its
/// own, and waits until its socket answers. Where a keeper is wanted and nothing is to be different, that
/// starts it, so that it is kept.
///
/// # Errors
/// See `ensure_running`.
pub async fn start(folders: &Folders, runtime: &Path, more: &[OsString]) -> Result<Client, ApiError> {
    folders.prepare_run_dir()?;
    #[cfg(target_os = "macos")]
    if more.is_empty() && agent::kick(folders) {
        return agent::answer(folders, PATIENCE).await;
    }
    let log = report::StartLog::open(folders)?;
    let keeper = if more.is_empty() { keep::keeper(folders, runtime) } else { None };
    let words: Vec<OsString> =
        ["start", "--foreground"].map(OsString::from).into_iter().chain(more.iter().cloned()).collect();
    let (program, words) = match &keeper {
        Some(keeper) => (keeper.as_path(), &[][..]),
        None => (runtime, &words[..]),
    };
    let mut child = command::spawn(program, words, log.file()?).map_err(|error| {
        ApiError::new(ErrorCode::Unreachable, format!("{} cannot be started: {error}", program.display()))
            .hint("reinstall Jamey, so that jamey-runtime lies beside jamey")
    })?;
    let (deadline, mut wait) = (Instant::now() + PATIENCE, FIRST_WAIT);
    let mut yielded = false;
    loop {
        let refused = match Client::connect(folders, None).await {
            Ok(client) => return Ok(client),
            Err(error) => error,
        };
        if !yielded && let Some(status) = child.try_wait().ok().flatten() {
            // Success means that another one lives; its socket will answer soon.
            yielded = status.success();
            if !yielded {
                return Err(log.explain(status));
            }
        }
        if preparing::is_preparing(folders) {
            return Err(still_preparing());
        }
        if Instant::now() >= deadline {
            let message = format!(
                "the runtime was started, but did not answer in {} seconds: {refused}",
                PATIENCE.as_secs()
            );
            let hint = format!("look at its log: {}", folders.logs().display());
            return Err(ApiError::new(ErrorCode::Unreachable, message).hint(hint));
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Says that the runtime lives and will answer, but not soon. Told apart by [`preparing::is_preparing`].
#[must_use]
pub fn still_preparing() -> ApiError {
    let message = "the runtime still prepares its database, which takes minutes when the history is large";
    ApiError::new(ErrorCode::Unreachable, message)
        .hint("it goes on by itself; try again in a minute, and do not end it")
        .retryable()
}

/// A program of Windows by its full name, so that no folder of PATH decides what runs.
#[must_use]
pub fn windows_program(name: &str) -> PathBuf {
    let root = std::env::var_os("SystemRoot").map(PathBuf::from).filter(|root| root.is_absolute());
    root.unwrap_or_else(|| PathBuf::from(r"C:\Windows")).join("System32").join(name)
}

//! Starting through launchd where its agent was installed, so that launchd keeps what it started.
//! Compiled, not run there.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use jamey_protocol::{ApiError, ErrorCode};

use crate::{Client, Folders, path::service_name};

/// The agent's label of the customary folders.
const LABEL: &str = "dev.jamey.runtime";

/// The label of the agent that runs these folders' runtime.
#[must_use]
pub fn label() -> String {
    service_name(LABEL)
}

/// Where launchd finds that agent.
#[must_use]
pub fn plist() -> Option<PathBuf> {
    Some(std::env::home_dir()?.join("Library/LaunchAgents").join(format!("{}.plist", label())))
}

/// Lets launchd start the runtime. `false` when no agent is installed or launchd refuses.
pub(super) fn kick(_folders: &Folders) -> bool {
    let Some(plist) = plist().filter(|plist| plist.is_file()) else { return false };
    let domain = format!("gui/{}", rustix::process::geteuid().as_raw());
    // Refused when it is loaded already, which is well.
    launchctl(&["bootstrap", &domain, &plist.to_string_lossy()]);
    launchctl(&["kickstart", &format!("{domain}/{}", label())])
}

fn launchctl(words: &[&str]) -> bool {
    let mut command = Command::new("/bin/launchctl");
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Waits until the runtime that launchd starts answers.
pub(super) async fn answer(folders: &Folders, patience: Duration) -> Result<Client, ApiError> {
    let deadline = Instant::now() + patience;
    loop {
        match Client::connect(folders, None).await {
            Ok(client) => return Ok(client),
            Err(error) if Instant::now() >= deadline => {
                let message =
                    format!("launchd was told to start the runtime, but it does not answer: {error}");
                let hint = format!("look at its log: {}", folders.logs().display());
                return Err(ApiError::new(ErrorCode::Unreachable, message).hint(hint));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

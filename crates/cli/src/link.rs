//! Reaching the runtime, for every command.

use std::path::{Path, PathBuf};

use jamey_ipc::{
    Client, Folders,
    launch::{self, preparing},
};
use jamey_protocol::{ApiError, ErrorCode};

use crate::{args::Globals, render};

/// The runtime's address when no flag gives it.
const URL_VARIABLE: &str = "JAMEY_RUNTIME_URL";

/// What a command needs to reach the runtime.
#[derive(Debug)]
pub struct Link {
    pub folders: Folders,
    pub globals: Globals,
    url: Option<String>,
}

impl Link {
    pub fn new(globals: &Globals) -> Result<Self, ApiError> {
        let url = globals
            .runtime_url
            .clone()
            .or_else(|| std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty()));
        Ok(Self { folders: Folders::resolve()?, globals: globals.clone(), url })
    }

    /// Whether an address was given instead of finding the runtime.
    pub fn has_url(&self) -> bool {
        self.url.is_some()
    }

    /// Connects to a running runtime; does not wake one whose service only listens.
    pub async fn connect(&self) -> Result<Client, ApiError> {
        if self.url.is_none() && launch::is_asleep(&self.folders) {
            let message = format!("no runtime answers at {}", self.folders.socket().display());
            return Err(ApiError::new(ErrorCode::Unreachable, message)
                .hint("start it: jamey runtime start")
                .retryable());
        }
        Client::connect(&self.folders, self.url.as_deref()).await
    }

    /// Connects if a runtime runs. One that is named and not there is an error.
    pub async fn connect_if_running(&self) -> Result<Option<Client>, ApiError> {
        match self.connect().await {
            Ok(client) => Ok(Some(client)),
            Err(error) if self.url.is_none() && error.code == ErrorCode::Unreachable && error.retryable => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Connects, and starts the runtime first if none runs and it may be started.
    pub async fn reach(&self) -> Result<Client, ApiError> {
        if self.globals.no_start {
            return self.connect().await;
        }
        let mut is_told = self.globals.quiet;
        let launched = loop {
            match launch::ensure_running(&self.folders, self.url.as_deref()).await {
                Err(_) if self.url.is_none() && preparing::is_preparing(&self.folders) => {
                    self.wait_until_prepared(&mut is_told).await;
                }
                launched => break launched?,
            }
        };
        if launched.started && !self.globals.quiet {
            render::note("started the runtime");
        }
        Ok(launched.client)
    }

    async fn wait_until_prepared(&self, is_told: &mut bool) {
        if !std::mem::replace(is_told, true) {
            render::note(
                "the runtime prepares its database; with a large history that takes minutes, and happens once. \
                 Waiting (Ctrl-C ends the waiting, not the work)",
            );
        }
        while preparing::is_preparing(&self.folders) {
            tokio::time::sleep(preparing::AGAIN).await;
        }
    }
}

/// The folder that a session works in: absolute, with links resolved, so that the same folder is
/// always the same text.
pub fn working_folder(given: Option<&Path>) -> Result<PathBuf, ApiError> {
    let folder = given.unwrap_or(Path::new("."));
    // Not as Windows resolves it: PowerShell and others cannot work in a folder whose name begins with `\\?\`.
    let resolved = dunce::canonicalize(folder).map_err(|error| {
        let name = given
            .map_or_else(|| "this folder".to_owned(), |folder| format!("the folder {}", folder.display()));
        ApiError::new(ErrorCode::BadRequest, format!("{name} cannot be used: {error}"))
            .hint("go to another folder, or give one with --cwd")
    })?;
    if resolved.is_dir() {
        return Ok(resolved);
    }
    Err(ApiError::new(ErrorCode::BadRequest, format!("{} is not a folder", resolved.display()))
        .hint("give a folder with --cwd"))
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_on_a_drive_is_named_as_people_name_it_and_a_share_stays() {
        let customary = |path: &str| dunce::simplified(Path::new(path)).to_owned();
        assert_eq!(customary(r"\\?\C:\work"), PathBuf::from(r"C:\work"));
        assert_eq!(customary(r"\\?\UNC\host\share"), PathBuf::from(r"\\?\UNC\host\share"));
        assert_eq!(customary(r"C:\work"), PathBuf::from(r"C:\work"));
    }
}

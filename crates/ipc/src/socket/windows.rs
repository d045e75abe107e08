//! The named pipe.
//!
//! Not verified on a real Windows: this file is compiled for it at most. The access list is the
//! system's default for pipes, under which other users cannot open the pipe for writing; a tighter
//! list, and the check that a caller is no descendant of a tool, are still missing here.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_protocol::{ApiError, ErrorCode};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};

use super::refused::Refused;
use crate::{Folders, instance::Lock, peer::Peer};

/// The runtime's end of a connection.
pub type Stream = NamedPipeServer;
/// The client's end of a connection.
pub type ClientStream = NamedPipeClient;

/// The system's answer while all instances of a pipe are taken.
const ERROR_PIPE_BUSY: i32 = 231;

/// The runtime's end of the pipe. One instance always waits, so that a client never finds none.
#[derive(Debug)]
pub struct Listener {
    spare: NamedPipeServer,
    path: PathBuf,
    refused: Refused,
}

impl Listener {
    /// Opens the pipe as its first instance; a name that somebody else took is an error.
    ///
    /// # Errors
    /// `Config` or `Storage` when the folder is unfit or the pipe cannot be made.
    pub fn bind(folders: &Folders, _lock: &Lock) -> Result<Self, ApiError> {
        folders.prepare_run_dir()?;
        let path = folders.socket();
        let spare = ServerOptions::new()
            .first_pipe_instance(true)
            .reject_remote_clients(true)
            .create(&path)
            .map_err(|error| {
                let message = format!("the pipe {} cannot be opened: {error}", path.display());
                ApiError::new(ErrorCode::Storage, message)
                    .hint("another program may have taken its name; end it or set JAMEY_HOME")
            })?;
        Ok(Self { spare, path, refused: Refused::default() })
    }

    /// Waits for the next connection.
    pub async fn accept(&mut self) -> (Stream, Peer) {
        loop {
            let next = match self.spare.connect().await {
                Ok(()) => ServerOptions::new().reject_remote_clients(true).create(&self.path),
                Err(error) => Err(error),
            };
            match next {
                Ok(next) => {
                    let stream = std::mem::replace(&mut self.spare, next);
                    let peer = Peer { uid: None, pid: None };
                    match peer.admit() {
                        Ok(()) => return (stream, peer),
                        Err(refusal) => drop(self.refused.note(peer, &refusal, std::time::Instant::now())),
                    }
                }
                Err(error) => {
                    tracing::warn!("no connection could be taken: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// How many connections were refused since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.count()
    }

    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Connects to the runtime, waiting a little while all instances of the pipe are taken.
///
/// # Errors
/// The system's error when nobody listens.
pub async fn dial(path: &Path) -> io::Result<ClientStream> {
    for _ in 0..100 {
        match ClientOptions::new().open(path) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
    Err(io::Error::from_raw_os_error(ERROR_PIPE_BUSY))
}

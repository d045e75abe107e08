//! The runtime's end.

use std::{
    io,
    path::{Path, PathBuf},
};

use interprocess::os::windows::named_pipe::{
    PipeListenerOptions, PipeMode, pipe_mode::Bytes, tokio::PipeListener,
};
use jamey_protocol::{ApiError, ErrorCode};

use super::{
    super::{Passed, refused::Refused},
    Stream, access, dial,
};
use crate::{
    Folders,
    instance::Lock,
    peer::{Peer, account},
};

/// The runtime's end of the pipe. One instance always waits, so that a client never finds none.
#[derive(Debug)]
pub struct Listener {
    inner: PipeListener<Bytes, Bytes>,
    path: PathBuf,
    refused: Refused,
}

impl Listener {
    /// Opens the pipe for this account alone and as the first of its name: a name that somebody else
    /// took is an error, since whoever took it may listen in.
    ///
    /// # Errors
    /// `Config` or `Storage` when the folder is unfit or the pipe cannot be made.
    pub fn bind(folders: &Folders, _lock: &Lock, _passed: Passed) -> Result<Self, ApiError> {
        folders.prepare_run_dir()?;
        let path = folders.socket();
        Self::open(&path).map_err(|error| {
            let message = format!("the pipe {} cannot be opened: {error}", path.display());
            ApiError::new(ErrorCode::Storage, message)
                .hint("another program may have taken its name; end it or set JAMEY_HOME")
        })
    }

    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let account = account::ours()
            .ok_or_else(|| io::Error::other("the system does not tell which account this is"))?;
        // The library asks for the first instance of the name by itself.
        let inner = PipeListenerOptions::new()
            .path(path)
            .mode(PipeMode::Bytes)
            .accept_remote(false)
            .security_descriptor(Some(access::only(account)?))
            .create_tokio_duplex::<Bytes>()?;
        Ok(Self { inner, path: path.to_owned(), refused: Refused::default() })
    }

    /// Waits for the next connection of a peer that may speak. Others are dropped unread, noted in the
    /// log and counted.
    pub async fn accept(&mut self) -> (Stream, Peer) {
        loop {
            match self.inner.accept().await {
                Ok(pipe) => {
                    let peer = Peer { uid: None, pid: pipe.client_process_id().ok() };
                    if self.refused.admits(peer, &self.path) {
                        return (Stream::from(pipe), peer);
                    }
                }
                Err(error) => Refused::trouble(&error).await,
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

    /// How to tell later whether this pipe can still be found.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { path: self.path.clone() }
    }
}

/// How a pipe is recognised. While it is open nobody can take its name away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    path: PathBuf,
}

impl Mark {
    /// Says why clients no longer find the pipe; they always do.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        None
    }

    /// Dials the pipe, and says why that failed.
    pub async fn silence(&self) -> Option<String> {
        let error = dial(&self.path).await.err()?;
        Some(format!("the pipe {} cannot be dialled: {error}", self.path.display()))
    }
}

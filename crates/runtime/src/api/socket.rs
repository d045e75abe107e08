//! The local socket while the runtime lives: held together with the lock that makes it ours, and opened
//! anew when its file is gone.
//!
//! Connections that were accepted before live on; only new ones need the file.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jamey_ipc::{
    Folders,
    instance::{Lock, LockError},
    peer::Peer,
    socket::{Listener, Mark, Passed, Stream},
};
use jamey_protocol::{ApiError, ErrorCode};
use tokio::sync::mpsc;

use super::door::Accept;

/// The local socket and the right to it.
#[derive(Debug, Default)]
pub struct Socket {
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    lock: Lock,
    mark: Mark,
    fresh: mpsc::Sender<Listener>,
}

/// What the door accepts from: one listener after the other.
#[derive(Debug)]
pub struct Listeners {
    now: Listener,
    fresh: mpsc::Receiver<Listener>,
}

/// Why the socket was not opened anew.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// Another runtime has taken over, since the lock's file was removed too.
    #[error("another runtime has taken this one's place")]
    Succeeded,
    /// It is not open, or cannot be.
    #[error(transparent)]
    Failed(#[from] ApiError),
}

impl Socket {
    /// Keeps the lock and remembers the listener's place.
    pub fn begin(&self, lock: Lock, listener: Listener) -> Listeners {
        let (sender, fresh) = mpsc::channel(1);
        *self.held() = Some(Held { lock, mark: listener.mark(), fresh: sender });
        Listeners { now: listener, fresh }
    }

    /// How to find out whether clients find the socket; nothing when it is not open.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        Some(self.held().as_ref()?.mark.clone())
    }

    /// Opens the socket anew in its place.
    ///
    /// # Errors
    /// When another runtime lives there now, or the folder is unfit.
    pub fn renew(&self, folders: &Folders) -> Result<(), RenewError> {
        let mut held = self.held();
        let closed = || ApiError::new(ErrorCode::ShuttingDown, "the socket is closed");
        let held = held.as_mut().ok_or_else(closed)?;
        folders.prepare_run_dir()?;
        if !held.lock.is_current() {
            // Whoever cleared the folder took the lock's file too, and any start would succeed.
            held.lock = Lock::acquire(folders).map_err(|error| match error {
                LockError::Held(_) => RenewError::Succeeded,
                LockError::Failed(error) => RenewError::Failed(error),
            })?;
        }
        let listener = Listener::bind(folders, &held.lock, Passed::default())?;
        let mark = listener.mark();
        held.fresh.try_send(listener).map_err(|_| closed())?;
        held.mark = mark;
        Ok(())
    }

    /// Gives the lock away, last of all.
    #[must_use]
    pub fn release(&self) -> Option<Lock> {
        self.held().take().map(|held| held.lock)
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accept for Listeners {
    type Io = Stream;

    async fn accept(&mut self) -> io::Result<(Stream, Option<u32>)> {
        loop {
            let (stream, peer): (Stream, Peer) = tokio::select! {
                biased;
                Some(fresh) = self.fresh.recv() => {
                    self.now = fresh;
                    continue;
                }
                accepted = self.now.accept() => accepted,
            };
            return Ok((stream, peer.pid));
        }
    }
}

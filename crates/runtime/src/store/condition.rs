//! How the database stands, seen from its files, and what a look after it may ask.

use std::sync::atomic::Ordering;

use super::{Store, StoreError, repair, writer::Request};

/// How the database's files stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Bytes of the database; absent when its file is gone.
    pub bytes: Option<u64>,
    /// Bytes of the log beside it.
    pub log_bytes: u64,
    /// Damage was met, so the next start looks closely and repairs.
    pub is_suspect: bool,
}

impl Store {
    /// Looks at the files.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let paths = &self.shared.paths;
        let size = |path: &std::path::Path| std::fs::metadata(path).map(|meta| meta.len()).ok();
        Condition {
            bytes: size(&paths.db),
            log_bytes: size(&paths.wal()).unwrap_or(0),
            is_suspect: self.shared.is_damaged.load(Ordering::Relaxed) || paths.suspect().exists(),
        }
    }

    /// Writes the log back into the database and empties it. A reader that is at work keeps it from that
    /// without an error; the size of the log tells.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.ask(Request::Checkpoint).await
    }

    /// Waits until damage is met for the first time. Later ones are no news: looking at a damaged database meets
    /// it again.
    pub async fn damaged(&self) {
        self.shared.damage.notified().await;
    }

    /// Remembers that damage was met.
    pub(super) fn suspect(&self) {
        repair::mark_suspect(&self.shared.paths);
        if !self.shared.is_damaged.swap(true, Ordering::Relaxed) {
            self.shared.damage.notify_one();
        }
    }
}

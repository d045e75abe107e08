//! What is kept and for how long: erasing sessions with all that is theirs, and the daily upkeep.

use jamey_engine::ports::{Clock, SystemClock};
use jamey_protocol::{ApiError, SessionId, status::Storage};

use super::Host;
use crate::store::{Keep, StoreError};

const DAY: i64 = 24 * 3600 * 1000;

impl Host {
    /// Erases a session with its files. A running turn is stopped first.
    ///
    /// # Errors
    /// When there is no such session or the store cannot be written.
    pub async fn erase(&self, session: SessionId) -> Result<(), ApiError> {
        self.sessions.close(session, "the session was deleted").await;
        self.store.delete(session).await?;
        self.blobs.remove(session);
        // Nobody may listen.
        let _ = self.deleted.send(session);
        // The room that came free is looked at when nothing more happens.
        self.tap.tell();
        Ok(())
    }

    /// Does what is due once a day. Returns what a person should know.
    ///
    /// # Errors
    /// When the database cannot be read or written, or a copy cannot be made.
    pub async fn look_after(&self) -> Result<Vec<String>, StoreError> {
        let keep = self.live.now().keep;
        let notices = self.store.upkeep(keep).await?;
        if notices.is_empty() {
            self.erase_untouched(keep).await?;
            let swept = self.blobs.sweep(&self.store).await?;
            if swept > 0 {
                self.board.mended(format!("files of {swept} sessions that are no more were removed"));
            }
        }
        Ok(notices)
    }

    /// Erases sessions that nobody touched for as long as the person said, after a copy was made.
    async fn erase_untouched(&self, keep: Keep) -> Result<(), StoreError> {
        let Some(days) = keep.days else { return Ok(()) };
        let since = SystemClock.now() - i64::from(days) * DAY;
        let sessions = self.store.untouched(since).await?;
        if sessions.is_empty() {
            return Ok(());
        }
        // They were not touched since, so a copy of the last day holds them as they are.
        let newest = self.store.backups()?.into_iter().next();
        let copy = match newest.filter(|copy| copy.at.is_some_and(|at| at > SystemClock.now() - DAY)) {
            Some(copy) => copy.path,
            None => self.store.backup(keep.backups).await?.display().to_string(),
        };
        let mut erased = 0;
        for session in sessions {
            if self.shutdown.is_cancelled() {
                break;
            }
            self.sessions.close(session, "nobody touched the session for long").await;
            if self.store.delete_untouched(session, since).await? {
                self.blobs.remove(session);
                let _ = self.deleted.send(session);
                erased += 1;
            }
        }
        if erased > 0 {
            self.store.note_erasure().await?;
            let what = match erased {
                1 => "1 session that nobody had touched".to_owned(),
                many => format!("{many} sessions that nobody had touched"),
            };
            self.board.mended(format!(
                "{what} for {days} days: erased, as data.keep_days asks; still in the copy {copy}"
            ));
            self.tap.tell();
        }
        Ok(())
    }

    /// Writes the database anew if that frees enough and no turn is under way.
    pub async fn pack(&self) {
        let packed = async {
            let counts = self.store.counts().await?;
            if counts.running + counts.waiting > 0 {
                return Ok(false);
            }
            self.store.pack().await
        };
        match packed.await {
            Ok(_) | Err(StoreError::Closed) => self.board.clear("packing"),
            Err(error) => {
                self.board.raise("packing", format!("the database takes more room than it needs: {error}"));
            }
        }
    }

    /// What is kept, and what it takes on the disk.
    ///
    /// # Errors
    /// When the database or a folder cannot be read.
    pub async fn storage(&self) -> Result<Storage, StoreError> {
        let blobs = self.blobs.clone();
        let file_bytes = tokio::task::spawn_blocking(move || blobs.bytes()).await.unwrap_or(0);
        Ok(Storage { file_bytes, ..self.store.storage().await? })
    }
}

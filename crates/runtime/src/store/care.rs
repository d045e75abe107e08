//! Looking after the database: checks, copies, room, and sessions that have had their day.

use std::{fs, path::PathBuf, sync::atomic::Ordering};

use jamey_protocol::{SessionId, status::Storage};
use sqlx::{Row, query, query_scalar};

use super::{Store, StoreError, backup, connect, copies, health, pack, rows, writer::Request};

/// What a person wants to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// How many copies.
    pub backups: usize,
    /// Sessions untouched for so many days are erased; none for never.
    pub days: Option<u32>,
}

impl Default for Keep {
    fn default() -> Self {
        Self { backups: 7, days: None }
    }
}

impl Store {
    /// Makes a verified copy of the database now, and returns where it is. The newest `kept` are kept.
    ///
    /// # Errors
    /// When the copy cannot be made or is not whole.
    pub async fn backup(&self, kept: usize) -> Result<PathBuf, StoreError> {
        let made = async {
            let mut connection = connect::reader(&self.shared.paths.db).await?;
            let made = backup::make(&mut connection, &self.shared.paths).await;
            connect::close(connection).await;
            made
        };
        let made = self.watch(made.await)?;
        backup::prune(&self.shared.paths, kept)?;
        Ok(made)
    }

    /// Does what is due but must not hold up the start: the check of a large database after an unclean
    /// end, and the daily copy. To be called soon after the start and now and then after it; returns
    /// what a person should know.
    ///
    /// # Errors
    /// When the database cannot be read or the copy cannot be made.
    pub async fn upkeep(&self, keep: Keep) -> Result<Vec<String>, StoreError> {
        let paths = &self.shared.paths;
        if self.shared.unchecked.swap(false, Ordering::Relaxed) {
            let complaints = self.complaints().await;
            if complaints.is_err() {
                self.shared.unchecked.store(true, Ordering::Relaxed);
            }
            if let Some(reason) = self.watch(complaints)?.into_iter().next() {
                self.suspect();
                let damaged = StoreError::Corrupt { reason };
                return Ok(vec![format!("{damaged}; {}", damaged.hint().unwrap_or_default())]);
            }
            self.ask(|answer| Request::Note("check", answer)).await?;
        }
        if self.counts().await?.sessions > 0 && backup::is_due(paths)? {
            self.backup(keep.backups).await?;
        }
        backup::prune(paths, keep.backups)?;
        Ok(Vec::new())
    }

    async fn complaints(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = connect::reader(&self.shared.paths.db).await?;
        let complaints = health::quick_check(&mut connection).await;
        connect::close(connection).await;
        complaints
    }

    /// Writes the database anew if that frees enough. Gives up when it is asked for anything else
    /// meanwhile, and does nothing when the disk has no room for it. Returns whether it was done.
    ///
    /// # Errors
    /// When there is no room or the new file cannot be written; the old one is in use as before.
    pub async fn pack(&self) -> Result<bool, StoreError> {
        self.ask(Request::Pack).await
    }

    /// Sessions that nothing was kept of since `since`, in milliseconds since 1970, and in which nothing
    /// runs; the longest untouched first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn untouched(&self, since: i64) -> Result<Vec<SessionId>, StoreError> {
        let found = query(
            "SELECT id FROM sessions WHERE updated_at < ? AND status = 'idle' AND open_since IS NULL \
             ORDER BY updated_at",
        )
        .bind(since)
        .fetch_all(&*self.shared.readers.now().await)
        .await;
        self.watch(found)?.iter().map(|row| rows::id(row.try_get("id")?)).collect()
    }

    /// Erases a session if it is still untouched. Returns whether it was.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn delete_untouched(&self, session: SessionId, since: i64) -> Result<bool, StoreError> {
        self.ask(|answer| Request::EraseUntouched(session, since, answer)).await
    }

    /// Notes that sessions were erased because nobody touched them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn note_erasure(&self) -> Result<(), StoreError> {
        self.ask(|answer| Request::Note("erasure", answer)).await
    }

    /// Of these texts, those that occur in any event. Looks at the whole log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mentioned(&self, texts: &[String]) -> Result<Vec<String>, StoreError> {
        let mut held = Vec::new();
        for text in texts {
            let found = query_scalar::<_, i64>(
                "SELECT 1 FROM bodies WHERE instr(body, ?) UNION ALL SELECT 1 FROM events WHERE instr(body, ?) LIMIT 1",
            )
            .bind(text)
            .bind(text)
            .fetch_optional(&*self.shared.readers.now().await)
            .await;
            if self.watch(found)?.is_some() {
                held.push(text.clone());
            }
        }
        Ok(held)
    }

    /// What is kept, and what it takes on the disk.
    ///
    /// # Errors
    /// When the database or the folder of the copies cannot be read.
    pub async fn storage(&self) -> Result<Storage, StoreError> {
        let paths = &self.shared.paths;
        let found = query(
            "SELECT (SELECT coalesce(sum(bytes), 0) FROM sessions) AS payload, \
             (SELECT at FROM upkeep WHERE what = 'check') AS checked, \
             (SELECT at FROM upkeep WHERE what = 'vacuum') AS packed, \
             (SELECT at FROM upkeep WHERE what = 'erasure') AS erased",
        )
        .fetch_one(&*self.shared.readers.now().await)
        .await;
        let row = self.watch(found)?;
        let copies = backup::list(paths)?;
        let bytes = copies.iter().filter_map(|copy| fs::metadata(copy).ok()).map(|meta| meta.len()).sum();
        Ok(Storage {
            database_bytes: pack::on_disk(paths),
            payload_bytes: rows::number(row.try_get("payload")?),
            file_bytes: 0,
            backups: copies.len() as u64,
            backup_bytes: bytes,
            newest_backup: copies.first().and_then(|copy| copies::made_at(copy)),
            checked_at: row.try_get("checked")?,
            packed_at: row.try_get("packed")?,
            erased_at: row.try_get("erased")?,
        })
    }
}

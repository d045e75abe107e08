//! The store: an append-only log of events in SQLite, and the lists and items that follow from it.
//!
//! Layout: `open` is the start (`inspect`, `repair`, `schema`, `health`, `recovery`); `writer` is the
//! one task that writes, by way of `append`; `sessions`, `history` and `search` answer questions over
//! connections of their own; `journal` is the engine's port; `look` is for support; `backup` makes verified copies; `rows`,
//! `paths`, `connect` and `error` are what these share.
//!
//! Invariants: events of a session are numbered from 1 without gaps and never change; projections
//! change in the same transaction as the events they follow from; nothing damaged is deleted and no
//! history begins empty without a word; an idle store uses no processor time.

mod append;
mod backup;
mod connect;
mod error;
mod health;
mod history;
mod inspect;
mod journal;
mod look;
mod open;
mod paths;
mod recovery;
mod repair;
mod rows;
mod schema;
mod search;
mod sessions;
mod writer;

pub use error::StoreError;
pub use look::{Look, look};
pub use paths::StorePaths;
pub use sessions::Counts;

use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jamey_protocol::{Event, Session, SessionId};
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};

use writer::Request;

/// The sessions of one person. Clones share it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    paths: Arc<StorePaths>,
    writer: mpsc::Sender<Request>,
    readers: SqlitePool,
    /// The check after an unclean end is still to be made.
    unchecked: AtomicBool,
    last_change: i64,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("paths", &self.shared.paths).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, or begins one. Damage is repaired from the newest backup, turns that the
    /// last run left open are closed; the second value tells a person of it, one sentence each.
    ///
    /// # Errors
    /// When the database is newer than this program, another program's, or cannot be used at all.
    pub async fn open(paths: StorePaths) -> Result<(Self, Vec<String>), StoreError> {
        let paths = Arc::new(paths.absolute()?);
        let opened = open::open(&paths).await?;
        let shared = Shared {
            readers: connect::readers(&paths.db),
            writer: writer::start(opened.writer, Arc::clone(&paths)),
            unchecked: AtomicBool::new(opened.unchecked),
            last_change: opened.last_change,
            paths,
        };
        Ok((Self { shared: Arc::new(shared) }, opened.notices))
    }

    /// When a session had changed last before this store was opened, in milliseconds since 1970.
    #[must_use]
    pub fn last_change(&self) -> i64 {
        self.shared.last_change
    }

    /// Makes a session and returns its first event, which tells what it is.
    ///
    /// # Errors
    /// When its id or name is taken, or the store cannot take it.
    pub async fn create(&self, session: &Session) -> Result<Event, StoreError> {
        let session = Box::new(session.clone());
        self.ask(|answer| Request::Create(session, answer)).await
    }

    /// Erases a session with all its events. Copies made before keep it until they age out.
    ///
    /// # Errors
    /// When there is no such session, or the store cannot be written.
    pub async fn delete(&self, session: SessionId) -> Result<(), StoreError> {
        self.ask(|answer| Request::Erase(session, answer)).await
    }

    /// Makes a verified copy of the database now, and returns where it is. The seven newest are kept.
    ///
    /// # Errors
    /// When the copy cannot be made or is not whole.
    pub async fn backup(&self) -> Result<PathBuf, StoreError> {
        let made = async {
            let mut connection = connect::reader(&self.shared.paths.db).await?;
            let made = backup::make(&mut connection, &self.shared.paths).await;
            connect::close(connection).await;
            made
        };
        self.watch(made.await)
    }

    /// Does what is due but must not hold up the start: the check of a large database after an unclean
    /// end, and the daily copy. To be called soon after the start and now and then after it; returns
    /// what a person should know.
    ///
    /// # Errors
    /// When the database cannot be read or the copy cannot be made.
    pub async fn upkeep(&self) -> Result<Vec<String>, StoreError> {
        let paths = &self.shared.paths;
        if self.shared.unchecked.swap(false, Ordering::Relaxed) {
            let complaints = self.complaints().await;
            if complaints.is_err() {
                self.shared.unchecked.store(true, Ordering::Relaxed);
            }
            if let Some(reason) = self.watch(complaints)?.into_iter().next() {
                repair::mark_suspect(paths);
                let damaged = StoreError::Corrupt { reason };
                return Ok(vec![format!("{damaged}; {}", damaged.hint().unwrap_or_default())]);
            }
        }
        if self.counts().await?.sessions > 0 && backup::is_due(paths)? {
            self.backup().await?;
        }
        Ok(Vec::new())
    }

    /// Gives back the memory that the writer's caches hold. To be called when nothing happens.
    pub async fn rest(&self) {
        // A database that fails says so when it is next written.
        let _ = self.ask(Request::Rest).await;
    }

    /// Asks the writer and a reader for nothing in particular; both answer when the database does.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn pulse(&self) -> Result<(), StoreError> {
        self.ask(Request::Pulse).await?;
        let read = sqlx::query("SELECT 1 FROM sessions LIMIT 1").fetch_optional(&self.shared.readers).await;
        self.watch(read).map(|_| ())
    }

    async fn complaints(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = connect::reader(&self.shared.paths.db).await?;
        let complaints = health::quick_check(&mut connection).await;
        connect::close(connection).await;
        complaints
    }

    /// Waits for the requests before it, writes the log back and closes the database. What is asked
    /// afterwards is refused.
    pub async fn close(&self) {
        // The writer closes last: only the last connection may write the log back and remove it.
        self.shared.readers.close().await;
        if let Err(error) = self.ask(Request::Close).await
            && error != StoreError::Closed
        {
            tracing::warn!(%error, "could not close the database");
        }
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.shared.writer.send(request(answer)).await.map_err(|_| StoreError::Closed)?;
        let answered = answered.await.map_err(|_| StoreError::Closed)?;
        self.watch(answered)
    }

    /// Looks at a result on its way out: after damage was met, the next start checks everything.
    fn watch<T, E: Into<StoreError>>(&self, result: Result<T, E>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let error = error.into();
            if matches!(error, StoreError::Corrupt { .. }) {
                repair::mark_suspect(&self.shared.paths);
            }
            error
        })
    }
}

//! The store: an append-only log of events in SQLite, and the lists and items that follow from it.
//!
//! Layout: `open` is the start (`inspect`, `repair`, `schema`, `health`, `recovery`); `writer` is the
//! one task that writes, by way of `append`, `items`, `partial`, `erase` and `packing`; `sessions`, `history`,
//! `search` (with `phrases`) and `titles` (with `letters`) answer questions over connections of their own;
//! `journal` is the engine's port; `ledger` is what model calls used; `care` looks after the database: `backup` makes verified copies, `pack` keeps it small, `condition`
//! says how it stands; `copies` is what people see of backups and puts one back; `look` is for support;
//! `rows`, `paths`, `room`, `connect` and `error` are what these share.
//!
//! Invariants: events of a session are numbered from 1 without gaps and never change; projections
//! change in the same transaction as the events they follow from; nothing damaged is deleted and no
//! history begins empty without a word; an idle store uses no processor time.

mod append;
mod backup;
mod care;
mod condition;
mod connect;
mod copies;
mod erase;
mod error;
mod health;
mod history;
mod inspect;
mod items;
mod journal;
mod ledger;
mod letters;
mod look;
mod open;
mod pack;
mod packing;
mod partial;
mod paths;
mod phrases;
mod recovery;
mod repair;
mod room;
mod rows;
mod schema;
mod search;
mod sessions;
mod titles;
mod writer;

pub use care::Keep;
pub use condition::Condition;
pub use copies::{apply, preview};
pub use error::StoreError;
pub use look::{Look, look};
pub use paths::StorePaths;
pub use sessions::Counts;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
};

use jamey_protocol::{Event, Session, SessionId};
use tokio::sync::{Notify, mpsc, oneshot};

use connect::Readers;
use writer::Request;

/// The sessions of one person. Clones share it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    paths: Arc<StorePaths>,
    writer: mpsc::Sender<Request>,
    readers: Arc<Readers>,
    /// The check after an unclean end is still to be made.
    unchecked: AtomicBool,
    /// Damage was met, and a look after it was asked for.
    is_damaged: AtomicBool,
    /// Fires when damage is met for the first time.
    damage: Notify,
    /// When a session had changed last before this store was opened, in milliseconds since 1970.
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
        let readers = Arc::new(Readers::new(&paths.db));
        let shared = Shared {
            writer: writer::start(opened.writer, Arc::clone(&paths), Arc::clone(&readers)),
            readers,
            unchecked: AtomicBool::new(opened.unchecked),
            last_change: opened.last_change,
            paths,
            is_damaged: AtomicBool::new(false),
            damage: Notify::new(),
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

    /// Empties the log and gives back the memory that the writer's caches hold. To be called when nothing
    /// happens.
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
        let read = sqlx::query("SELECT 1 FROM sessions LIMIT 1")
            .fetch_optional(&*self.shared.readers.now().await)
            .await;
        self.watch(read).map(|_| ())
    }

    /// Waits for the requests before it, writes the log back and closes the database. What is asked
    /// afterwards is refused.
    pub async fn close(&self) {
        // The writer closes last: only the last connection may write the log back and remove it.
        self.shared.readers.now().await.close().await;
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
            if error.spoils_connection() {
                self.shared.readers.mark_spoilt();
            }
            if matches!(error, StoreError::Corrupt { .. }) {
                self.suspect();
            }
            error
        })
    }
}

//! The one task that writes. It owns the only connection that may, takes requests in their order and
//! puts each into one transaction.
//!
//! After a failure of the disk it throws its connection away and makes a new one for the next
//! request, so it works again as soon as the disk does. It sleeps while nobody asks.

use std::sync::Arc;

use jamey_engine::ports::{Durability, Entry, OpenText, Spent};
use jamey_protocol::{Event, Session, SessionId};
use sqlx::{SqliteConnection, query, query_scalar, raw_sql};
use tokio::sync::{mpsc, oneshot};

use super::{
    StoreError, StorePaths, append,
    connect::{self, Readers},
    erase, ledger, pack, partial,
};

/// Where the answer to a request goes.
pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer may be asked.
pub(super) enum Request {
    /// Append one entry.
    Append(Box<Entry>, Answer<Vec<Event>>),
    /// Make a session.
    Create(Box<Session>, Answer<Event>),
    /// Keep partial text.
    KeepText(SessionId, Vec<OpenText>, Answer<()>),
    /// Write down what a call of no session used.
    Spend(i64, Box<Spent>, Answer<()>),
    /// Remove a session for good.
    Erase(SessionId, Answer<()>),
    /// Remove a session for good, if nothing was kept of it since then and nothing runs in it.
    EraseUntouched(SessionId, i64, Answer<bool>),
    /// Write the log back and give back the memory that caches hold.
    Rest(Answer<()>),
    /// Write the database anew if that frees enough and nobody asks for anything else meanwhile.
    Pack(Answer<bool>),
    /// Note when something was done for the database.
    Note(&'static str, Answer<()>),
    /// Show that the database can be asked.
    Pulse(Answer<()>),
    /// Write the log back and empty it.
    Checkpoint(Answer<()>),
    /// Write the log back and close the database.
    Close(Answer<()>),
}

/// Requests that may wait before their senders do.
const QUEUE: usize = 64;

/// Starts the task. It ends, and closes the database, after `Request::Close` or when the last sender
/// is gone.
pub(super) fn start(
    connection: SqliteConnection,
    paths: Arc<StorePaths>,
    readers: Arc<Readers>,
) -> mpsc::Sender<Request> {
    let (sender, requests) = mpsc::channel(QUEUE);
    let writer = Writer { paths, readers, connection: Some(connection), synced: Durability::Disk };
    tokio::spawn(writer.run(requests));
    sender
}

pub(super) struct Writer {
    pub(super) paths: Arc<StorePaths>,
    pub(super) readers: Arc<Readers>,
    pub(super) connection: Option<SqliteConnection>,
    /// What a commit on this connection waits for now.
    pub(super) synced: Durability,
}

impl Writer {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        // A sender that is gone no longer wants its answer; the write stands all the same.
        let mut next = None;
        while let Some(request) = match next.take() {
            Some(request) => Some(request),
            None => requests.recv().await,
        } {
            match request {
                Request::Append(entry, answer) => drop(answer.send(self.append(&entry).await)),
                Request::Create(session, answer) => drop(answer.send(self.create(&session).await)),
                Request::KeepText(session, texts, answer) => {
                    drop(answer.send(self.keep_text(session, &texts).await));
                }
                Request::Spend(at, spent, answer) => drop(answer.send(self.spend(at, &spent).await)),
                Request::Erase(session, answer) => drop(answer.send(self.erase(session).await)),
                Request::EraseUntouched(session, since, answer) => {
                    drop(answer.send(self.erase_untouched(session, since).await));
                }
                Request::Rest(answer) => drop(answer.send(self.rest().await)),
                Request::Pack(answer) => {
                    let (packed, asked) = self.pack(&mut requests).await;
                    drop(answer.send(packed));
                    next = asked;
                }
                Request::Note(what, answer) => drop(answer.send(self.note(what).await)),
                Request::Pulse(answer) => drop(answer.send(self.pragma("PRAGMA schema_version").await)),
                Request::Checkpoint(answer) => {
                    drop(answer.send(self.pragma("PRAGMA wal_checkpoint(TRUNCATE)").await));
                }
                Request::Close(answer) => {
                    self.close().await;
                    drop(answer.send(Ok(())));
                    return;
                }
            }
            if requests.is_empty() && next.is_none() {
                self.relax().await;
            }
        }
        self.close().await;
    }

    async fn append(&mut self, entry: &Entry) -> Result<Vec<Event>, StoreError> {
        let connection = self.ready(entry.durability).await?;
        let done = append::append(connection, entry, append::Opens::Transaction).await;
        self.end(done).await
    }

    /// Gets ready, while nobody waits, for the write that comes most often and is waited for most:
    /// one that need not reach the disk, with text behind it that a person is about to read.
    async fn relax(&mut self) {
        if self.connection.is_some() {
            // What fails here fails again, and is told, at the next write.
            let _ = self.ready(Durability::Process).await;
        }
    }

    async fn create(&mut self, session: &Session) -> Result<Event, StoreError> {
        let connection = self.begin(Durability::Process).await?;
        let done = append::create(connection, session).await;
        self.end(done).await
    }

    async fn spend(&mut self, at: i64, spent: &Spent) -> Result<(), StoreError> {
        let connection = self.begin(Durability::Disk).await?;
        let of = ledger::Of { at, session: 0, turn: None };
        let done = ledger::write(connection, of, spent).await;
        self.end(done).await
    }

    async fn keep_text(&mut self, session: SessionId, texts: &[OpenText]) -> Result<(), StoreError> {
        let connection = self.ready(Durability::Process).await?;
        let done = partial::keep_text(connection, session, texts).await;
        self.outcome(done).await
    }

    /// Erases for good: what is freed is overwritten, and the log, which holds older pages, is emptied.
    async fn erase(&mut self, session: SessionId) -> Result<(), StoreError> {
        self.pragma("PRAGMA secure_delete = ON").await?;
        let connection = self.begin(Durability::Disk).await?;
        let done = erase::erase(connection, session).await;
        let done = self.end(done).await;
        if self.connection.is_some() {
            self.pragma("PRAGMA secure_delete = OFF").await?;
            self.pragma("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        done
    }

    /// The same for a session that is still as it was.
    async fn erase_untouched(&mut self, session: SessionId, since: i64) -> Result<bool, StoreError> {
        let connection = self.ready(Durability::Process).await?;
        let found: Option<i64> = query_scalar(
            "SELECT key FROM sessions WHERE id = ? AND updated_at < ? AND status = 'idle' AND open_since IS NULL",
        )
        .bind(session.to_string())
        .bind(since)
        .fetch_optional(connection)
        .await?;
        match found {
            Some(_) => self.erase(session).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Writes the log back and empties it, and gives memory back.
    async fn rest(&mut self) -> Result<(), StoreError> {
        self.pragma("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        self.pragma("PRAGMA shrink_memory").await
    }

    pub(super) async fn note(&mut self, what: &'static str) -> Result<(), StoreError> {
        let paths = Arc::clone(&self.paths);
        let connection = self.ready(Durability::Process).await?;
        let sizes = pack::measure(connection, &paths).await?;
        pack::note(connection, what, sizes).await
    }

    /// Begins a transaction whose commit will wait for `durability`.
    async fn begin(&mut self, durability: Durability) -> Result<&mut SqliteConnection, StoreError> {
        let connection = self.ready(durability).await?;
        let begun = query("BEGIN IMMEDIATE").execute(connection).await.map_err(StoreError::from);
        if let Err(error) = begun {
            return self.end(Err(error)).await;
        }
        self.connection.as_mut().ok_or(StoreError::Closed)
    }

    /// A connection whose next commit will wait for `durability`.
    pub(super) async fn ready(
        &mut self,
        durability: Durability,
    ) -> Result<&mut SqliteConnection, StoreError> {
        if self.connection.is_none() {
            self.connection = Some(connect::writer(&self.paths.db).await?);
            self.synced = Durability::Disk;
        }
        if self.synced != durability {
            self.pragma(match durability {
                Durability::Process => "PRAGMA synchronous = NORMAL",
                Durability::Disk => "PRAGMA synchronous = FULL",
            })
            .await?;
            self.synced = durability;
        }
        self.connection.as_mut().ok_or(StoreError::Closed)
    }

    /// Commits what was done, or takes it back.
    async fn end<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        let Some(connection) = &mut self.connection else { return done };
        let ended = match done {
            Ok(value) => {
                query("COMMIT").execute(&mut *connection).await.map(|_| value).map_err(StoreError::from)
            }
            Err(error) => Err(error),
        };
        self.outcome(ended).await
    }

    /// After a failure, takes back what is half done and drops a connection that is of no more use.
    async fn outcome<T>(&mut self, ended: Result<T, StoreError>) -> Result<T, StoreError> {
        let Some(connection) = &mut self.connection else { return ended };
        if let Err(error) = &ended {
            // SQLite has often rolled back by itself; then this fails, and that is fine.
            let _ = query("ROLLBACK").execute(connection).await;
            if error.spoils_connection() {
                tracing::warn!(%error, "a write failed; the database is opened anew for the next one");
                if let Some(spoilt) = self.connection.take() {
                    connect::close(spoilt).await;
                }
            }
        }
        ended
    }

    /// Runs a pragma. Never from the cache of statements: pragmas act while they are prepared.
    async fn pragma(&mut self, pragma: &'static str) -> Result<(), StoreError> {
        if let Some(connection) = &mut self.connection {
            raw_sql(pragma).execute(connection).await?;
        }
        Ok(())
    }

    pub(super) async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            connect::close(connection).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jamey_protocol::{EventBody, Item, ItemBody, ItemId, SessionStatus, Settings, TurnId};
    use sqlx::Row;

    use super::*;

    async fn writer(folder: &Path) -> Writer {
        let paths = StorePaths {
            db: folder.join("jamey.db"),
            backups: folder.join("backups"),
            quarantine: folder.join("quarantine"),
        };
        let opened = super::super::open::open(&paths).await.unwrap();
        let readers = Arc::new(Readers::new(&paths.db));
        Writer { paths: Arc::new(paths), readers, connection: Some(opened.writer), synced: Durability::Disk }
    }

    fn session() -> Session {
        Session {
            id: SessionId::new(),
            name: None,
            title: None,
            cwd: "/work".into(),
            settings: Settings::default(),
            status: SessionStatus::Idle,
            created_at: 1,
            updated_at: 1,
            head: 0,
        }
    }

    fn entry(session: &Session, head: u64, text: String) -> Entry {
        let body = ItemBody::UserMessage { text, attachments: Vec::new() };
        let item = Item { id: ItemId::new(), turn: TurnId::new(), step: 0, at: 1, body };
        Entry {
            session: Session { head, ..session.clone() },
            turn: None,
            at: 1,
            bodies: vec![EventBody::ItemCompleted { item }],
            op: None,
            spent: None,
            durability: Durability::Process,
        }
    }

    #[tokio::test]
    async fn each_commit_waits_for_as_much_as_its_entry_asks() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(folder.path()).await;
        for (durability, level) in [
            (Durability::Process, 1),
            (Durability::Disk, 2),
            (Durability::Disk, 2),
            (Durability::Process, 1),
            (Durability::Disk, 2),
        ] {
            let connection = writer.begin(durability).await.unwrap();
            let row = raw_sql("PRAGMA synchronous").fetch_one(connection).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), level, "{durability:?}");
            writer.end(Ok(())).await.unwrap();
        }
        writer.close().await;
    }

    #[tokio::test]
    async fn a_full_disk_keeps_nothing_of_the_entry_and_stops_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(folder.path()).await;
        let session = session();
        writer.create(&session).await.unwrap();
        for _ in 0..2 {
            // SQLite reports this limit as it reports a full disk.
            let connection = writer.connection.as_mut().unwrap();
            raw_sql("PRAGMA max_page_count = 1").execute(connection).await.unwrap();
            let refused = writer.append(&entry(&session, 1, "x".repeat(500_000))).await.unwrap_err();
            assert_eq!(refused, StoreError::Full);
            // The next one finds a new connection, and with it room.
            assert!(writer.connection.is_none());
            writer.begin(Durability::Process).await.unwrap();
            writer.end(Ok(())).await.unwrap();
        }
        let events = writer.append(&entry(&session, 1, "fits".into())).await.unwrap();
        assert_eq!(events[0].seq, Some(2));
        writer.close().await;
    }
}

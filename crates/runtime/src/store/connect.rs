//! How connections are made: one that writes, few that read, none that wakes up by itself.
//!
//! Every path goes to SQLite as a file name, never as a URL, so that any character may be in it.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::StoreError;

/// The first SQLite without the bug that could damage a database when its log restarted.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Bytes of a page. Small ones waste the least with rows of some hundred bytes to some kilobytes, and an
/// append writes only few of them.
pub(super) const PAGE: u32 = 1024;

/// Options that hold for every connection. The busy timeout is set before any pragma runs.
fn options(db: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(db)
        .page_size(PAGE)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(48)
        .row_buffer_size(64)
        .thread_name(|number| format!("jamey-store-{number}"))
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .pragma("cache_size", "-1024")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

/// Opens the one connection that writes.
pub(super) async fn writer(db: &Path) -> Result<SqliteConnection, StoreError> {
    let connection = options(db)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", "67108864")
        .pragma("wal_autocheckpoint", "4000")
        .connect()
        .await?;
    Ok(connection)
}

/// Opens a database only to look at it. Its file is not changed, not even by closing.
pub(super) async fn reader(db: &Path) -> Result<SqliteConnection, StoreError> {
    Ok(options(db).read_only(true).connect().await?)
}

/// Opens a database without a log beside it, such as a backup, and writes nothing near it.
pub(super) async fn copy(db: &Path) -> Result<SqliteConnection, StoreError> {
    Ok(options(db).read_only(true).immutable(true).connect().await?)
}

/// Since when connections that were open are not used again: what a failed disk or a replaced file left in
/// them stays out of the next answer.
#[derive(Clone, Default)]
struct Spoilt(Arc<Mutex<Option<Instant>>>);

impl Spoilt {
    /// Lets every connection of now be replaced when it is next needed.
    fn mark_now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection of that age was made after the last failure.
    fn spares(&self, age: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| age < since.elapsed())
    }
}

/// Connections for queries. Whoever asks holds them for as long as it asks, so that the file below them
/// can be changed when nobody does.
pub(super) struct Readers {
    pool: RwLock<SqlitePool>,
    spoilt: Spoilt,
}

impl Readers {
    pub(super) fn new(db: &Path) -> Self {
        let spoilt = Spoilt::default();
        Self { pool: RwLock::new(open_readers(db, &spoilt)), spoilt }
    }

    /// The connections as they are now.
    pub(super) async fn now(&self) -> RwLockReadGuard<'_, SqlitePool> {
        self.pool.read().await
    }

    /// Opens the file anew.
    pub(super) fn begin(&self, guard: &mut RwLockWriteGuard<'_, SqlitePool>, db: &Path) {
        **guard = open_readers(db, &self.spoilt);
    }

    /// Lets every connection of now be replaced when it is next needed.
    pub(super) fn mark_spoilt(&self) {
        self.spoilt.mark_now();
    }

    /// Waits a moment until nobody asks, and lets nobody ask until the guard goes. Nothing if somebody
    /// goes on asking.
    pub(super) async fn stop(&self) -> Option<RwLockWriteGuard<'_, SqlitePool>> {
        tokio::time::timeout(Duration::from_secs(1), self.pool.write()).await.ok()
    }
}

/// Connections for queries, made when they are first needed. Without limits of age there is no task
/// behind them.
fn open_readers(db: &Path, spoilt: &Spoilt) -> SqlitePool {
    let spoilt = spoilt.clone();
    SqlitePoolOptions::new()
        .min_connections(0)
        .max_connections(2)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .before_acquire(move |_, about| {
            let is_good = spoilt.spares(about.age);
            Box::pin(async move { Ok(is_good) })
        })
        // Pages that were read lie in the system's cache too; these stay as long as the runtime.
        .connect_lazy_with(options(db).read_only(true).pragma("cache_size", "-256"))
}

/// Refuses a SQLite that is older than the one we were built with.
pub(super) async fn check_sqlite(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(connection).await?;
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(StoreError::Internal(format!("SQLite {version} is too old for this database")));
    }
    Ok(())
}

/// Closes a connection. What it wrote is already safe, so a failure is only noted.
pub(super) async fn close(connection: SqliteConnection) {
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "could not close a database connection");
    }
}

/// Lets a statement on this connection fail soon after `given_up` is set.
pub(super) async fn interrupt_when(
    connection: &mut SqliteConnection,
    steps: i32,
    given_up: Arc<AtomicBool>,
) -> Result<(), StoreError> {
    let mut handle = connection.lock_handle().await?;
    handle.set_progress_handler(steps, move || !given_up.load(Ordering::Relaxed));
    Ok(())
}

/// Takes that back.
pub(super) async fn never_interrupt(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    connection.lock_handle().await?.remove_progress_handler();
    Ok(())
}

/// The present time in UTC as `20261123T203127Z`, for names of files.
pub(super) async fn stamp() -> Result<String, StoreError> {
    let mut clock = SqliteConnectOptions::new().in_memory(true).connect().await?;
    let stamp = sqlx::query_scalar("SELECT strftime('%Y%m%dT%H%M%SZ', 'now')").fetch_one(&mut clock).await?;
    close(clock).await;
    Ok(stamp)
}

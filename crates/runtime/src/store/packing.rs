//! Packing while the runtime lives: the writer does it when nobody asks it for anything, and gives up as
//! soon as somebody does.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sqlx::SqliteConnection;
use tokio::sync::mpsc;

use super::{
    StoreError, StorePaths, connect, pack,
    paths::remove,
    writer::{Request, Writer},
};

/// Steps of SQLite's machine between two looks at whether somebody waits.
const STEPS: i32 = 2000;

impl Writer {
    /// Packs the database if that frees enough. Returns whether it did, and a request that came meanwhile
    /// and was not answered yet.
    pub(super) async fn pack(
        &mut self,
        requests: &mut mpsc::Receiver<Request>,
    ) -> (Result<bool, StoreError>, Option<Request>) {
        let given_up = Arc::new(AtomicBool::new(false));
        let paths = Arc::clone(&self.paths);
        let mut asked = None;
        let staged = {
            let connection = match self.ready(jamey_engine::ports::Durability::Process).await {
                Ok(connection) => connection,
                Err(error) => return (Err(error), None),
            };
            let mut staging = std::pin::pin!(stage(connection, &paths, Arc::clone(&given_up)));
            loop {
                tokio::select! {
                    staged = &mut staging => break staged,
                    request = requests.recv(), if asked.is_none() => match request {
                        // The database is at work, which shows that it lives.
                        Some(Request::Pulse(answer) | Request::Rest(answer)) => drop(answer.send(Ok(()))),
                        Some(request) => {
                            asked = Some(request);
                            given_up.store(true, Ordering::Relaxed);
                        }
                        None => {
                            given_up.store(true, Ordering::Relaxed);
                            break staging.await;
                        }
                    },
                }
            }
        };
        let packed = match staged {
            Ok(true) if !given_up.load(Ordering::Relaxed) => self.take_over().await,
            Err(error) if !given_up.load(Ordering::Relaxed) => Err(error),
            _ => Ok(false),
        };
        // What is left of the new file is of no use.
        let _ = remove(&paths.packed());
        (packed, asked)
    }

    /// Closes the database, gives the new file its name and opens it.
    async fn take_over(&mut self) -> Result<bool, StoreError> {
        let readers = Arc::clone(&self.readers);
        let Some(mut stopped) = readers.stop().await else { return Ok(false) };
        let before = pack::on_disk(&self.paths);
        stopped.close().await;
        self.close().await;
        let swapped = pack::swap(&self.paths);
        readers.begin(&mut stopped, &self.paths.db);
        drop(stopped);
        if !swapped? {
            return Ok(false);
        }
        self.note("vacuum").await?;
        tracing::info!(before, after = pack::on_disk(&self.paths), "the database was packed");
        Ok(true)
    }
}

/// Writes the new file if it is worth it.
async fn stage(
    connection: &mut SqliteConnection,
    paths: &StorePaths,
    given_up: Arc<AtomicBool>,
) -> Result<bool, StoreError> {
    let sizes = pack::measure(connection, paths).await?;
    if !pack::is_worth_it(sizes, pack::last(connection).await?) {
        return Ok(false);
    }
    connect::interrupt_when(connection, STEPS, given_up).await?;
    let staged = pack::stage(connection, paths).await;
    connect::never_interrupt(connection).await?;
    staged.map(|()| true)
}

//! A proof of life: the database and the turn loop both answer.

use jamey_engine::{
    ports::{Clock, SystemClock},
    session::spawn,
};
use jamey_protocol::{ApiError, ErrorCode, Session, SessionId, SessionStatus, Settings};

use super::{Host, sessions::Shelf as _};

impl Host {
    /// Asks the database's writer and one of its readers, and every loaded session's task; where none is
    /// loaded, a new one. Nothing is kept of it. Waits as long as they take.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn pulse(&self) -> Result<(), ApiError> {
        self.store.pulse().await?;
        let loaded = self.sessions.handles();
        if loaded.is_empty() {
            return self.passing_session().await;
        }
        for handle in loaded {
            match handle.session().await {
                // It was let go meanwhile.
                Err(error) if error.code == ErrorCode::ShuttingDown => {}
                other => drop(other?),
            }
        }
        Ok(())
    }

    /// Begins a session's task that nothing is ever kept of, asks it, and ends it.
    async fn passing_session(&self) -> Result<(), ApiError> {
        let now = SystemClock.now();
        let session = Session {
            id: SessionId::default(),
            name: None,
            title: None,
            cwd: self.folders.data.clone(),
            settings: Settings::default(),
            status: SessionStatus::Idle,
            created_at: now,
            updated_at: now,
            head: 0,
        };
        let handle = spawn(session, Vec::new(), self.shelf.parts());
        handle.session().await?;
        handle.close("it was never to run").await;
        Ok(())
    }
}

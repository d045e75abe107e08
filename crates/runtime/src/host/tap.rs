//! Stands between sessions and the store and tells those who follow all sessions that something
//! was kept. They read it from the store themselves, so nothing is queued for them here.

use std::sync::Arc;

use jamey_engine::ports::{AcceptedOp, Entry, Journal, JournalError, OpenText};
use jamey_protocol::{Event, OpId, SessionId};
use tokio::sync::watch;

/// A journal that tells of each append.
pub struct Tap {
    inner: Arc<dyn Journal>,
    kept: watch::Sender<()>,
}

impl Tap {
    /// Listens in on `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Journal>) -> Self {
        Self { inner, kept: watch::Sender::new(()) }
    }

    /// Changes whenever events were kept.
    #[must_use]
    pub fn kept(&self) -> watch::Receiver<()> {
        self.kept.subscribe()
    }

    /// Tells of events that were kept past this journal.
    pub fn tell(&self) {
        self.kept.send_replace(());
    }
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tap").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Journal for Tap {
    async fn append(&self, entry: Entry) -> Result<Vec<Event>, JournalError> {
        let events = self.inner.append(entry).await?;
        if !events.is_empty() {
            self.tell();
        }
        Ok(events)
    }

    async fn accepted(&self, session: SessionId, op_id: OpId) -> Result<Option<AcceptedOp>, JournalError> {
        self.inner.accepted(session, op_id).await
    }

    async fn keep_text(&self, session: SessionId, texts: Vec<OpenText>) -> Result<(), JournalError> {
        self.inner.keep_text(session, texts).await
    }

    async fn read(&self, session: SessionId, after: u64) -> Result<Vec<Event>, JournalError> {
        self.inner.read(session, after).await
    }
}

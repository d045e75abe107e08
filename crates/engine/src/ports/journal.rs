//! The durable event log, seen from the engine.

use jamey_protocol::{Event, EventBody, ItemId, Session, SessionId, TurnId};

/// How far a write must have gone before `append` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Survives the death of the process (handed to the operating system).
    Process,
    /// Also survives a power cut (synced to the disk). For accepted ops and for starts of tools.
    Disk,
}

/// The partial text of an item that is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenText {
    /// The item, which `ItemStarted` named before.
    pub item_id: ItemId,
    /// Text since the last flush.
    pub text: String,
}

/// Append-only events per session, with the projections that follow from them, in one transaction.
#[async_trait::async_trait]
pub trait Journal: Send + Sync {
    /// Appends events of one session at consecutive places and returns them with `seq` and `at`
    /// filled in. All or nothing. `session` is the projection after them (its `head` is set here).
    ///
    /// # Errors
    /// When the store cannot take them; then nothing was kept.
    async fn append(
        &self,
        session: &Session,
        turn: Option<TurnId>,
        at: i64,
        bodies: Vec<EventBody>,
        durability: Durability,
    ) -> Result<Vec<Event>, JournalError>;

    /// Keeps streamed text that no event holds yet, so that a crash loses at most the last 100 ms.
    /// It is forgotten when the item completes.
    ///
    /// # Errors
    /// When the store cannot take it.
    async fn keep_text(&self, session: SessionId, texts: Vec<OpenText>) -> Result<(), JournalError>;

    /// Reads all durable events of a session after `after`, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn read(&self, session: SessionId, after: u64) -> Result<Vec<Event>, JournalError>;
}

/// Why the store refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JournalError {
    /// What failed and why, in the person's words.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

//! The handle by which everybody else reaches a session's task.

use jamey_protocol::{ApiError, ErrorCode, Item, OpAccepted, OpRequest, PatchSession, Session};
use tokio::sync::{mpsc, oneshot};

use super::{Parts, Subscription, actor::Actor, command::Command};

/// Requests that may wait; more wait at their sender.
const INBOX: usize = 64;

/// Reaches the task of one session. The task ends when every handle is gone and no turn runs.
#[derive(Clone, Debug)]
pub struct SessionHandle(mpsc::Sender<Command>);

/// Starts the task of a session from what the store holds; its last turn must have ended.
#[must_use]
pub fn spawn(session: Session, items: Vec<Item>, parts: Parts) -> SessionHandle {
    let (sender, inbox) = mpsc::channel(INBOX);
    tokio::spawn(Actor::new(session, items, parts).run(inbox));
    SessionHandle(sender)
}

impl SessionHandle {
    /// Asks for an op. When it returns `Ok`, the op is on the disk.
    ///
    /// # Errors
    /// When the op does not fit the session's state or cannot be kept; then nothing changed.
    pub async fn op(&self, request: OpRequest) -> Result<OpAccepted, ApiError> {
        self.ask(|reply| Command::Op(request, reply)).await?
    }

    /// Attaches to the session's events.
    ///
    /// # Errors
    /// When the task is gone.
    pub async fn subscribe(&self) -> Result<Subscription, ApiError> {
        self.ask(Command::Subscribe).await
    }

    /// Renames the session or changes its settings.
    ///
    /// # Errors
    /// When the change cannot be kept.
    pub async fn update(&self, patch: PatchSession) -> Result<Session, ApiError> {
        self.ask(|reply| Command::Update(patch, reply)).await?
    }

    /// The session as it is now.
    ///
    /// # Errors
    /// When the task is gone.
    pub async fn session(&self) -> Result<Session, ApiError> {
        self.ask(Command::Get).await
    }

    /// Interrupts a running turn and ends the task. When it returns, the tool's processes are gone
    /// and everything is in the journal.
    pub async fn close(&self, reason: &str) {
        // A task that is gone already is closed.
        let _ = self.ask(|reply| Command::Close(reason.to_owned(), reply)).await;
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, ApiError> {
        let (reply, answer) = oneshot::channel();
        let gone = || ApiError::new(ErrorCode::ShuttingDown, "the session is closing").retryable();
        self.0.send(command(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

//! What a session's task can be asked.

use std::sync::Arc;

use jamey_protocol::{ApiError, Event, OpAccepted, OpRequest, PatchSession, Session};
use tokio::sync::{broadcast, oneshot};

use super::Frame;

pub(super) enum Command {
    Op(OpRequest, oneshot::Sender<Result<OpAccepted, ApiError>>),
    Subscribe(oneshot::Sender<Subscription>),
    Update(PatchSession, oneshot::Sender<Result<Session, ApiError>>),
    Get(oneshot::Sender<Session>),
    Close(String, oneshot::Sender<()>),
}

/// A place in the session's order: everything durable up to `head` is in the journal, what was
/// streamed of open items is in `open`, and all that follows comes through `events`.
#[derive(Debug)]
pub struct Subscription {
    /// The newest durable `seq`.
    pub head: u64,
    /// What has been streamed so far of items that are open, as deltas from offset 0.
    pub open: Vec<Event>,
    /// What follows. A subscriber that is too slow is told that it lagged and begins anew.
    pub events: broadcast::Receiver<Arc<Frame>>,
}

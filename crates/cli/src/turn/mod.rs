//! One turn, from the prompt to its end, for every face of this command.

mod face;
mod json;
mod prompt;
mod signals;
mod text;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jamey_ipc::{Client, client::Follow};
use jamey_protocol::{
    ApiError, Approval, CreateSession, Decision, ErrorCode, Event, EventBody, ItemBody, ItemId, Op, OpId,
    OpRequest, Outcome, Session, SessionId, Settings, ToolCall, TurnId,
};
use tokio::task::JoinHandle;

use crate::{approve, render};

pub use face::Face;
pub use json::{JsonFace, StreamFace};
pub use prompt::{Prompt, Said, compose, read_schema};
pub use signals::{Interrupts, OnTerminate};
pub use text::TextFace;

/// Where a turn takes place.
#[derive(Debug)]
pub enum Place {
    /// In a session that is made for it. It has an id already.
    New(SessionId, Box<CreateSession>),
    /// In one that is there.
    Known(Box<Session>),
}

impl Place {
    pub fn session(&self) -> SessionId {
        match self {
            Self::New(id, _) => *id,
            Self::Known(session) => session.id,
        }
    }
}

/// A turn that began.
#[derive(Debug)]
pub struct Begun {
    client: Client,
    pub session: SessionId,
    pub turn: TurnId,
    follow: Follow,
}

/// A turn that ended.
#[derive(Debug)]
pub struct Ended {
    pub outcome: Outcome,
    /// What wanted approval when nobody was there to give it.
    pub refused: Option<(Approval, Option<ToolCall>)>,
    /// The person at this terminal stopped it.
    pub interrupted: bool,
    /// The newest `seq`.
    pub head: u64,
}

/// Who answers questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approver {
    /// The person at the terminal.
    Terminal,
    /// Nobody; a question ends the turn.
    Nobody,
}

/// Sends the prompt. For a new session the connection of its events is dialled while the session is
/// made, and the op does not wait for the events: whatever they were, they are replayed.
pub async fn begin(client: &Client, place: Place, said: Said, settings: Settings) -> Result<Begun, ApiError> {
    let session = place.session();
    let is_new = matches!(place, Place::New(..));
    let after = match place {
        Place::New(id, request) => {
            let request = CreateSession { id: Some(id), ..*request };
            let (made, _) = tokio::join!(client.create_session(request), client.warm());
            made?;
            0
        }
        Place::Known(session) => session.head,
    };
    let mut attachments = Vec::with_capacity(said.files.len());
    for (name, bytes) in said.files {
        match client.upload_attachment(session, &name, bytes).await {
            Ok(kept) => attachments.push(kept.id),
            Err(error) => {
                if is_new {
                    // Nothing was said in it; what failed is told either way.
                    let _ = client.delete_session(session).await;
                }
                return Err(error);
            }
        }
    }
    let op = Op::StartTurn { text: said.text, attachments, settings };
    follow(client, session, after, op).await
}

/// Lets the model sum up what was said in a session; that is a turn too.
pub async fn begin_summary(client: &Client, session: &Session, keep: &str) -> Result<Begun, ApiError> {
    let keep = Some(keep.to_owned()).filter(|keep| !keep.is_empty());
    follow(client, session.id, session.head, Op::Compact { keep }).await
}

async fn follow(client: &Client, session: SessionId, after: u64, op: Op) -> Result<Begun, ApiError> {
    let mut follow = client.follow(session, after);
    let request = OpRequest { op_id: OpId::new(), op };
    let (accepted, opened) = tokio::join!(client.op(session, &request), follow.open());
    let accepted = accepted?;
    opened?;
    let turn = accepted.turn.ok_or_else(|| {
        ApiError::new(ErrorCode::Internal, "the runtime began no turn")
            .hint("look at its log: jamey runtime logs")
    })?;
    Ok(Begun { client: client.clone(), session, turn, follow })
}

/// A question that is being asked at the terminal.
struct Asking {
    approval: Approval,
    /// Tells the asking thread that the question is closed.
    closed: Arc<AtomicBool>,
    answer: JoinHandle<Option<Decision>>,
}

enum Step {
    Event(Box<Event>),
    Answer(Option<Decision>),
}

/// Shows a turn until it ends.
///
/// # Errors
/// When the runtime is lost for good. `Ok(None)` when nobody reads standard output any more; then the
/// turn was stopped.
pub async fn drive(
    mut begun: Begun,
    face: &mut Face,
    approver: Approver,
    interrupts: &Interrupts,
) -> Result<Option<Ended>, ApiError> {
    let mut calls: HashMap<ItemId, ToolCall> = HashMap::new();
    let mut waiting: VecDeque<Approval> = VecDeque::new();
    let mut asking: Option<Asking> = None;
    let mut refused = None;
    interrupts.again_if_asked().await;
    loop {
        if asking.is_none()
            && let Some(approval) = waiting.pop_front()
        {
            let Some(call) = calls.get(&approval.item_id) else {
                let reason = "what it would do could not be shown".to_owned();
                render::note("a call was denied: what it would do could not be shown");
                decide(&begun, &approval, Decision::Deny { reason }).await?;
                continue;
            };
            shown(face.flush_before_question().await, &begun).await?;
            asking = Some(ask(&approval, call));
        }
        let step = tokio::select! {
            event = begun.follow.next() => Step::Event(Box::new(event?)),
            answer = answered(&mut asking), if asking.is_some() => Step::Answer(answer),
        };
        let event = match step {
            Step::Event(event) => event,
            Step::Answer(answer) => {
                if let (Some(done), Some(decision)) = (asking.take(), answer) {
                    match decide(&begun, &done.approval, decision.clone()).await {
                        // It could not be kept for good; the question is still open.
                        Err(error) if decision == Decision::AllowAlways => {
                            render::explain(&error);
                            waiting.push_front(done.approval);
                        }
                        answered => answered?,
                    }
                }
                continue;
            }
        };
        if event.turn.is_some_and(|turn| turn != begun.turn) {
            continue;
        }
        if shown(face.show(&event).await, &begun).await?.is_none() {
            return Ok(None);
        }
        match event.body {
            EventBody::ItemStarted { item } | EventBody::ItemCompleted { item } => {
                if let ItemBody::ToolCall { call } = item.body {
                    calls.insert(item.id, call);
                }
            }
            EventBody::ApprovalRequested { approval } if approver == Approver::Nobody => {
                let call = calls.get(&approval.item_id).cloned();
                refused.get_or_insert((approval, call));
                interrupt(&begun.client, begun.session).await?;
            }
            EventBody::ApprovalRequested { approval } => waiting.push_back(approval),
            EventBody::ApprovalResolved { approval_id, .. } => {
                waiting.retain(|approval| approval.id != approval_id);
                if let Some(open) = asking.take_if(|asking| asking.approval.id == approval_id) {
                    open.closed.store(true, Ordering::Relaxed);
                    render::say("(it was answered elsewhere)");
                }
            }
            EventBody::TurnEnded { outcome } => {
                if let Some(open) = asking {
                    open.closed.store(true, Ordering::Relaxed);
                }
                if shown(face.flush().await, &begun).await?.is_none() {
                    return Ok(None);
                }
                let head = begun.follow.last();
                return Ok(Some(Ended { outcome, refused, interrupted: interrupts.asked(), head }));
            }
            EventBody::SessionUpdated { .. }
            | EventBody::TurnStarted { .. }
            | EventBody::ItemDelta { .. }
            | EventBody::UsageUpdated { .. }
            | EventBody::Notice { .. }
            | EventBody::ConfigChanged { .. }
            | EventBody::SessionDeleted {}
            | EventBody::Unknown => {}
        }
        if !begun.follow.is_ready() && shown(face.flush().await, &begun).await?.is_none() {
            return Ok(None);
        }
    }
}

/// Stops the running turn of a session.
pub async fn interrupt(client: &Client, session: SessionId) -> Result<(), ApiError> {
    client.op(session, &OpRequest { op_id: OpId::new(), op: Op::Interrupt }).await.map(|_| ())
}

/// Gives nothing when standard output takes no more because nobody reads it; then the turn is
/// stopped, since its answer has nowhere to go.
async fn shown(result: std::io::Result<()>, begun: &Begun) -> Result<Option<()>, ApiError> {
    let Err(error) = result else { return Ok(Some(())) };
    interrupt(&begun.client, begun.session).await?;
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Ok(None);
    }
    Err(ApiError::new(ErrorCode::Storage, format!("the answer cannot be written: {error}"))
        .hint("the session has it: jamey sessions show"))
}

fn ask(approval: &Approval, call: &ToolCall) -> Asking {
    let closed = Arc::new(AtomicBool::new(false));
    let answer = tokio::task::spawn_blocking({
        let (approval, call, closed) = (approval.clone(), call.clone(), Arc::clone(&closed));
        move || approve::ask(&approval, &call, &closed)
    });
    Asking { approval: approval.clone(), closed, answer }
}

async fn answered(asking: &mut Option<Asking>) -> Option<Decision> {
    match asking {
        Some(asking) => (&mut asking.answer).await.ok().flatten(),
        None => std::future::pending().await,
    }
}

/// Gives an answer. That somebody else was faster is no error.
async fn decide(begun: &Begun, approval: &Approval, decision: Decision) -> Result<(), ApiError> {
    let op = Op::Decide { approval_id: approval.id, decision };
    match begun.client.op(begun.session, &OpRequest { op_id: OpId::new(), op }).await {
        // Somebody else was faster; the event that says so is on its way.
        Err(error) if matches!(error.code, ErrorCode::Conflict | ErrorCode::NotFound) => Ok(()),
        other => other.map(|_| ()),
    }
}

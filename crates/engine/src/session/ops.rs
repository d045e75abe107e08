//! What faces ask: checked, made durable, acknowledged, and only then acted on.

use std::sync::Arc;

use jamey_protocol::{
    Access, ApiError, Attachment, AttachmentId, Choice, Decision, ErrorCode, EventBody, Op, OpAccepted, OpId,
    OpRequest, PatchSession, Session, SessionId, Settings,
};
use tokio::sync::oneshot;

use super::{ModelChoice, actor::Actor, open_turn::OpenTurn, trace};
use crate::{
    context::is_image,
    policy::Rule,
    ports::{AcceptedOp, Attachments, Durability, JournalError, TurnMeter},
    turn::{Machine, Signal},
};

/// The longest prompt in bytes. More would not fit any model's window and would be copied into
/// every request.
const MAX_TEXT: usize = 8 * 1024 * 1024;

/// The most bytes of what a person wants a summary to keep.
const MAX_KEEP: usize = 4 * 1024;

/// Most files that one message may have.
const MAX_ATTACHMENTS: usize = 50;

/// What an answer allows beyond its own call.
enum Lasting {
    Nothing,
    /// Not yet: it is noted once the answer is in the journal.
    InSession {
        tool: String,
        accesses: Vec<Access>,
    },
    /// It was kept for good just now.
    Kept(Rule),
}

type Reply = oneshot::Sender<Result<OpAccepted, ApiError>>;

impl Actor {
    pub(super) async fn op(&mut self, request: OpRequest, reply: Reply) {
        match self.accept(request).await {
            Ok((accepted, signal)) => {
                let _ = reply.send(Ok(accepted));
                if let Some(actions) = signal {
                    self.perform(actions).await;
                }
            }
            Err(error) => drop(reply.send(Err(error))),
        }
    }

    /// Makes an op durable. What the machine wants done beyond the events that say so is returned,
    /// to be done after the answer.
    async fn accept(
        &mut self,
        request: OpRequest,
    ) -> Result<(OpAccepted, Option<Vec<crate::turn::Action>>), ApiError> {
        if self.is_torn {
            self.mend().await?;
        }
        let body = serde_json::to_string(&request.op).unwrap_or_default();
        let known = self.parts.journal.accepted(self.session.id, request.op_id).await.map_err(storage)?;
        if let Some(known) = known {
            if !known.is(&body) {
                return Err(ApiError::new(ErrorCode::Conflict, "this op id was used for another op")
                    .hint("make a new id for each op"));
            }
            return Ok((OpAccepted { turn: known.turn, head: self.session.head }, None));
        }
        let op_id = request.op_id;
        let title = self.session.title.clone();
        let mut lasting = Lasting::Nothing;
        let signal = match request.op {
            Op::StartTurn { text, attachments, settings } => {
                self.start(op_id, text, &attachments, &settings).await?
            }
            Op::Steer { text, attachments } => {
                check_text(&text)?;
                self.running("nothing runs that could be steered; start a turn instead")?;
                let files = Arc::clone(&self.parts.attachments);
                let attachments = attached(files, self.session.id, &attachments).await?;
                if let Some(turn) = &self.turn {
                    check_vision(&turn.choice, &attachments)?;
                }
                Signal::Steer { text, attachments }
            }
            Op::Interrupt if self.turn.is_none() => {
                return Ok((OpAccepted { turn: None, head: self.session.head }, None));
            }
            Op::Interrupt => Signal::Interrupt { reason: "stopped by the user".into() },
            Op::Decide { approval_id, decision } => {
                lasting = self.check_decision(approval_id, &decision).await?;
                Signal::Decided { approval_id, decision }
            }
            Op::Compact { keep } => self.compact(op_id, keep).await?,
            Op::Configure { settings } => {
                let patch = PatchSession { name: None, settings: Some(settings) };
                let op = AcceptedOp::new(op_id, &body, None);
                self.change(patch, Some(op)).await?;
                return Ok((OpAccepted { turn: None, head: self.session.head }, None));
            }
        };
        let turn = self.turn.as_ref().map(|turn| turn.machine.turn());
        let actions = self.turn.as_mut().map(|turn| turn.machine.handle(signal)).unwrap_or_default();
        let (mut events, rest) = super::perform::split_events(actions);
        if self.session.title != title {
            events.push(self.changed(events.len()));
        }
        let op = AcceptedOp::new(op_id, &body, turn);
        if let Err(error) = self.append(events, Some(op), Durability::Disk).await {
            self.tear(&error);
            // Words that nobody will find name nothing.
            self.session.title = title;
            // What nobody will find decided must not be allowed.
            if let Lasting::Kept(rule) = lasting {
                self.parts.rules.forget(rule).await;
            }
            return Err(storage(error));
        }
        if let Lasting::InSession { tool, accesses } = lasting {
            self.grants.add(&tool, &accesses);
        }
        Ok((OpAccepted { turn, head: self.session.head }, Some(rest)))
    }

    async fn start(
        &mut self,
        op_id: OpId,
        text: String,
        attachments: &[AttachmentId],
        over: &Settings,
    ) -> Result<Signal, ApiError> {
        check_text(&text)?;
        if text.trim().is_empty() && attachments.is_empty() {
            return Err(
                ApiError::new(ErrorCode::BadRequest, "the prompt is empty").hint("write what you want")
            );
        }
        self.check_idle()?;
        let files = Arc::clone(&self.parts.attachments);
        let attachments = attached(files, self.session.id, attachments).await?;
        let turn = self.open_turn(over).await?;
        check_vision(&turn.choice, &attachments)?;
        if self.session.title.is_none() {
            let first = attachments.first().map(|file| file.name.as_str()).unwrap_or_default();
            self.session.title = Some(title(if text.trim().is_empty() { first } else { &text }));
        }
        self.turn = Some(turn);
        Ok(Signal::Start { op_id, text, attachments })
    }

    async fn compact(&mut self, op_id: OpId, keep: Option<String>) -> Result<Signal, ApiError> {
        let keep = keep.unwrap_or_default();
        if keep.len() > MAX_KEEP {
            let message =
                format!("what the summary is to keep has {} bytes; {MAX_KEEP} is the limit", keep.len());
            return Err(ApiError::new(ErrorCode::TooLarge, message).hint("say it in some words"));
        }
        self.check_idle()?;
        self.turn = Some(self.open_turn(&Settings::default()).await?);
        Ok(Signal::Compact { op_id, keep })
    }

    fn check_idle(&self) -> Result<(), ApiError> {
        if self.turn.is_none() {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::Conflict, "a turn is running in this session")
            .hint("wait for it, steer it, or interrupt it"))
    }

    /// Chooses the model of a turn and makes its machine.
    async fn open_turn(&mut self, over: &Settings) -> Result<OpenTurn, ApiError> {
        let mut settings = self.parts.models.defaults().overlaid(&self.session.settings).overlaid(over);
        let meter = TurnMeter::default();
        let choice = self.parts.models.resolve(settings.model.as_deref(), &meter).await?;
        settings.model = Some(choice.id.clone());
        let clock = Arc::clone(&self.parts.clock);
        let machine = Machine::new(clock.turn_id(), choice.id.clone(), settings, clock);
        let span = trace::turn(self.session.id, machine.turn());
        Ok(OpenTurn {
            machine,
            choice,
            meter,
            failed: Vec::new(),
            ceiling: None,
            span,
            stream: None,
            tool: None,
            timers: Vec::new(),
        })
    }

    fn running(&self, otherwise: &str) -> Result<(), ApiError> {
        if self.turn.is_some() { Ok(()) } else { Err(ApiError::new(ErrorCode::Conflict, otherwise)) }
    }

    async fn check_decision(
        &mut self,
        id: jamey_protocol::ApprovalId,
        decision: &Decision,
    ) -> Result<Lasting, ApiError> {
        let waiting = self.turn.as_ref().and_then(|turn| turn.machine.approval());
        let Some(approval) = waiting.filter(|approval| approval.id == id) else {
            return Err(ApiError::new(ErrorCode::Conflict, "this question is closed or was never asked")
                .hint("another face may have answered it"));
        };
        let choice = decision.choice();
        // No is an answer to every question.
        if choice != Choice::Deny && !approval.choices.contains(&choice) {
            return Err(ApiError::new(ErrorCode::BadRequest, "this answer is not offered for this question")
                .hint("answer with one of its choices"));
        }
        let (item_id, accesses) = (approval.item_id, approval.accesses.clone());
        let item = self.items.iter().rev().find(|item| item.id == item_id);
        let Some(jamey_protocol::ItemBody::ToolCall { call }) = item.map(|item| &item.body) else {
            return Ok(Lasting::Nothing);
        };
        let tool = call.tool.clone();
        match choice {
            Choice::AllowForSession => Ok(Lasting::InSession { tool, accesses }),
            Choice::AllowAlways => {
                let rule = Rule { tool, folder: self.session.cwd.clone(), accesses };
                // Before the decision is journaled, so that the question stays open where it cannot be kept.
                let is_new = self.parts.rules.keep(rule.clone()).await?;
                Ok(if is_new { Lasting::Kept(rule) } else { Lasting::Nothing })
            }
            Choice::AllowOnce | Choice::Deny => Ok(Lasting::Nothing),
        }
    }

    pub(super) async fn update(&mut self, patch: PatchSession) -> Result<Session, ApiError> {
        if self.is_torn {
            self.mend().await?;
        }
        self.change(patch, None).await?;
        Ok(self.session.clone())
    }

    /// Tells the session as it is, in the event that stands after so many others of one entry.
    fn changed(&self, before: usize) -> EventBody {
        let mut session = self.session.clone();
        session.head += before as u64 + 1;
        session.status = self.status();
        session.updated_at = self.parts.clock.change();
        EventBody::SessionUpdated { session }
    }

    async fn change(&mut self, patch: PatchSession, op: Option<AcceptedOp>) -> Result<(), ApiError> {
        let before = self.session.clone();
        if let Some(name) = patch.name {
            self.session.name = Some(name).filter(|name| !name.is_empty());
        }
        let mode = patch.settings.as_ref().and_then(|settings| settings.mode);
        if let Some(settings) = patch.settings {
            self.session.settings = self.session.settings.overlaid(&settings);
        }
        let changed = self.changed(0);
        if let Err(error) = self.append(vec![changed], op, Durability::Disk).await {
            self.session = before;
            return Err(storage(error));
        }
        if let (Some(mode), Some(turn)) = (mode, &mut self.turn) {
            turn.choose(mode, &self.parts.gate);
        }
        Ok(())
    }
}

/// Finds the files that an op names.
async fn attached(
    files: Arc<dyn Attachments>,
    session: SessionId,
    ids: &[AttachmentId],
) -> Result<Vec<Attachment>, ApiError> {
    if ids.len() > MAX_ATTACHMENTS {
        let message = format!("{} files are given along; {MAX_ATTACHMENTS} is the limit", ids.len());
        return Err(ApiError::new(ErrorCode::BadRequest, message)
            .hint("give fewer, or name their folder and let the model read them"));
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(files.find(session, *id).await?);
    }
    Ok(found)
}

/// Refuses images for a model that is known not to see them, before anything is sent.
fn check_vision(choice: &ModelChoice, attachments: &[Attachment]) -> Result<(), ApiError> {
    let image = attachments.iter().find(|file| is_image(file));
    match image {
        Some(image) if choice.vision == Some(false) => {
            let message = format!("{} cannot look at images such as {}", choice.id, image.name);
            Err(ApiError::new(ErrorCode::BadRequest, message).hint(
                "choose a model with vision (`jamey models` shows which have it), or leave the image out",
            ))
        }
        _ => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), ApiError> {
    if text.len() > MAX_TEXT {
        let megabytes = text.len() / (1024 * 1024);
        return Err(ApiError::new(
            ErrorCode::TooLarge,
            format!("the prompt has {megabytes} MiB; 8 MiB is the limit"),
        )
        .hint("save it as a file and ask about the file"));
    }
    Ok(())
}

/// The first line that says something, short enough for a list.
fn title(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let plain: String = line.chars().filter(|letter| !letter.is_control()).collect();
    let mut short: String = plain.chars().take(80).collect();
    if short.len() < plain.len() {
        short.push('…');
    }
    short
}

pub(super) fn storage(error: JournalError) -> ApiError {
    let mut api = ApiError::new(ErrorCode::Storage, error.message).retryable();
    api.hint = error.hint;
    api
}

//! Doing what the machine decided, in its order.

use std::sync::Arc;

use jamey_protocol::{
    Access, ApiError, CallId, Delta, ErrorCode, Event, EventBody, Item, ItemBody, Outcome, SessionStatus,
    TurnId, Usage,
};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Frame,
    actor::{Actor, FLUSH_AFTER, FLUSH_BYTES},
    fold, fold_into,
    ops::storage,
    recover,
    tool_run::ToolRun,
    trace,
};
use crate::{
    context::is_stand_in,
    policy::{self, Ground, Guarded, Judgement, Rule},
    ports::{
        AcceptedOp, Count, Durability, Entry, ErrorKind, JournalError, OpenText, ProposedCall, Spent,
        ToolContext,
    },
    turn::{Action, Signal, Verdict},
};

impl Actor {
    /// Feeds the machine and performs what it says, and what follows from that at once.
    pub(super) async fn signal(&mut self, signal: Signal) {
        let told = self.learn(&signal).map(Action::Emit);
        let Some(turn) = &mut self.turn else { return };
        let is_its_own = is_the_models_own(&signal);
        let was_summarising = turn.machine.is_summarising();
        let actions = turn.machine.handle(signal);
        if was_summarising && is_its_own && !turn.machine.is_summarising() {
            self.gauge.summed_up(actions.iter().any(is_summary));
        }
        self.perform(told.into_iter().chain(actions).collect()).await;
    }

    pub(super) async fn perform(&mut self, actions: Vec<Action>) {
        let mut actions = std::collections::VecDeque::from(actions);
        let mut events = Vec::new();
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Emit(body @ EventBody::ItemDelta { .. }) => {
                    if self.commit(&mut events, Durability::Process).await.is_err() {
                        return;
                    }
                    self.show_delta(body);
                }
                Action::Emit(body) => events.push(body),
                Action::RunTool { call_id, tool, arguments } => {
                    if self.commit(&mut events, Durability::Disk).await.is_err() {
                        return;
                    }
                    self.run_tool(call_id, &tool, arguments);
                    events.extend(self.held_call(&tool));
                }
                Action::CallModel(fit) => {
                    if self.commit(&mut events, Durability::Process).await.is_err() {
                        return;
                    }
                    let unfit = self.call_model(fit).await;
                    events.extend(self.caution().into_iter().chain(self.held_request()));
                    if let (Some(signal), Some(turn)) = (unfit, &mut self.turn) {
                        actions.extend(turn.machine.handle(signal));
                    }
                }
                Action::Summarise(wish) => {
                    if self.commit(&mut events, Durability::Process).await.is_err() {
                        return;
                    }
                    let signal = self.summarise(&wish).await;
                    events.extend(self.caution().into_iter().chain(self.held_request()));
                    if let Some(turn) = &mut self.turn {
                        actions.extend(turn.machine.handle(signal));
                    }
                }
                Action::Spent(used, count) => self.note_spent(used, count),
                Action::ChooseModel => {
                    let chosen = self.choose_model().await;
                    if let Some(turn) = &mut self.turn {
                        actions.extend(turn.machine.handle(Signal::Chosen(chosen)));
                    }
                }
                Action::Judge(call) => {
                    let signal = Signal::Judged { call_id: call.call_id, verdict: self.judge(&call).await };
                    if let Some(turn) = &mut self.turn {
                        actions.extend(turn.machine.handle(signal));
                    }
                }
                Action::StopModel => {
                    if let Some(turn) = &mut self.turn {
                        turn.stream = None;
                    }
                }
                Action::CancelTool(_) => {
                    if let Some(tool) = self.turn.as_ref().and_then(|turn| turn.tool.as_ref()) {
                        tool.cancel.cancel();
                    }
                }
                Action::SetTimer(timer, after) => {
                    if let Some(turn) = &mut self.turn {
                        turn.set_timer(timer, after);
                    }
                }
                Action::Finish => {
                    if self.commit(&mut events, Durability::Process).await.is_ok() {
                        self.end_turn();
                    }
                    return;
                }
            }
        }
        // An error has torn the session down already.
        let _ = self.commit(&mut events, Durability::Process).await;
    }

    async fn commit(&mut self, events: &mut Vec<EventBody>, durability: Durability) -> Result<(), ()> {
        if events.is_empty() && self.spent.is_none() && durability == Durability::Process {
            return Ok(());
        }
        let result = self.append(std::mem::take(events), None, durability).await;
        result.map_err(|error| self.tear(&error))
    }

    /// Journal first, then everybody.
    pub(super) async fn append(
        &mut self,
        bodies: Vec<EventBody>,
        op: Option<AcceptedOp>,
        durability: Durability,
    ) -> Result<(), JournalError> {
        for body in &bodies {
            match body {
                EventBody::ItemCompleted { item } => {
                    self.unkept.retain(|open| open.item_id != item.id);
                }
                EventBody::TurnEnded { outcome } => {
                    if let Some(turn) = &self.turn {
                        trace::ended(&turn.span, outcome);
                    }
                }
                _ => {}
            }
        }
        let turn = self.turn.as_ref().map(|turn| turn.machine.turn());
        self.append_for(turn, bodies, op, durability).await
    }

    /// What the session does now.
    pub(super) fn status(&self) -> SessionStatus {
        self.turn.as_ref().map_or(SessionStatus::Idle, |turn| turn.machine.status())
    }

    async fn append_for(
        &mut self,
        turn: Option<TurnId>,
        bodies: Vec<EventBody>,
        op: Option<AcceptedOp>,
        durability: Durability,
    ) -> Result<(), JournalError> {
        let mut session = self.session.clone();
        session.status = self.status();
        session.updated_at = self.parts.clock.change();
        let at = self.parts.clock.now();
        // With the events that tell the call's end, or not at all.
        let spent = self.spent.take();
        let entry = Entry { session: session.clone(), turn, at, bodies, op, spent, durability };
        let events = self.parts.journal.append(entry).await?;
        session.head += events.len() as u64;
        self.session = session;
        for event in events {
            fold_into(&mut self.items, &event.body);
            self.show(event);
        }
        Ok(())
    }

    fn show(&self, event: Event) {
        if self.feed.receiver_count() > 0 {
            // Nobody listening is no error.
            let _ = self.feed.send(Arc::new(Frame::new(event)));
        }
    }

    fn show_delta(&mut self, body: EventBody) {
        if let EventBody::ItemDelta { item_id, delta: Delta::Text { text, .. } } = &body {
            match self.unkept.iter_mut().find(|open| open.item_id == *item_id) {
                Some(open) => open.text.push_str(text),
                None => self.unkept.push(OpenText { item_id: *item_id, text: text.clone() }),
            }
            let bytes: usize = self.unkept.iter().map(|open| open.text.len()).sum();
            let now = Instant::now();
            let due = if bytes >= FLUSH_BYTES { now } else { now + FLUSH_AFTER };
            self.keep_at = Some(self.keep_at.map_or(due, |at| at.min(due)));
        }
        let event = self.passing(body);
        self.show(event);
    }

    pub(super) async fn keep_text(&mut self) {
        self.keep_at = None;
        let texts = std::mem::take(&mut self.unkept);
        if texts.is_empty() {
            return;
        }
        if let Err(error) = self.parts.journal.keep_text(self.session.id, texts).await {
            self.tear(&error);
        }
    }

    async fn judge(&mut self, call: &ProposedCall) -> Verdict {
        let Some(tool) = self.parts.tools.get(&call.tool) else {
            let names = self.parts.tools.describe().into_iter().map(|tool| tool.name).collect::<Vec<_>>();
            return Verdict::Invalid(format!(
                "there is no tool {:?}; there are {}",
                call.tool,
                names.join(", ")
            ));
        };
        let Some(turn) = &self.turn else {
            return Verdict::Invalid("the turn has ended".into());
        };
        let mode = turn.mode();
        if turn.machine.settings().tools == Some(false) {
            return Verdict::Invalid("tools are switched off for this turn".into());
        }
        let arguments = call.arguments.as_ref().unwrap_or(&Value::Null);
        let accesses = match tool.access(arguments, &self.session.cwd) {
            Ok(accesses) => accesses,
            Err(error) => return Verdict::Invalid(error.output.text),
        };
        let own = self.parts.spill_dir.join(self.session.id.to_string());
        let (cwd, guarded) = (&self.session.cwd, Guarded { folders: &self.parts.guarded, own: &own });
        let ground = Ground { mode, cwd, guarded, grants: &self.grants };
        let question = match policy::judge(ground, &call.tool, &accesses) {
            Judgement::Allow => return Verdict::Allow(accesses),
            Judgement::Deny(reason) => return Verdict::Deny { accesses, reason },
            Judgement::Ask(question) => question,
        };
        let rule = Rule { tool: call.tool.clone(), folder: cwd.clone(), accesses };
        if rule.may_last() && self.parts.rules.allows(&rule).await {
            return Verdict::Allow(rule.accesses);
        }
        Verdict::Ask { choices: rule.choices(guarded), question, accesses: rule.accesses }
    }

    fn run_tool(&mut self, call_id: CallId, name: &str, arguments: Value) {
        let (Some(tool), Some(turn)) = (self.parts.tools.get(name).cloned(), self.turn.as_mut()) else {
            return;
        };
        let cwd = self.session.cwd.clone();
        let spill_dir = self.parts.spill_dir.join(self.session.id.to_string());
        let read_files = self.read_files.clone();
        let accesses = declared(&self.items, call_id);
        let span = trace::tool(&turn.span, name, call_id);
        let gate = self.parts.gate.clone();
        turn.tool = Some(ToolRun::start(tool, arguments, gate, span, |progress| ToolContext {
            call_id,
            cwd,
            accesses,
            cancel: CancellationToken::new(),
            progress,
            spill_dir,
            read_files,
        }));
    }

    fn note_spent(&mut self, used: Usage, count: Count) {
        let Some(turn) = &self.turn else { return };
        let cost_micros = turn.choice.price.map(|price| price.micros(&used));
        self.spent = Some(Spent { model: turn.choice.id.clone(), used, count, cost_micros });
    }

    /// Goes on with another model where this one failed.
    async fn choose_model(&mut self) -> Option<String> {
        let turn = self.turn.as_mut()?;
        turn.failed.push(turn.choice.id.clone());
        let Some(other) = self.parts.models.another(&turn.failed, &turn.meter).await else {
            // It may be asked once more, and is then no news.
            turn.failed.pop();
            return None;
        };
        turn.choice = other;
        Some(turn.choice.id.clone())
    }

    fn end_turn(&mut self) {
        if let Some(turn) = self.turn.take() {
            let stray = turn.machine.stray_signals();
            if stray > 0 {
                tracing::debug!(parent: &turn.span, stray, "signals came that did not fit");
            }
        }
        self.unkept.clear();
        self.keep_at = None;
        self.given.forget();
        self.spent = None;
    }

    /// The journal refused: stop at once, tell who listens, and remember that memory and store
    /// differ. Nothing that was acknowledged is lost, since it is in the journal.
    pub(super) fn tear(&mut self, error: &JournalError) {
        tracing::error!(session = %self.session.id, error = %error.message, "The store refused events.");
        let error = storage(error.clone());
        let event = self.passing(EventBody::TurnEnded { outcome: Outcome::Failed { error } });
        self.show(event);
        self.end_turn();
        self.session.status = SessionStatus::Idle;
        self.is_torn = true;
    }

    /// Makes memory and store one again, as after a crash.
    pub(super) async fn mend(&mut self) -> Result<(), ApiError> {
        let events = self.parts.journal.read(self.session.id, 0).await.map_err(storage)?;
        let Some(last) = events.last() else {
            return Err(ApiError::new(ErrorCode::Storage, "the session has no events in the store"));
        };
        self.session.head = last.seq.unwrap_or_default();
        self.items = fold(&events);
        let missing = recover(&events, &[]);
        if !missing.is_empty() {
            let turn = events.iter().rev().find_map(|event| event.turn);
            self.append_for(turn, missing, None, Durability::Disk).await.map_err(storage)?;
        }
        self.is_torn = false;
        Ok(())
    }
}

/// Whether it is what the model made of a call, rather than what happened on the way to it.
fn is_the_models_own(signal: &Signal) -> bool {
    match signal {
        Signal::Chunk(_) => true,
        Signal::ModelFailed(error) => matches!(error.kind, ErrorKind::Empty | ErrorKind::ContentFilter),
        _ => false,
    }
}

/// Whether it is the model's.
fn is_summary(action: &Action) -> bool {
    let Action::Emit(EventBody::ItemCompleted { item }) = action else { return false };
    matches!(&item.body, ItemBody::Summary { text, .. } if !is_stand_in(text))
}

/// What the call's item, journaled a moment ago, says that it touches.
fn declared(items: &[Item], call_id: CallId) -> Vec<Access> {
    let of_call = |item: &Item| match &item.body {
        ItemBody::ToolCall { call } if call.call_id == call_id => Some(call.accesses.clone()),
        _ => None,
    };
    items.iter().rev().find_map(of_call).unwrap_or_default()
}

/// Parts the durable events at the front from all that must come after the answer.
pub(super) fn split_events(actions: Vec<Action>) -> (Vec<EventBody>, Vec<Action>) {
    let mut events = Vec::new();
    let mut actions = actions.into_iter().peekable();
    while let Some(Action::Emit(body)) = actions.next_if(
        |action| matches!(action, Action::Emit(body) if !matches!(body, EventBody::ItemDelta { .. })),
    ) {
        events.push(body);
    }
    (events, actions.collect())
}

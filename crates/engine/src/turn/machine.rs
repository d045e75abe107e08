//! The machine's state and where each signal goes.

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use jamey_protocol::{
    Approval, Attachment, CallId, EventBody, Item, ItemBody, OpId, Outcome, SessionStatus, Settings, TurnId,
    Usage,
};

use super::{
    Action, Signal, Timer,
    compaction::{Compacted, Compaction},
};
use crate::ports::{Chunk, Clock, Count, ProposedCall, ProviderError};

/// Most model calls of a turn if its settings name no other number.
pub const MAX_TURNS: u32 = 100;

/// One turn.
pub struct Machine {
    pub(super) turn: TurnId,
    /// `provider/model`, written on what it says.
    pub(super) model: String,
    pub(super) settings: Settings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) phase: Phase,
    /// Number of the present request to the model, from 1. Each try has its own: a vendor refuses the thoughts of one
    /// that failed beside those of the answer.
    pub(super) step: u32,
    /// Model calls so far, which are bounded; all tries of one, and a summary before it, count once.
    calls: u32,
    /// How often the present model call failed.
    pub(super) failures: u32,
    /// The text and the reasoning that the model is writing.
    pub(super) text: Option<Growing>,
    pub(super) reasoning: Option<Growing>,
    /// The model has said something in this step that the person saw.
    pub(super) has_spoken: bool,
    /// Calls of this step that wait for their turn.
    pub(super) queue: VecDeque<ProposedCall>,
    /// A summary is being made; while it is, the model's words are its.
    pub(super) compaction: Option<Compaction>,
    pub(super) compacted: Compacted,
    /// Nothing is summed up any more before an overflow asks for it.
    pub(super) is_sent_whole: bool,
    /// The person said something that the model has not seen.
    pub(super) has_unheard: bool,
    pub(super) usage: Usage,
    pub(super) step_usage: (Usage, Count),
    pub(super) timers: u32,
    /// Signals that did not fit the state: late or impossible ones.
    pub(super) stray: u64,
}

/// What the turn is waiting for.
#[derive(Debug)]
pub(super) enum Phase {
    /// Its start.
    New,
    /// The model.
    Calling,
    /// The time to ask the model again.
    Backoff(u32),
    /// Another model, after this failure.
    Choosing(ProviderError),
    /// Policy.
    Judging(ProposedCall),
    /// A person.
    Asking { item: Item, approval: Approval },
    /// A tool.
    Running { item: Item, call_id: CallId, printed: u64 },
    /// A tool that was told to end, and then the end of the turn.
    Cancelling { item: Item, call_id: CallId, timer: u32, outcome: Outcome },
    /// Nothing: it is over.
    Done,
}

/// An item that the model is writing.
#[derive(Debug)]
pub(super) struct Growing {
    pub(super) item: Item,
    pub(super) text: String,
    pub(super) opaque: Option<String>,
}

impl Machine {
    /// Makes the machine of one turn; `Signal::Start` sets it going.
    #[must_use]
    pub fn new(turn: TurnId, model: String, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        Self {
            turn,
            model,
            settings,
            clock,
            phase: Phase::New,
            step: 0,
            calls: 0,
            failures: 0,
            text: None,
            reasoning: None,
            has_spoken: false,
            queue: VecDeque::new(),
            compaction: None,
            compacted: Compacted::No,
            is_sent_whole: false,
            has_unheard: false,
            usage: Usage::default(),
            step_usage: (Usage::default(), Count::Told),
            timers: 0,
            stray: 0,
        }
    }

    /// Takes one signal and says what to do.
    pub fn handle(&mut self, signal: Signal) -> Vec<Action> {
        let mut out = Vec::new();
        if matches!(self.phase, Phase::Done) {
            self.stray(&signal);
            return out;
        }
        match signal {
            Signal::Start { op_id, text, attachments } => {
                if !matches!(self.phase, Phase::New) {
                    self.stray += 1;
                    return out;
                }
                out.push(self.started(op_id));
                out.push(self.said(text, attachments));
                self.set_wall(&mut out);
                self.call_model(&mut out);
            }
            Signal::Compact { op_id, keep } => {
                if !matches!(self.phase, Phase::New) {
                    self.stray += 1;
                    return out;
                }
                self.compact(op_id, keep, &mut out);
            }
            Signal::TooLong => self.too_long(&mut out),
            Signal::Summarising { replaces, below, stand_in } => self.summarising(replaces, below, stand_in),
            Signal::NothingToSummarise(error) => self.nothing_to_summarise(&error, &mut out),
            Signal::Chunk(chunk) => self.chunk(chunk, &mut out),
            Signal::ModelFailed(error) => self.model_failed(&error, &mut out),
            Signal::Chosen(model) => self.chosen(model, &mut out),
            Signal::Judged { call_id, verdict } => self.judged(call_id, verdict, &mut out),
            Signal::Decided { approval_id, decision } => self.decided(approval_id, decision, &mut out),
            Signal::ToolPrinted { call_id, text } => self.tool_printed(call_id, text, &mut out),
            Signal::ToolFinished { call_id, result } => self.tool_finished(call_id, result, &mut out),
            Signal::Steer { text, attachments } => {
                out.push(self.said(text, attachments));
                self.has_unheard = true;
            }
            Signal::Interrupt { reason } => self.stop(Outcome::Interrupted { reason }, &mut out),
            Signal::Rang(timer) => self.rang(timer, &mut out),
        }
        out
    }

    /// What lists show of the session while this turn lasts.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        match self.phase {
            Phase::Done => SessionStatus::Idle,
            Phase::Asking { .. } => SessionStatus::Waiting,
            Phase::New
            | Phase::Calling
            | Phase::Backoff(_)
            | Phase::Choosing(_)
            | Phase::Judging(_)
            | Phase::Running { .. }
            | Phase::Cancelling { .. } => SessionStatus::Running,
        }
    }

    /// The question that waits for a person.
    #[must_use]
    pub fn approval(&self) -> Option<&Approval> {
        match &self.phase {
            Phase::Asking { approval, .. } => Some(approval),
            _ => None,
        }
    }

    /// The settings that hold for the whole turn.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the model is making a summary rather than its answer.
    #[must_use]
    pub fn is_summarising(&self) -> bool {
        self.compaction.is_some()
    }

    /// The turn's id.
    #[must_use]
    pub fn turn(&self) -> TurnId {
        self.turn
    }

    /// How many signals did not fit. A late chunk after an interrupt is normal; a growing number is
    /// a fault.
    #[must_use]
    pub fn stray_signals(&self) -> u64 {
        self.stray
    }

    /// What is open now, for a client that attaches in the middle: item and text so far.
    pub fn open_texts(&self) -> impl Iterator<Item = (&Item, &str)> {
        [&self.reasoning, &self.text].into_iter().flatten().map(|open| (&open.item, open.text.as_str()))
    }

    pub(super) fn started(&self, op_id: OpId) -> Action {
        Action::Emit(EventBody::TurnStarted { op_id, settings: self.settings.clone() })
    }

    pub(super) fn set_wall(&self, out: &mut Vec<Action>) {
        if let Some(seconds) = self.settings.max_seconds {
            out.push(Action::SetTimer(Timer::Wall, Duration::from_secs(seconds)));
        }
    }

    pub(super) fn call_model(&mut self, out: &mut Vec<Action>) {
        let most = self.settings.max_turns.unwrap_or(MAX_TURNS);
        if self.calls >= most {
            let error = super::failure::too_many_steps(most);
            return self.finish(Outcome::Failed { error }, out);
        }
        self.calls += 1;
        self.failures = 0;
        self.compacted = Compacted::No;
        self.ask_model(out);
    }

    pub(super) fn ask_model(&mut self, out: &mut Vec<Action>) {
        self.step += 1;
        self.has_spoken = false;
        self.step_usage = (Usage::default(), Count::Told);
        self.phase = Phase::Calling;
        out.push(match self.summary_wish() {
            Some(wish) => Action::Summarise(wish),
            None => {
                // Whatever was said until now goes along.
                self.has_unheard = false;
                Action::CallModel(self.fit())
            }
        });
    }

    pub(super) fn item(&self, body: ItemBody) -> Item {
        Item { id: self.clock.item_id(), turn: self.turn, step: self.step, at: self.clock.now(), body }
    }

    /// A message of the person is whole at once, so it comes as completed alone.
    fn said(&self, text: String, attachments: Vec<Attachment>) -> Action {
        let item = Item { step: 0, ..self.item(ItemBody::UserMessage { text, attachments }) };
        Action::Emit(EventBody::ItemCompleted { item })
    }

    pub(super) fn finish(&mut self, outcome: Outcome, out: &mut Vec<Action>) {
        self.phase = Phase::Done;
        out.push(Action::Emit(EventBody::TurnEnded { outcome }));
        out.push(Action::Finish);
    }

    pub(super) fn next_timer(&mut self) -> u32 {
        self.timers += 1;
        self.timers
    }

    /// The one place for a signal that does not fit: it is counted and told, never obeyed.
    pub(super) fn stray(&mut self, signal: &dyn fmt::Debug) {
        self.stray += 1;
        tracing::trace!(turn = %self.turn, phase = ?self.phase, ?signal, "A signal came that does not fit.");
    }

    fn chunk(&mut self, chunk: Chunk, out: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Calling) {
            return self.stray(&"chunk");
        }
        if self.grow_summary(&chunk, out) {
            return;
        }
        match chunk {
            Chunk::Text(text) => self.grow_text(&text, out),
            Chunk::Reasoning { text, opaque } => self.grow_reasoning(&text, opaque, out),
            Chunk::Call(call) => self.queue.push_back(call),
            Chunk::Usage(usage) => self.step_usage = (usage, Count::Told),
            Chunk::Estimate(usage) => self.step_usage = (usage, Count::Estimated),
            Chunk::End(reason) => self.answered(reason, out),
        }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("turn", &self.turn)
            .field("step", &self.step)
            .field("phase", &self.phase)
            .finish()
    }
}

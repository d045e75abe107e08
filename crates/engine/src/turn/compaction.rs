//! When what would be sent no longer fits: the older part is summed up by the same model, and the turn goes on.
//!
//! A summary is one model call whose words nobody sees grow. It becomes an item when it is whole, or it is as if it
//! had never been asked for: one that is empty, cut off, withheld or endless takes the place of nothing. Each model
//! call has at most one that was foreseen and one that an overflow asked for. Where a model gives none for an overflow,
//! a trimmed record that the program wrote takes its place.

use std::time::Duration;

use jamey_protocol::{ApiError, ErrorCode, EventBody, Item, ItemBody, Level, OpId, Outcome};

use super::{
    Action, Fit, Timer,
    answer::{Answered, warn},
    failure::{api_error, sentence},
    machine::{Machine, Phase},
};
use crate::{
    context::Wish,
    ports::{Chunk, Count, ErrorKind, ProviderError, StopReason},
};

/// How often what a summary is made from is halved, since it did not fit either.
const MAX_HALVINGS: u32 = 4;
/// A model whose summary is longer goes on for ever; it is a page or two. Bytes.
const LONGEST: usize = 32 * 1024;
/// The same for its thoughts in front of it.
const LONGEST_THOUGHTS: usize = 8 * LONGEST;
/// The same for its time from its first piece on: a page or two of a slow machine's model, thoughts included.
const LONGEST_TIME: Duration = Duration::from_secs(15 * 60);

/// A summary that is being made.
#[derive(Debug)]
pub(super) struct Compaction {
    why: Why,
    halvings: u32,
    /// One was made just before and was not enough.
    is_tight: bool,
    /// One came back cut or without a word.
    is_roomy: bool,
    /// What it stands for, once that is planned.
    replaces: u64,
    below: String,
    stand_in: Option<String>,
    /// Ends one that goes on for ever; set by its first piece.
    timer: Option<u32>,
    text: String,
    /// Bytes of thoughts so far.
    thoughts: usize,
}

#[derive(Debug)]
enum Why {
    /// The next request would not fit.
    Ahead,
    /// It did not fit.
    Overflow(ProviderError),
    /// A person asked for it.
    Asked(String),
}

/// What has been tried for the present model call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Compacted {
    /// Nothing.
    #[default]
    No,
    /// A summary was made before anything was sent.
    Ahead,
    /// The request overflowed.
    Overflow,
}

impl Machine {
    /// Begins the turn that a person asked a summary by.
    pub(super) fn compact(&mut self, op_id: OpId, keep: String, out: &mut Vec<Action>) {
        out.push(self.started(op_id));
        self.set_wall(out);
        self.begin_compaction(Why::Asked(keep), out);
    }

    /// What the next call may do if its request does not fit.
    pub(super) fn fit(&self) -> Fit {
        if self.compacted == Compacted::No && !self.is_sent_whole { Fit::Checked } else { Fit::AsItIs }
    }

    /// The next request would not fit, and a summary would help.
    pub(super) fn too_long(&mut self, out: &mut Vec<Action>) {
        // Said instead of a call: once the model speaks, it was sent.
        let speaks = self.open_texts().next().is_some();
        let is_asked = matches!(self.phase, Phase::Calling) && self.fit() == Fit::Checked;
        if !is_asked || self.compaction.is_some() || speaks {
            return self.stray(&"too long");
        }
        let text = format!(
            "The conversation nearly fills what {} can take; its older part is summed up.",
            self.model
        );
        out.push(Action::Emit(EventBody::Notice { level: Level::Info, text }));
        self.begin_compaction(Why::Ahead, out);
        self.compacted = Compacted::Ahead;
    }

    /// What a summary is made of is known.
    pub(super) fn summarising(&mut self, replaces: u64, below: String, stand_in: Option<String>) {
        match &mut self.compaction {
            Some(it) if matches!(self.phase, Phase::Calling) => {
                (it.replaces, it.below, it.stand_in) = (replaces, below, stand_in);
            }
            _ => self.stray(&"summarising"),
        }
    }

    /// There is nothing that a summary could stand for. `error` ends a turn that needed one.
    pub(super) fn nothing_to_summarise(&mut self, error: &ProviderError, out: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Calling) {
            return self.stray(error);
        }
        let Some(compaction) = self.compaction.take() else { return self.stray(error) };
        match compaction.why {
            Why::Ahead => self.go_on_whole(out),
            Why::Overflow(_) => self.finish(Outcome::Failed { error: api_error(error, 1) }, out),
            Why::Asked(_) => {
                let text = "There is nothing to sum up yet.".to_owned();
                out.push(Action::Emit(EventBody::Notice { level: Level::Info, text }));
                self.end_asked(out);
            }
        }
    }

    /// Takes one piece of a summary; tells whether there is one that it can belong to.
    pub(super) fn grow_summary(&mut self, chunk: &Chunk, out: &mut Vec<Action>) -> bool {
        let Some(compaction) = &mut self.compaction else { return false };
        if compaction.timer.is_none() && matches!(chunk, Chunk::Text(_) | Chunk::Reasoning { .. }) {
            self.timers += 1;
            compaction.timer = Some(self.timers);
            out.push(Action::SetTimer(Timer::Summary(self.timers), LONGEST_TIME));
        }
        match chunk {
            Chunk::Text(text) => compaction.text.push_str(text),
            Chunk::Reasoning { text, .. } => compaction.thoughts += text.len(),
            Chunk::Usage(usage) => self.step_usage = (*usage, Count::Told),
            Chunk::Estimate(usage) => self.step_usage = (*usage, Count::Estimated),
            Chunk::End(reason) => self.summarised(*reason, out),
            Chunk::Call(_) => {}
        }
        self.stop_endless(out);
        true
    }

    /// Stops a model that does not come to an end.
    fn stop_endless(&mut self, out: &mut Vec<Action>) {
        let is_endless = |it: &Compaction| it.text.len() > LONGEST || it.thoughts > LONGEST_THOUGHTS;
        if self.compaction.as_ref().is_some_and(is_endless) {
            self.stop_summary(&unusable("the model's summary had no end"), out);
        }
    }

    /// A summary has had its time; one that became whole or was given up before that is none the less.
    pub(super) fn summary_takes_too_long(&mut self, rang: u32, out: &mut Vec<Action>) {
        let is_its = self.compaction.as_ref().is_some_and(|it| it.timer == Some(rang));
        if is_its && matches!(self.phase, Phase::Calling) {
            let minutes = LONGEST_TIME.as_secs() / 60;
            let why = format!("the model's summary was not whole after {minutes} minutes");
            self.stop_summary(&unusable(&why), out);
        }
    }

    fn stop_summary(&mut self, why: &ProviderError, out: &mut Vec<Action>) {
        out.push(Action::StopModel);
        self.spend(Answered::No, out);
        self.summary_failed(why, out);
    }

    fn summarised(&mut self, reason: StopReason, out: &mut Vec<Action>) {
        let text = self.compaction.as_mut().map(|it| std::mem::take(&mut it.text)).unwrap_or_default();
        let text = text.trim();
        let error = match reason {
            StopReason::Done if !text.is_empty() => return self.accept_summary(text, out),
            StopReason::Done => unusable("the model gave no summary"),
            StopReason::Length => unusable("the model reached its output limit before its summary was whole"),
            StopReason::Refused => {
                ProviderError::new(ErrorKind::ContentFilter, "the model's provider withheld the summary")
                    .hint("choose another model with -m; nothing was changed")
            }
        };
        self.spend(Answered::Yes, out);
        // Words that went on to the limit go on to any limit; thoughts may have left no room for them.
        let thought = self.compaction.as_ref().is_some_and(|it| it.thoughts > 0);
        let may_help = reason != StopReason::Refused && (text.is_empty() || thought);
        if !may_help || !self.ask_with_more_room(out) {
            self.summary_failed(&error, out);
        }
    }

    /// A summary that has no words, such as one whose room was used up by thoughts; tells whether it was one.
    pub(super) fn gave_no_summary(&mut self, error: &ProviderError, out: &mut Vec<Action>) -> bool {
        if !matches!(error.kind, ErrorKind::Empty | ErrorKind::NoRoom) || self.compaction.is_none() {
            return false;
        }
        if !self.ask_with_more_room(out) {
            self.summary_failed(error, out);
        }
        true
    }

    /// Asks for the summary once more, with more room for it; tells whether that was not done yet.
    fn ask_with_more_room(&mut self, out: &mut Vec<Action>) -> bool {
        let Some(compaction) = self.compaction.as_mut().filter(|it| !it.is_roomy) else { return false };
        compaction.is_roomy = true;
        self.ask_model(out);
        true
    }

    fn accept_summary(&mut self, text: &str, out: &mut Vec<Action>) {
        let Some(compaction) = self.compaction.take() else { return };
        out.push(Action::Emit(EventBody::ItemCompleted { item: self.summary(&compaction, text) }));
        self.spend(Answered::Yes, out);
        self.go_on_after(&compaction, out);
    }

    /// What is older has been made shorter.
    fn go_on_after(&mut self, compaction: &Compaction, out: &mut Vec<Action>) {
        match compaction.why {
            Why::Asked(_) => self.end_asked(out),
            Why::Ahead | Why::Overflow(_) => {
                self.failures = 0;
                self.ask_model(out);
            }
        }
    }

    fn summary(&self, compaction: &Compaction, text: &str) -> Item {
        let mut text = text.to_owned();
        if !compaction.below.is_empty() {
            text.push_str("\n\n");
            text.push_str(&compaction.below);
        }
        self.item(ItemBody::Summary { text, replaces: compaction.replaces })
    }

    /// Makes room where a request did not fit; tells whether it does.
    pub(super) fn overflowed(&mut self, error: &ProviderError, out: &mut Vec<Action>) -> bool {
        if error.kind != ErrorKind::ContextOverflow {
            return false;
        }
        if let Some(compaction) = &mut self.compaction {
            compaction.halvings += 1;
            if compaction.halvings > MAX_HALVINGS {
                return false;
            }
            self.ask_model(out);
            return true;
        }
        if self.has_spoken || self.compacted == Compacted::Overflow {
            return false;
        }
        out.push(warn(format!("{}; its older part is summed up.", sentence(&error.message))));
        self.begin_compaction(Why::Overflow(error.clone()), out);
        self.compacted = Compacted::Overflow;
        true
    }

    /// The summary that was being made cannot be had.
    pub(super) fn summary_failed(&mut self, error: &ProviderError, out: &mut Vec<Action>) {
        if is_the_models_doing(error.kind) && self.stand_in(error, out) {
            return;
        }
        let tries = self.failures;
        let Some(compaction) = self.compaction.take() else { return };
        let is_limit = error.kind == ErrorKind::LimitReached;
        match compaction.why {
            Why::Ahead if !is_limit => {
                let why = sentence(&error.message);
                out.push(warn(format!(
                    "{why}; so nothing is summed up, and the conversation goes on as it is."
                )));
                self.go_on_whole(out);
            }
            Why::Overflow(first) if !is_limit => {
                let error = not_summed_up(&first, error, tries);
                self.finish(Outcome::Failed { error }, out);
            }
            Why::Ahead | Why::Overflow(_) | Why::Asked(_) => {
                self.finish(Outcome::Failed { error: api_error(error, tries) }, out);
            }
        }
    }

    /// Lets the trimmed record take the place of a summary that the model does not give; tells whether there is one.
    fn stand_in(&mut self, error: &ProviderError, out: &mut Vec<Action>) -> bool {
        let Some(text) = self.compaction.as_mut().and_then(|it| it.stand_in.take()) else { return false };
        let Some(compaction) = self.compaction.take() else { return false };
        let why = sentence(&error.message);
        out.push(warn(format!("{why}; a trimmed record that Jamey wrote itself stands for the older part.")));
        out.push(Action::Emit(EventBody::ItemCompleted { item: self.summary(&compaction, &text) }));
        self.go_on_after(&compaction, out);
        true
    }

    /// Another model goes on: what was tried with the one before says nothing of it.
    pub(super) fn compact_anew(&mut self) {
        self.compacted = Compacted::No;
        self.is_sent_whole = false;
        match &mut self.compaction {
            Some(Compaction { why: Why::Asked(_), halvings, is_roomy, .. }) => {
                (*halvings, *is_roomy) = (0, false);
            }
            _ => self.compaction = None,
        }
    }

    /// What to ask for, while a summary is being made. What was said of it before is forgotten.
    pub(super) fn summary_wish(&mut self) -> Option<Wish> {
        let compaction = self.compaction.as_mut()?;
        compaction.text.clear();
        (compaction.thoughts, compaction.timer) = (0, None);
        let asked = match &compaction.why {
            Why::Asked(keep) => Some(keep.clone()),
            Why::Ahead | Why::Overflow(_) => None,
        };
        let is_needed = matches!(compaction.why, Why::Overflow(_));
        let Compaction { halvings, is_tight, is_roomy, .. } = *compaction;
        Some(Wish { asked, halvings, is_tight, is_needed, is_roomy })
    }

    fn begin_compaction(&mut self, why: Why, out: &mut Vec<Action>) {
        self.failures = 0;
        let is_tight = self.compacted == Compacted::Ahead;
        self.compaction = Some(Compaction {
            why,
            halvings: 0,
            is_tight,
            is_roomy: false,
            replaces: 0,
            below: String::new(),
            stand_in: None,
            timer: None,
            text: String::new(),
            thoughts: 0,
        });
        self.ask_model(out);
    }

    /// Sends the conversation as it is, now and for the rest of the turn, until it does not fit.
    fn go_on_whole(&mut self, out: &mut Vec<Action>) {
        self.is_sent_whole = true;
        self.failures = 0;
        self.ask_model(out);
    }

    fn end_asked(&mut self, out: &mut Vec<Action>) {
        if self.has_unheard {
            return self.call_model(out);
        }
        self.finish(Outcome::Completed, out);
    }
}

/// Why what came is no summary. It stands for nothing, so nothing is lost.
fn unusable(why: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Empty, why)
        .hint("nothing was changed; ask again, or choose another model with -m")
}

/// Whether the model answered, and no summary came of it. Whatever else went wrong is told as what it is: a wrong key
/// is not got round.
fn is_the_models_doing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Empty | ErrorKind::ContentFilter)
}

/// Why a turn ends whose request did not fit (`first`) and could not be made to.
fn not_summed_up(first: &ProviderError, error: &ProviderError, tries: u32) -> ApiError {
    let mut api = api_error(error, tries);
    api.message = format!("{}, and it could not be summed up: {}", first.message, api.message);
    // A larger window helps where the request for the summary is at fault; elsewhere the failure's own hint does.
    if matches!(error.kind, ErrorKind::ContextOverflow | ErrorKind::BadRequest | ErrorKind::Malformed) {
        api.code = ErrorCode::ContextOverflow;
        api.retryable = false;
        api.hint = Some(
            "choose a model with a larger window with -m, or begin a new session; nothing is lost".into(),
        );
    }
    api
}

//! One answer as it grows: events in, chunks out, no I/O.
//!
//! Invariants: deltas of one kind that arrive together are one chunk; a call is given out only after
//! the server's own end mark; the end is given once, and only if there was something to end.

use std::collections::VecDeque;

use jamey_engine::ports::{Chunk, ErrorKind, ProviderError, StopReason};
use jamey_protocol::Usage;

use super::{Calls, Form, Peer, opaque::Place};

/// About so many bytes of text are one token; rather too few, so that more is counted than less.
pub const BYTES_PER_TOKEN: u64 = 3;

/// What ended the bytes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// The server said so.
    Marked,
    /// The body ended without a fault.
    Ended,
}

/// Reads the events of one dialect.
pub(crate) trait Reader: Send {
    /// Takes the data of one event, never empty, and puts what it says into the draft.
    fn take(&mut self, data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError>;
}

/// The state of one answer, in no vendor's words.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    ready: VecDeque<Chunk>,
    waiting: usize,
    /// Bytes of text so far.
    said: usize,
    /// Bytes of readable thoughts so far.
    thought: usize,
    /// What it calls.
    pub calls: Calls,
    /// What it cost, as far as the server has said.
    pub usage: Option<Usage>,
    /// Why it stopped, once the server has said that.
    pub stop: Option<StopReason>,
    /// The model declined, in words of its own.
    pub refused: bool,
    /// It stopped since its window was full.
    pub is_window_full: bool,
    form: Form,
    is_marked: bool,
    has_words: bool,
    has_thoughts: bool,
}

impl Draft {
    /// More text.
    pub(crate) fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.has_words = self.has_words || !text.trim().is_empty();
        self.form.say(text);
        self.said += text.len();
        self.waiting += text.len();
        match self.ready.back_mut() {
            Some(Chunk::Text(so_far)) => so_far.push_str(text),
            _ => self.ready.push_back(Chunk::Text(text.to_owned())),
        }
    }

    /// More readable reasoning.
    pub(crate) fn think(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.has_thoughts = true;
        self.thought += text.len();
        self.waiting += text.len();
        match self.ready.back_mut() {
            Some(Chunk::Reasoning { text: so_far, opaque: None }) => so_far.push_str(text),
            _ => self.ready.push_back(Chunk::Reasoning { text: text.to_owned(), opaque: None }),
        }
    }

    /// Ends a piece of reasoning with what the vendor wants back.
    pub(crate) fn seal(&mut self, sealed: String) {
        self.has_thoughts = true;
        self.waiting += sealed.len();
        match self.ready.back_mut() {
            Some(Chunk::Reasoning { opaque: opaque @ None, .. }) => *opaque = Some(sealed),
            _ => self.ready.push_back(Chunk::Reasoning { text: String::new(), opaque: Some(sealed) }),
        }
    }

    /// Where a thought stands that ends now.
    pub(crate) fn place(&self) -> Place {
        Place { after_text: self.said, after_calls: self.calls.slots.len() }
    }

    /// Bytes of text, thoughts and calls so far.
    fn seen(&self) -> usize {
        let calls = self.calls.slots.iter();
        let calls = calls.map(|slot| slot.name.len() + slot.arguments.len() + slot.dropped);
        self.said + self.thought + calls.sum::<usize>()
    }

    /// The server's own end mark: nothing follows.
    pub(crate) fn mark(&mut self) {
        self.is_marked = true;
    }
}

/// One answer and who reads it.
pub(crate) struct Answer {
    reader: Box<dyn Reader>,
    draft: Draft,
    events: usize,
    /// What of its use was given out before its end.
    told: Option<Chunk>,
}

impl Answer {
    pub(crate) fn new(reader: Box<dyn Reader>) -> Self {
        Self { reader, draft: Draft::default(), events: 0, told: None }
    }

    /// The same for an answer that must have a form.
    pub(crate) fn in_form(mut self, form: Form) -> Self {
        self.draft.form = form;
        self
    }

    /// Tells whether the server said that nothing follows.
    pub(crate) fn is_marked(&self) -> bool {
        self.draft.is_marked
    }

    /// Tells whether the reason to stop is known, so that only accounting can follow.
    pub(crate) fn has_stopped(&self) -> bool {
        self.draft.stop.is_some()
    }

    /// Bytes that wait to become a chunk.
    pub(crate) fn waiting(&self) -> usize {
        self.draft.waiting
    }

    /// Tells whether not one event came.
    pub(crate) fn is_untouched(&self) -> bool {
        self.events == 0 && !self.draft.is_marked
    }

    /// Takes the data of one event.
    pub(crate) fn take(&mut self, data: &[u8], peer: &Peer) -> Result<(), ProviderError> {
        if self.draft.is_marked || data.is_empty() {
            return Ok(());
        }
        self.reader.take(data, peer, &mut self.draft)?;
        self.events += usize::from(!self.draft.is_marked || !self.draft.ready.is_empty());
        Ok(())
    }

    /// Gives what has arrived since the last time.
    pub(crate) fn flush(&mut self) -> VecDeque<Chunk> {
        self.draft.waiting = 0;
        std::mem::take(&mut self.draft.ready)
    }

    /// What the call has cost so far, which is paid even if nothing comes any more. What a server says at the
    /// beginning counts next to nothing of the answer, so that before its last word more may be known to have come.
    pub(crate) fn usage(&self) -> Option<Chunk> {
        let told = self.draft.usage?;
        let seen = (self.draft.seen() as u64).div_ceil(BYTES_PER_TOKEN);
        Some(if self.draft.stop.is_some() || seen <= told.output {
            Chunk::Usage(told)
        } else {
            Chunk::Estimate(Usage { output: seen, ..told })
        })
    }

    /// The same where it changed since the last time: a call that a person stops is paid too.
    pub(crate) fn news_of_usage(&mut self) -> Option<Chunk> {
        let news = self.usage().filter(|news| self.told.as_ref() != Some(news))?;
        self.told = Some(news.clone());
        Some(news)
    }

    /// Gives usage, calls and the end, or says why this is no answer.
    pub(crate) fn finish(self, closing: Closing, peer: &Peer) -> Result<VecDeque<Chunk>, ProviderError> {
        let usage = self.usage();
        let Draft { mut ready, calls, stop, refused, is_window_full, form, has_words, has_thoughts, .. } =
            self.draft;
        if stop.is_none() && closing == Closing::Ended && self.events > 0 {
            return Err(peer.truncated());
        }
        if !has_words && calls.is_empty() && is_window_full {
            return Err(peer.window_full());
        }
        if !has_words && calls.is_empty() {
            return Err(match stop {
                Some(StopReason::Refused) => ProviderError::new(
                    ErrorKind::ContentFilter,
                    format!("the filter of {} withheld the answer", peer.who),
                )
                .hint("put the request in other words"),
                Some(StopReason::Length) if has_thoughts => {
                    let message =
                        format!("{} reached its output limit while it was still thinking", peer.model_name());
                    ProviderError::new(ErrorKind::NoRoom, message).hint(
                        "raise the limits on tokens in [limits], or choose a model that thinks less with -m",
                    )
                }
                _ => peer.empty("answered with nothing"),
            });
        }
        let end = if refused { StopReason::Refused } else { stop.unwrap_or(StopReason::Done) };
        if calls.is_empty() {
            form.check(end, peer)?;
        }
        ready.extend(usage);
        // Without a reason to stop the answer's words are good enough; but a relay that lost its vendor ends so too, and
        // a call whose arguments did not come is not one without any.
        let whole = stop == Some(StopReason::Done);
        let calls = calls.finish(whole).map_err(|bad| peer.malformed(&bad.to_string()))?;
        ready.extend(calls.into_iter().map(Chunk::Call));
        ready.push_back(Chunk::End(end));
        Ok(ready)
    }
}

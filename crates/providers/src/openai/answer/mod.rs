//! One answer as it grows: events in, chunks out, no I/O.
//!
//! Invariants: deltas of one kind that arrive together are one chunk; a call is given out only after
//! the server's own end mark; the end is given once, and only if there was something to end.

use std::collections::VecDeque;

use jamey_engine::ports::{Chunk, ErrorKind, ProviderError, StopReason};
use jamey_protocol::Usage;

use super::{
    calls::{BadCalls, Calls, Form},
    error::Peer,
    wire::{Choice, Delta, Event, Tokens},
};

/// What ended the bytes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// The server said so: `[DONE]`.
    Marked,
    /// The body ended without a fault.
    Ended,
}

/// The state of one answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    text: String,
    reasoning: String,
    calls: Calls,
    usage: Option<Usage>,
    stop: Option<StopReason>,
    refused: bool,
    marked: bool,
    events: usize,
    has_words: bool,
    has_reasoning: bool,
    ready: VecDeque<Chunk>,
}

impl Answer {
    /// Tells whether the server said that nothing follows.
    pub(super) fn is_marked(&self) -> bool {
        self.marked
    }

    /// Tells whether the reason to stop is known, so that only accounting can follow.
    pub(super) fn has_stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// Bytes that wait to become a chunk.
    pub(super) fn waiting(&self) -> usize {
        self.text.len() + self.reasoning.len()
    }

    /// Tells whether not one event came.
    pub(super) fn is_untouched(&self) -> bool {
        self.events == 0 && !self.marked
    }

    /// Takes the data of one event.
    pub(super) fn take(&mut self, data: &[u8], peer: &Peer) -> Result<(), ProviderError> {
        if self.marked || data.is_empty() {
            return Ok(());
        }
        if data.trim_ascii() == b"[DONE]" {
            self.marked = true;
            return Ok(());
        }
        self.events += 1;
        let event: Event<'_> =
            serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
        if let Some(error) = event.error.filter(|error| !error.is_null()) {
            return Err(peer.in_band(&error));
        }
        for choice in event.choices.into_iter().flatten() {
            if choice.index.unwrap_or(0) == 0 {
                self.choice(&choice).map_err(|bad| peer.malformed(&bad.to_string()))?;
            }
        }
        if let Some(tokens) = event.usage {
            self.usage = Some(usage(tokens));
        }
        Ok(())
    }

    fn choice(&mut self, choice: &Choice<'_>) -> Result<(), BadCalls> {
        if let Some(delta) = &choice.delta {
            self.delta(delta, Form::Streamed)?;
        }
        if let Some(message) = &choice.message {
            self.delta(message, Form::Whole)?;
        }
        match choice.finish_reason.as_ref().map(|reason| reason.0.as_ref()) {
            None | Some("") => {}
            Some("length" | "max_tokens") => self.stop = Some(StopReason::Length),
            Some("content_filter") => self.stop = Some(StopReason::Refused),
            Some(_) => self.stop = Some(StopReason::Done),
        }
        Ok(())
    }

    fn delta(&mut self, delta: &Delta<'_>, form: Form) -> Result<(), BadCalls> {
        // Some servers send the same thoughts under both names.
        if let Some(thought) = delta.reasoning_content.as_ref().or(delta.reasoning.as_ref())
            && !thought.0.is_empty()
        {
            self.flush_text();
            self.has_reasoning = true;
            self.reasoning.push_str(&thought.0);
        }
        if let Some(text) = &delta.content {
            self.say(&text.0);
        }
        if let Some(refusal) = &delta.refusal
            && !refusal.0.is_empty()
        {
            self.refused = true;
            self.say(&refusal.0);
        }
        for piece in delta.tool_calls.iter().flatten() {
            self.calls.add(piece, form)?;
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.flush_reasoning();
        self.has_words = self.has_words || !text.trim().is_empty();
        self.text.push_str(text);
    }

    fn flush_text(&mut self) {
        if !self.text.is_empty() {
            self.ready.push_back(Chunk::Text(std::mem::take(&mut self.text)));
        }
    }

    fn flush_reasoning(&mut self) {
        if !self.reasoning.is_empty() {
            let text = std::mem::take(&mut self.reasoning);
            self.ready.push_back(Chunk::Reasoning { text, opaque: None });
        }
    }

    /// Gives what has arrived since the last time.
    pub(super) fn flush(&mut self) -> VecDeque<Chunk> {
        // Only one of the two is ever filled.
        self.flush_reasoning();
        self.flush_text();
        std::mem::take(&mut self.ready)
    }

    /// Gives usage, calls and the end, or says why this is no answer.
    pub(super) fn finish(mut self, closing: Closing, peer: &Peer) -> Result<VecDeque<Chunk>, ProviderError> {
        let has_calls = !self.calls.is_empty();
        if self.stop.is_none() && closing == Closing::Ended && self.events > 0 {
            return Err(peer.truncated());
        }
        if !self.has_words && !has_calls {
            return Err(match self.stop {
                Some(StopReason::Refused) => ProviderError::new(
                    ErrorKind::ContentFilter,
                    format!("the filter of {} withheld the answer", peer.who),
                )
                .hint("put the request in other words"),
                Some(StopReason::Length) if self.has_reasoning => {
                    peer.empty("reached its output limit while it was still thinking")
                }
                _ => peer.empty("answered with nothing"),
            });
        }
        let mut chunks = self.flush();
        if let Some(usage) = self.usage {
            chunks.push_back(Chunk::Usage(usage));
        }
        let stop = match self.stop {
            _ if self.refused => StopReason::Refused,
            Some(stop) => stop,
            None => StopReason::Done,
        };
        let whole = self.stop.is_none_or(|stop| stop == StopReason::Done);
        let calls = self.calls.finish(whole).map_err(|bad| peer.malformed(&bad.to_string()))?;
        chunks.extend(calls.into_iter().map(Chunk::Call));
        chunks.push_back(Chunk::End(stop));
        Ok(chunks)
    }
}

fn usage(tokens: Tokens) -> Usage {
    let cached = tokens
        .prompt_tokens_details
        .and_then(|details| details.cached_tokens)
        .or(tokens.prompt_cache_hit_tokens)
        .unwrap_or(0);
    Usage {
        input: tokens.prompt_tokens.unwrap_or(0),
        cached,
        output: tokens.completion_tokens.unwrap_or(0),
        cache_written: 0,
        reasoning: tokens.completion_tokens_details.and_then(|details| details.reasoning_tokens).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests;

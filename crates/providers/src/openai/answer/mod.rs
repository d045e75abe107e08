//! Reads the events of one answer.

use jamey_engine::ports::{ProviderError, StopReason};
use jamey_protocol::Usage;

use super::{
    calls::{Form, add},
    wire::{Choice, Delta, Event, Tokens},
};
use crate::dialect::{BadCalls, Draft, Peer, Reader};

/// Reads Chat Completions.
#[derive(Debug, Default)]
pub(super) struct ChatReader;

impl Reader for ChatReader {
    fn take(&mut self, data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        if data.trim_ascii() == b"[DONE]" {
            draft.mark();
            return Ok(());
        }
        let event: Event<'_> =
            serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
        if let Some(error) = event.error.filter(|error| !error.is_null()) {
            return Err(peer.in_band(&error));
        }
        for choice in event.choices.into_iter().flatten() {
            if choice.index.unwrap_or(0) == 0 {
                take(&choice, draft).map_err(|bad| peer.malformed(&bad.to_string()))?;
            }
        }
        if let Some(tokens) = event.usage {
            draft.usage = Some(usage(tokens));
        }
        Ok(())
    }
}

fn take(choice: &Choice<'_>, draft: &mut Draft) -> Result<(), BadCalls> {
    if let Some(part) = &choice.delta {
        delta(part, Form::Streamed, draft)?;
    }
    if let Some(message) = &choice.message {
        delta(message, Form::Whole, draft)?;
    }
    match choice.finish_reason.as_ref().map(|reason| reason.0.as_ref()) {
        None | Some("") => {}
        Some("length" | "max_tokens") => draft.stop = Some(StopReason::Length),
        // Z.ai (anomalyco/opencode#18813) and Mistral.
        Some("model_context_window_exceeded" | "model_length") => {
            draft.stop = Some(StopReason::Length);
            draft.is_window_full = true;
        }
        Some("content_filter") => draft.stop = Some(StopReason::Refused),
        Some(_) => draft.stop = Some(StopReason::Done),
    }
    Ok(())
}

fn delta(delta: &Delta<'_>, form: Form, draft: &mut Draft) -> Result<(), BadCalls> {
    // Some servers send the same thoughts under both names.
    if let Some(thought) = delta.reasoning_content.as_ref().or(delta.reasoning.as_ref()) {
        draft.think(&thought.0);
    }
    if let Some(text) = &delta.content {
        draft.say(&text.0);
    }
    if let Some(refusal) = &delta.refusal
        && !refusal.0.is_empty()
    {
        draft.refused = true;
        draft.say(&refusal.0);
    }
    for piece in delta.tool_calls.iter().flatten() {
        add(&mut draft.calls, piece, form)?;
    }
    Ok(())
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

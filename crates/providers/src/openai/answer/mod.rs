//! Reads the events of one answer.

use jamey_engine::ports::{ProviderError, StopReason};
use jamey_protocol::Usage;

use serde_json::Value;

use super::{
    calls::{Form, add},
    sealed::{Field, Sealed, join},
    wire::{Choice, Delta, Event, Tokens},
};
use crate::dialect::{BadCalls, Draft, Peer, Reader, opaque::pack};

/// Reads Chat Completions.
#[derive(Debug, Default)]
pub(super) struct ChatReader {
    /// The field of the thought that is open.
    thinks_in: Option<Field>,
    details: Vec<Value>,
    extra: Vec<(usize, Value)>,
}

impl Reader for ChatReader {
    fn take(&mut self, data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        if data.trim_ascii() == b"[DONE]" {
            self.close(draft);
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
                self.choice(choice, draft).map_err(|bad| peer.malformed(&bad.to_string()))?;
            }
        }
        if let Some(tokens) = event.usage {
            draft.usage = Some(usage(tokens));
        }
        Ok(())
    }
}

impl ChatReader {
    fn choice(&mut self, choice: Choice<'_>, draft: &mut Draft) -> Result<(), BadCalls> {
        if let Some(part) = choice.delta {
            self.delta(part, Form::Streamed, draft)?;
        }
        if let Some(message) = choice.message {
            self.delta(message, Form::Whole, draft)?;
        }
        draft.stop = match choice.finish_reason.as_ref().map(|reason| reason.0.as_ref()) {
            None | Some("") => return Ok(()),
            Some("length" | "max_tokens") => Some(StopReason::Length),
            // Z.ai (anomalyco/opencode#18813) and Mistral.
            Some("model_context_window_exceeded" | "model_length") => {
                draft.is_window_full = true;
                Some(StopReason::Length)
            }
            Some("content_filter") => Some(StopReason::Refused),
            Some(_) => Some(StopReason::Done),
        };
        self.close(draft);
        Ok(())
    }

    fn delta(&mut self, delta: Delta<'_>, form: Form, draft: &mut Draft) -> Result<(), BadCalls> {
        let said = delta.content.unwrap_or_default();
        // Some servers send the same thoughts under several names.
        let content = delta.reasoning_content.map(|thought| (Field::ReasoningContent, thought.0));
        let reasoning = delta.reasoning.map(|thought| (Field::Reasoning, thought.0));
        let among = Some((Field::Content, said.thought.into()));
        let mut thoughts = [content, reasoning, among].into_iter().flatten();
        if let Some((field, words)) = thoughts.find(|(_, words)| !words.is_empty()) {
            draft.think(&words);
            self.thinks_in = Some(field);
        }
        for piece in delta.reasoning_details.into_iter().flatten() {
            join(&mut self.details, piece);
        }
        if !said.text.is_empty() {
            self.close_thought(draft);
            draft.say(&said.text);
        }
        if let Some(refusal) = delta.refusal.filter(|refusal| !refusal.0.is_empty()) {
            draft.refused = true;
            draft.say(&refusal.0);
        }
        for piece in delta.tool_calls.into_iter().flatten() {
            self.close_thought(draft);
            let call = add(&mut draft.calls, &piece, form)?;
            self.extra.extend(piece.extra_content.filter(Value::is_object).map(|extra| (call, extra)));
        }
        Ok(())
    }

    /// A thought is over. Where the same words come as details, those go back.
    fn close_thought(&mut self, draft: &mut Draft) {
        if let Some(field) = self.thinks_in.take().filter(|_| self.details.is_empty()) {
            draft.seal(pack(&Sealed { field: Some(field), ..Sealed::default() }, draft.place()));
        }
    }

    /// The answer is over; its details may have come until now.
    fn close(&mut self, draft: &mut Draft) {
        self.close_thought(draft);
        let (reasoning_details, extra_content) =
            (std::mem::take(&mut self.details), std::mem::take(&mut self.extra));
        if !reasoning_details.is_empty() || !extra_content.is_empty() {
            let sealed = Sealed { field: None, reasoning_details, extra_content };
            draft.seal(pack(&sealed, draft.place()));
        }
    }
}

fn usage(tokens: Tokens) -> Usage {
    let of_prompt = tokens.prompt_tokens_details;
    let cached = of_prompt.and_then(|details| details.cached_tokens).or(tokens.prompt_cache_hit_tokens);
    let reasoning =
        tokens.completion_tokens_details.and_then(|details| details.reasoning_tokens).unwrap_or(0);
    let (input, written) = (tokens.prompt_tokens.unwrap_or(0), tokens.completion_tokens.unwrap_or(0));
    // xAI counts reasoning apart from the completion; only its total tells so.
    let is_apart = tokens.total_tokens == Some(input.saturating_add(written).saturating_add(reasoning));
    Usage {
        input,
        cached: cached.unwrap_or(0),
        cache_written: of_prompt.and_then(|details| details.cache_write_tokens).unwrap_or(0),
        output: if is_apart { written.saturating_add(reasoning) } else { written },
        reasoning,
    }
}

#[cfg(test)]
mod tests;

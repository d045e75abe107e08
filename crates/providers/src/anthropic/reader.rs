//! Reads the events of one message.

use jamey_engine::ports::{ProviderError, StopReason};
use jamey_protocol::Usage;

use super::{
    sealed::Sealed,
    wire::{Block, Delta, Event, Tokens},
};
use crate::dialect::{BadCalls, Draft, Peer, Reader, Text, opaque::pack};

/// Newer models take what fits and stop there.
const WINDOW_FULL: &str = "model_context_window_exceeded";

/// Reads one message.
#[derive(Debug, Default)]
pub(super) struct MessageReader {
    tokens: Tokens,
    /// The signature of the block of thinking that is open, in as many pieces as the vendor likes.
    signature: Option<String>,
}

impl Reader for MessageReader {
    fn take(&mut self, data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        let event: Event<'_> =
            serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
        self.event(&event, peer, draft)
    }
}

impl MessageReader {
    fn event(&mut self, event: &Event<'_>, peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        let bad = |bad: BadCalls| peer.malformed(&bad.to_string());
        match Text::of(event.r#type.as_ref()) {
            "message_start" => self.used(event.message.as_ref().and_then(|it| it.usage), draft),
            "content_block_start" => {
                if let Some(block) = &event.content_block {
                    self.begin(event.index, block, draft).map_err(bad)?;
                }
            }
            "content_block_delta" => {
                if let Some(delta) = &event.delta {
                    self.more(event.index, delta, draft).map_err(bad)?;
                }
            }
            "content_block_stop" => self.seal(draft),
            "message_delta" => {
                self.used(event.usage, draft);
                if let Some(reason) = event.delta.as_ref().and_then(|delta| delta.stop_reason.as_ref()) {
                    draft.stop = Some(stop(&reason.0));
                    draft.is_window_full = reason.0 == WINDOW_FULL;
                }
            }
            "message_stop" => draft.mark(),
            "error" => return Err(peer.in_band(event.error.as_ref().unwrap_or(&serde_json::Value::Null))),
            "message" => self.whole(event, draft).map_err(bad)?,
            // `ping`, and whatever the vendor adds.
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, index: u64, block: &Block<'_>, draft: &mut Draft) -> Result<(), BadCalls> {
        match Text::of(block.r#type.as_ref()) {
            "text" => draft.say(Text::of(block.text.as_ref())),
            "thinking" => {
                draft.think(Text::of(block.thinking.as_ref()));
                self.signature = Some(Text::of(block.signature.as_ref()).to_owned());
            }
            "redacted_thinking" => {
                let data = Text::of(block.data.as_ref()).to_owned();
                draft.seal(pack(&Sealed::RedactedThinking { data }, draft.place()));
            }
            "tool_use" => {
                draft.calls.begin(Some(index), "", Text::of(block.name.as_ref()))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn more(&mut self, index: u64, delta: &Delta<'_>, draft: &mut Draft) -> Result<(), BadCalls> {
        match Text::of(delta.r#type.as_ref()) {
            "text_delta" => draft.say(Text::of(delta.text.as_ref())),
            "thinking_delta" => draft.think(Text::of(delta.thinking.as_ref())),
            "signature_delta" => {
                let signature = self.signature.get_or_insert_default();
                signature.push_str(Text::of(delta.signature.as_ref()));
            }
            "input_json_delta" => {
                // Blocks that are run at the vendor have the same deltas and never begin a call here.
                if let Ok(slot) = draft.calls.numbered(index) {
                    slot.append(Text::of(delta.partial_json.as_ref()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A block of thinking is whole: its signature goes along.
    fn seal(&mut self, draft: &mut Draft) {
        if let Some(signature) = self.signature.take().filter(|signature| !signature.is_empty()) {
            draft.seal(pack(&Sealed::Thinking { signature }, draft.place()));
        }
    }

    fn whole(&mut self, event: &Event<'_>, draft: &mut Draft) -> Result<(), BadCalls> {
        for (index, block) in (0..).zip(event.content.iter().flatten()) {
            self.begin(index, block, draft)?;
            self.seal(draft);
            if let (Some(input), Ok(slot)) = (&block.input, draft.calls.numbered(index)) {
                slot.append(&input.to_string());
            }
        }
        self.used(event.usage, draft);
        draft.stop = event.stop_reason.as_ref().map(|reason| stop(&reason.0));
        draft.is_window_full = Text::of(event.stop_reason.as_ref()) == WINDOW_FULL;
        Ok(())
    }

    /// Later counts replace earlier ones; what is not repeated stays.
    fn used(&mut self, tokens: Option<Tokens>, draft: &mut Draft) {
        let Some(new) = tokens else { return };
        let old = self.tokens;
        self.tokens = Tokens {
            input_tokens: new.input_tokens.or(old.input_tokens),
            cache_read_input_tokens: new.cache_read_input_tokens.or(old.cache_read_input_tokens),
            cache_creation_input_tokens: new.cache_creation_input_tokens.or(old.cache_creation_input_tokens),
            output_tokens: new.output_tokens.or(old.output_tokens),
            output_tokens_details: new.output_tokens_details.or(old.output_tokens_details),
        };
        let cached = self.tokens.cache_read_input_tokens.unwrap_or(0);
        let cache_written = self.tokens.cache_creation_input_tokens.unwrap_or(0);
        draft.usage = Some(Usage {
            // The vendor counts what its cache read or wrote apart; here it is part of what was sent.
            input: self.tokens.input_tokens.unwrap_or(0).saturating_add(cached).saturating_add(cache_written),
            cached,
            cache_written,
            output: self.tokens.output_tokens.unwrap_or(0),
            reasoning: self.tokens.output_tokens_details.and_then(|it| it.thinking_tokens).unwrap_or(0),
        });
    }
}

fn stop(reason: &str) -> StopReason {
    match reason {
        "max_tokens" | WINDOW_FULL => StopReason::Length,
        "refusal" => StopReason::Refused,
        _ => StopReason::Done,
    }
}

//! Reads the lines of one answer.

use jamey_engine::ports::{ProviderError, StopReason};
use jamey_protocol::Usage;
use serde::Deserialize;
use serde_json::Value;

use super::sealed::Sealed;
use crate::dialect::{
    Draft, Peer, Reader, Text,
    opaque::{Place, pack},
    tokens,
};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    message: Option<Said<'a>>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default, deserialize_with = "tokens")]
    prompt_eval_count: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    eval_count: Option<u64>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow, default)]
    content: Option<Text<'a>>,
    #[serde(borrow, default)]
    thinking: Option<Text<'a>>,
    #[serde(default)]
    tool_calls: Option<Vec<Called>>,
}

#[derive(Deserialize)]
struct Called {
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    name: String,
    #[serde(default)]
    arguments: Option<Value>,
}

/// Reads one answer.
#[derive(Debug, Default)]
pub(super) struct LineReader {
    /// A thought is open.
    thinks: bool,
}

impl Reader for LineReader {
    fn take(&mut self, data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        let line: Line<'_> =
            serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
        if let Some(error) = line.error.filter(|error| !error.is_null()) {
            return Err(peer.in_band(&error));
        }
        if let Some(said) = line.message {
            let (thought, text) = (Text::of(said.thinking.as_ref()), Text::of(said.content.as_ref()));
            draft.think(thought);
            self.thinks = self.thinks || !thought.is_empty();
            if !text.is_empty() || said.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty()) {
                self.close(draft);
            }
            draft.say(text);
            for call in said.tool_calls.into_iter().flatten() {
                let arguments = call.function.arguments.map(|it| it.to_string()).unwrap_or_default();
                let begun = draft.calls.begin(None, "", &call.function.name);
                begun.map(|slot| slot.append(&arguments)).map_err(|bad| peer.malformed(&bad.to_string()))?;
            }
        }
        if line.done {
            self.close(draft);
            draft.usage = Some(Usage {
                input: line.prompt_eval_count.unwrap_or(0),
                output: line.eval_count.unwrap_or(0),
                ..Usage::default()
            });
            draft.stop = Some(match line.done_reason.as_deref() {
                Some("length") => StopReason::Length,
                _ => StopReason::Done,
            });
            draft.mark();
        }
        Ok(())
    }
}

impl LineReader {
    /// The thought that is open is over, and can go back.
    fn close(&mut self, draft: &mut Draft) {
        if std::mem::take(&mut self.thinks) {
            draft.seal(pack(&Sealed::Thinking, Place::default()));
        }
    }
}

//! Reads the events of one answer: each is a whole `GenerateContentResponse` with the next parts.

use jamey_engine::ports::{ErrorKind, ProviderError, StopReason};
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
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow, default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Option<Tokens>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: u64,
    #[serde(borrow, default)]
    content: Option<Content<'a>>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    finish_message: Option<String>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(default)]
    thought: bool,
    #[serde(default)]
    thought_signature: Option<String>,
    #[serde(default)]
    function_call: Option<FunctionCall>,
}

#[derive(Deserialize)]
struct FunctionCall {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    #[serde(default, deserialize_with = "tokens")]
    prompt_token_count: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    tool_use_prompt_token_count: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    cached_content_token_count: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    candidates_token_count: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    thoughts_token_count: Option<u64>,
}

/// Reads one answer.
#[derive(Debug, Default)]
pub(super) struct ContentReader {
    calls: usize,
}

impl Reader for ContentReader {
    fn take(&mut self, data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        // Without `alt=sse`, as some proxies have it, all events come in one list.
        if data.trim_ascii_start().first() == Some(&b'[') {
            let events: Vec<Event<'_>> =
                serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
            return events.into_iter().try_for_each(|event| self.event(event, peer, draft));
        }
        let event = serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
        self.event(event, peer, draft)
    }
}

impl ContentReader {
    fn event(&mut self, event: Event<'_>, peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        if let Some(error) = event.error.filter(|error| !error.is_null()) {
            return Err(peer.in_band(&error));
        }
        if let Some(tokens) = event.usage_metadata {
            draft.usage = Some(usage(tokens));
        }
        if let Some(reason) = event.prompt_feedback.and_then(|feedback| feedback.block_reason) {
            return Err(peer.withheld(&reason));
        }
        for candidate in event.candidates.into_iter().flatten().filter(|candidate| candidate.index == 0) {
            for part in candidate.content.and_then(|content| content.parts).into_iter().flatten() {
                self.part(part, peer, draft)?;
            }
            if let Some(reason) = candidate.finish_reason {
                let why = candidate.finish_message.unwrap_or_default();
                draft.stop = Some(stop(&reason, &why, peer)?);
            }
        }
        Ok(())
    }

    fn part(&mut self, part: Part<'_>, peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        let signature = part.thought_signature.filter(|signature| !signature.is_empty());
        if let Some(call) = part.function_call {
            let id = call.id.filter(|id| !id.is_empty());
            if signature.is_some() || id.is_some() {
                draft.seal(pack(&Sealed::Call { index: self.calls, signature, id }, Place::default()));
            }
            let arguments = call.args.map(|args| args.to_string()).unwrap_or_default();
            let begun = draft.calls.begin(None, "", &call.name);
            begun.map(|slot| slot.append(&arguments)).map_err(|bad| peer.malformed(&bad.to_string()))?;
            self.calls += 1;
            return Ok(());
        }
        let text = Text::of(part.text.as_ref());
        if part.thought {
            draft.think(text);
        } else {
            draft.say(text);
        }
        if let Some(signature) = signature {
            let sealed =
                if part.thought { Sealed::Thought { signature } } else { Sealed::Text { signature } };
            draft.seal(pack(&sealed, draft.place()));
        }
        Ok(())
    }
}

fn usage(tokens: Tokens) -> Usage {
    let reasoning = tokens.thoughts_token_count.unwrap_or(0);
    Usage {
        input: tokens
            .prompt_token_count
            .unwrap_or(0)
            .saturating_add(tokens.tool_use_prompt_token_count.unwrap_or(0)),
        cached: tokens.cached_content_token_count.unwrap_or(0),
        cache_written: 0,
        output: tokens.candidates_token_count.unwrap_or(0).saturating_add(reasoning),
        reasoning,
    }
}

fn stop(reason: &str, why: &str, peer: &Peer) -> Result<StopReason, ProviderError> {
    match reason {
        "STOP" | "FINISH_REASON_UNSPECIFIED" => Ok(StopReason::Done),
        "MAX_TOKENS" => Ok(StopReason::Length),
        "MALFORMED_FUNCTION_CALL" | "MALFORMED_RESPONSE" | "UNEXPECTED_TOOL_CALL" | "OTHER" => {
            Err(peer.malformed(&format!("an answer that it gave up itself ({reason}): {}", peer.clean(why))))
        }
        "TOO_MANY_TOOL_CALLS" | "MISSING_THOUGHT_SIGNATURE" => Err(ProviderError::new(
            ErrorKind::BadRequest,
            format!("{} did not go on ({reason}): {}", peer.who, peer.clean(why)),
        )),
        // SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII and whatever filter comes next.
        _ => Ok(StopReason::Refused),
    }
}

//! Reads the events of one response, as leniently as the world requires: unknown events, items and
//! fields are read past.

use jamey_engine::ports::{ErrorKind, ProviderError, StopReason};
use jamey_protocol::Usage;
use serde::Deserialize;
use serde_json::Value;

use super::sealed::Sealed;
use crate::dialect::{
    BadCalls, Draft, Peer, Reader, Text,
    opaque::{Place, pack},
    tokens,
};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    r#type: Option<Text<'a>>,
    #[serde(borrow, default)]
    delta: Option<Text<'a>>,
    #[serde(default)]
    output_index: u64,
    #[serde(default)]
    summary_index: u64,
    #[serde(default)]
    item: Option<Item>,
    #[serde(default)]
    response: Option<Response>,
    /// Whole calls in `response.function_call_arguments.done`.
    #[serde(borrow, default)]
    arguments: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
    #[serde(default)]
    encrypted_content: Option<String>,
    #[serde(default)]
    summary: Option<Vec<Part>>,
    #[serde(default)]
    content: Option<Vec<Part>>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Default, Deserialize)]
struct Response {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    usage: Option<Tokens>,
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    incomplete_details: Option<Incomplete>,
    #[serde(default)]
    output: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Incomplete {
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default, deserialize_with = "tokens")]
    input_tokens: Option<u64>,
    #[serde(default)]
    input_tokens_details: Option<InputTokens>,
    #[serde(default, deserialize_with = "tokens")]
    output_tokens: Option<u64>,
    #[serde(default)]
    output_tokens_details: Option<OutputTokens>,
}

#[derive(Deserialize)]
struct InputTokens {
    #[serde(default, deserialize_with = "tokens")]
    cached_tokens: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    cache_write_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct OutputTokens {
    #[serde(default, deserialize_with = "tokens")]
    reasoning_tokens: Option<u64>,
}

/// Reads one response.
#[derive(Debug, Default)]
pub(super) struct ResponseReader {
    /// The summary's part that is being read, to set parts apart for the person.
    part: Option<(u64, u64)>,
}

impl Reader for ResponseReader {
    fn take(&mut self, data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
        if data.trim_ascii() == b"[DONE]" {
            return Ok(());
        }
        let event: Event<'_> =
            serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
        let bad = |bad: BadCalls| peer.malformed(&bad.to_string());
        let delta = Text::of(event.delta.as_ref());
        match Text::of(event.r#type.as_ref()) {
            "response.output_text.delta" => draft.say(delta),
            "response.refusal.delta" => {
                draft.refused = true;
                draft.say(delta);
            }
            "response.reasoning_summary_text.delta" => {
                let part = (event.output_index, event.summary_index);
                if self.part.is_some_and(|before| before.0 == part.0 && before.1 != part.1) {
                    draft.think("\n\n");
                }
                self.part = Some(part);
                draft.think(delta);
            }
            "response.reasoning_text.delta" => draft.think(delta),
            "response.output_item.added" => {
                if let Some(item) = event.item.filter(|item| item.r#type == "function_call") {
                    let name = item.name.unwrap_or_default();
                    draft.calls.begin(Some(event.output_index), "", &name).map_err(bad)?;
                }
            }
            "response.function_call_arguments.delta" => {
                draft.calls.numbered(event.output_index).map(|slot| slot.append(delta)).map_err(bad)?;
            }
            // The whole is what counts, whether it came in pieces before or not.
            "response.function_call_arguments.done" => {
                let whole = Text::of(event.arguments.as_ref());
                replace(draft, event.output_index, whole);
            }
            "response.output_item.done" => {
                if let Some(item) = event.item {
                    done(event.output_index, item, draft).map_err(bad)?;
                }
            }
            "response.completed" | "response.incomplete" => {
                ended(event.response.unwrap_or_default(), draft);
                draft.mark();
            }
            "response.failed" => return Err(failed(&event.response.unwrap_or_default(), peer)),
            "error" => return Err(in_band(data, peer)),
            "" => return whole(data, peer, draft),
            _ => {}
        }
        Ok(())
    }
}

fn replace(draft: &mut Draft, index: u64, arguments: &str) {
    if !arguments.is_empty()
        && let Ok(slot) = draft.calls.numbered(index)
    {
        slot.arguments.clear();
        slot.dropped = 0;
        slot.append(arguments);
    }
}

fn done(index: u64, item: Item, draft: &mut Draft) -> Result<(), BadCalls> {
    match item.r#type.as_str() {
        "function_call" => {
            if draft.calls.numbered(index).is_err() {
                draft.calls.begin(Some(index), "", &item.name.unwrap_or_default())?;
            }
            replace(draft, index, &item.arguments.unwrap_or_default());
        }
        "reasoning" => {
            if let (Some(id), Some(encrypted_content)) = (item.id, item.encrypted_content) {
                let summary = item.summary.into_iter().flatten().filter_map(|part| part.text).collect();
                // Calls are numbered among the items, so that one that began early does not count.
                let before = draft.calls.slots.iter().filter(|slot| slot.index < Some(index)).count();
                let place = Place { after_calls: before, ..draft.place() };
                draft.seal(pack(&Sealed { id, encrypted_content, summary }, place));
            }
        }
        _ => {}
    }
    Ok(())
}

fn ended(response: Response, draft: &mut Draft) {
    if let Some(tokens) = response.usage {
        let details = tokens.input_tokens_details.as_ref();
        draft.usage = Some(Usage {
            input: tokens.input_tokens.unwrap_or(0),
            cached: details.and_then(|it| it.cached_tokens).unwrap_or(0),
            cache_written: details.and_then(|it| it.cache_write_tokens).unwrap_or(0),
            output: tokens.output_tokens.unwrap_or(0),
            reasoning: tokens.output_tokens_details.and_then(|it| it.reasoning_tokens).unwrap_or(0),
        });
    }
    let reason = response.incomplete_details.and_then(|it| it.reason);
    draft.stop = Some(match (response.status.as_deref(), reason.as_deref()) {
        (_, Some("content_filter")) => StopReason::Refused,
        (Some("incomplete"), _) | (_, Some(_)) => StopReason::Length,
        _ => StopReason::Done,
    });
}

fn failed(response: &Response, peer: &Peer) -> ProviderError {
    match &response.error {
        Some(error) if !error.is_null() => peer.in_band(error),
        _ => ProviderError::new(ErrorKind::Overloaded, format!("{} failed and does not say why", peer.who)),
    }
}

/// `{"type":"error","code":…,"message":…}`, or the same inside of `error`.
fn in_band(data: &[u8], peer: &Peer) -> ProviderError {
    let mut event: Value = serde_json::from_slice(data).unwrap_or_default();
    match event.get("error") {
        Some(error) if error.is_object() => peer.in_band(error),
        _ => {
            if let Some(map) = event.as_object_mut() {
                map.remove("type");
            }
            peer.in_band(&event)
        }
    }
}

/// A response in one piece.
fn whole(data: &[u8], peer: &Peer, draft: &mut Draft) -> Result<(), ProviderError> {
    let mut response: Response =
        serde_json::from_slice(data).map_err(|error| peer.not_the_protocol(data, &error))?;
    if response.error.as_ref().is_some_and(|error| !error.is_null()) {
        return Err(failed(&response, peer));
    }
    let Some(output) = response.output.take() else { return Ok(()) };
    for (index, item) in (0..).zip(output) {
        for part in item.content.iter().flatten().filter(|_| item.r#type == "message") {
            draft.refused |= part.refusal.is_some();
            draft.say(part.text.as_deref().or(part.refusal.as_deref()).unwrap_or_default());
        }
        for part in item.summary.iter().flatten() {
            draft.think(part.text.as_deref().unwrap_or_default());
        }
        done(index, item, draft).map_err(|bad| peer.malformed(&bad.to_string()))?;
    }
    ended(response, draft);
    Ok(())
}

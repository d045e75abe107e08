//! Writes a request for the Messages API.
//!
//! Invariants: roles alternate; every `tool_use` is followed by its `tool_result` at the start of the
//! next message; thinking goes back to where it stood in its answer, unchanged, and only to the
//! model that had it; the same conversation is written alike in every turn but for the marks of the
//! cache, which the vendor does not count as content.

use jamey_engine::ports::{Message, Request};
use serde_json::{Map, Value, json};

use super::{asks::Asks, provider::Thinking, sealed::Sealed};
use crate::dialect::{
    opaque::{in_order, unpack},
    schema,
    written::{arguments, base64},
};

/// Writes the body of `POST …/messages`.
pub(super) fn body(request: &Request, provider: &str, thinking: Thinking, asks: Asks) -> Value {
    let mut body = json!({
        "model": request.model,
        "max_tokens": limit(request),
        "stream": true,
    });
    let Some(map) = body.as_object_mut() else { return body };
    let system = if asks.schema { request.system.as_str().into() } else { schema::told(request) };
    if !system.is_empty() {
        // The mark here covers the tools too, which come before it in the vendor's order.
        map.insert("system".into(), json!([marked(json!({"type": "text", "text": system}))]));
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({"name": tool.name, "description": tool.description, "input_schema": tool.parameters})
        });
        map.insert("tools".into(), tools.collect());
        if request.calls_off {
            map.insert("tool_choice".into(), json!({"type": "none"}));
        }
    }
    match thinking {
        Thinking::AsTheModelLikes => {}
        Thinking::Adaptive => {
            map.insert("thinking".into(), json!({"type": "adaptive", "display": "summarized"}));
        }
        Thinking::Off => {
            map.insert("thinking".into(), json!({"type": "disabled"}));
        }
    }
    if let Some(wanted) = request.schema.as_ref().filter(|_| asks.schema) {
        let format = json!({"type": "json_schema", "schema": schema::closed(wanted)});
        map.insert("output_config".into(), json!({ "format": format }));
    }
    map.insert("messages".into(), messages(request, provider).into());
    body
}

/// The vendor wants a limit, and refuses one that the model does not have or that is too much for the window together
/// with what is sent.
fn limit(request: &Request) -> u64 {
    let most = most_output(request);
    let wanted = request.max_output.unwrap_or(most).min(most);
    request.room.map_or(wanted, |room| wanted.min(room)).max(1)
}

fn most_output(request: &Request) -> u64 {
    let model = &request.model;
    // Another vendor's model behind the same dialect, with a window that nobody knows, may have little more.
    let is_unknown = !model.contains("claude") && request.room.is_none();
    if is_unknown || model.contains("claude-3-5") {
        8192
    } else if model.contains("claude-3-") && !model.contains("claude-3-7") {
        4096
    } else {
        32_000
    }
}

fn marked(mut block: Value) -> Value {
    if let Some(map) = block.as_object_mut() {
        map.insert("cache_control".into(), json!({"type": "ephemeral"}));
    }
    block
}

fn messages(request: &Request, provider: &str) -> Vec<Value> {
    let mut turns: Vec<(&'static str, Vec<Value>)> = Vec::new();
    let mut add = |role: &'static str, mut blocks: Vec<Value>| match turns.last_mut() {
        _ if blocks.is_empty() => {}
        Some((last, so_far)) if *last == role => so_far.append(&mut blocks),
        _ => turns.push((role, blocks)),
    };
    for message in &request.messages {
        match message {
            Message::User { text: words, images } => {
                let images = images.iter().map(|image| {
                    let source =
                        json!({"type": "base64", "media_type": image.media_type, "data": base64(image)});
                    json!({"type": "image", "source": source})
                });
                add("user", images.chain(text(words)).collect());
            }
            Message::Assistant { reasoning, text: words, calls } => {
                let thoughts =
                    unpack(reasoning, provider, &request.model).map(|(text, sealed, place)| match sealed {
                        Sealed::Thinking { signature } => {
                            (place, json!({"type": "thinking", "thinking": text, "signature": signature}))
                        }
                        Sealed::RedactedThinking { data } => {
                            (place, json!({"type": "redacted_thinking", "data": data}))
                        }
                    });
                let calls = calls.iter().map(|call| {
                    json!({
                        "type": "tool_use",
                        "id": call.call_id,
                        "name": call.tool,
                        "input": arguments(call).as_ref(),
                    })
                });
                add("assistant", in_order(thoughts, words, text, calls));
            }
            Message::Results(results) => {
                let results = results.iter().map(|result| {
                    let mut block = Map::new();
                    block.insert("type".into(), "tool_result".into());
                    block.insert("tool_use_id".into(), json!(result.call_id));
                    if !result.text.trim().is_empty() {
                        block.insert("content".into(), result.text.as_str().into());
                    }
                    if !result.ok {
                        block.insert("is_error".into(), true.into());
                    }
                    Value::Object(block)
                });
                add("user", results.collect());
            }
        }
    }
    mark_ends(&mut turns);
    turns.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

/// A block of text; the vendor refuses one without anything to read in it.
fn text(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

/// Marks the ends of the last two messages of the person's side: what the request before wrote into the
/// cache is found at the first, what the next one will find is written at the second.
fn mark_ends(turns: &mut [(&'static str, Vec<Value>)]) {
    let ends = turns.iter_mut().rev().filter(|(role, _)| *role == "user").take(2);
    for block in ends.filter_map(|(_, blocks)| blocks.last_mut()) {
        *block = marked(block.take());
    }
}

#[cfg(test)]
mod tests;

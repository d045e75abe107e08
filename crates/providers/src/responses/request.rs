//! Writes a request for the Responses API.
//!
//! Invariants: every `function_call` is followed by its `function_call_output`; reasoning goes back
//! to where it stood in its answer, unchanged, and only to the model that had it; the same conversation is written
//! alike in every turn, so that the vendor's cache of prefixes keeps working.

use jamey_engine::ports::{Message, Request};
use serde_json::{Value, json};

use super::{asks::Asks, sealed::Sealed};
use crate::dialect::{
    opaque::{in_order, unpack},
    schema,
    written::{arguments, data_url},
};

/// Writes the body of `POST …/responses`.
pub(super) fn body(request: &Request, provider: &str, asks: Asks) -> Value {
    let mut body = json!({
        "model": request.model,
        "stream": true,
        "store": false,
        "input": input(request, provider),
    });
    let Some(map) = body.as_object_mut() else { return body };
    let system = if asks.schema { request.system.as_str().into() } else { schema::told(request) };
    if !system.is_empty() {
        map.insert("instructions".into(), system.into());
    }
    if let Some(session) = request.session.filter(|_| asks.by_session) {
        // So that its requests come to the machine that has their beginning in its cache.
        map.insert("prompt_cache_key".into(), json!(session));
    }
    if asks.encrypted {
        map.insert("include".into(), json!(["reasoning.encrypted_content"]));
    }
    if asks.summary {
        map.insert("reasoning".into(), json!({"summary": "auto"}));
    }
    if !request.tools.is_empty() {
        // Not strict: that would want every property required, and ours have optional ones.
        let tools = request.tools.iter().map(|tool| {
            json!({
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": false,
            })
        });
        map.insert("tools".into(), tools.collect());
        if request.calls_off {
            map.insert("tool_choice".into(), "none".into());
        }
    }
    if let Some(most) = request.max_output {
        // The vendor takes no smaller number.
        map.insert("max_output_tokens".into(), most.max(16).into());
    }
    if let Some(wanted) = request.schema.as_ref().filter(|_| asks.schema) {
        let strict = schema::is_strict(wanted);
        let format = json!({"type": "json_schema", "name": schema::NAME, "schema": wanted, "strict": strict});
        map.insert("text".into(), json!({ "format": format }));
    }
    body
}

fn input(request: &Request, provider: &str) -> Vec<Value> {
    let mut items = Vec::new();
    for message in &request.messages {
        match message {
            Message::User { text, images } => {
                let text = (!text.is_empty() || images.is_empty())
                    .then(|| json!({"type": "input_text", "text": text}));
                let images = images.iter().map(|image| {
                    json!({"type": "input_image", "detail": "auto", "image_url": data_url(image)})
                });
                let content: Vec<Value> = text.into_iter().chain(images).collect();
                items.push(json!({"type": "message", "role": "user", "content": content}));
            }
            Message::Assistant { reasoning, text, calls } => {
                let thoughts = unpack::<Sealed>(reasoning, provider, &request.model);
                let thoughts = thoughts.map(|(_, sealed, place)| (place, thought(&sealed)));
                let say = |text: &str| {
                    (!text.is_empty())
                        .then(|| json!({"type": "message", "role": "assistant", "content": text}))
                };
                let calls = calls.iter().map(|call| {
                    json!({
                        "type": "function_call",
                        "call_id": call.call_id,
                        "name": call.tool,
                        "arguments": arguments(call).to_string(),
                    })
                });
                items.extend(in_order(thoughts, text, say, calls));
            }
            Message::Results(results) => items.extend(results.iter().map(|result| {
                json!({"type": "function_call_output", "call_id": result.call_id, "output": result.text})
            })),
        }
    }
    items
}

fn thought(sealed: &Sealed) -> Value {
    let parts = sealed.summary.iter();
    let summary: Vec<Value> = parts.map(|text| json!({"type": "summary_text", "text": text})).collect();
    json!({
        "type": "reasoning",
        "id": sealed.id,
        "summary": summary,
        "encrypted_content": sealed.encrypted_content,
    })
}

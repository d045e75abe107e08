//! Writes a request for `/api/chat`.

use jamey_engine::ports::{Message, Request};
use serde_json::{Value, json};

use super::sealed::Sealed;
use crate::dialect::{
    opaque::unpack,
    schema,
    written::{arguments, base64},
};

/// Writes the body; the context is added when it is known.
pub(super) fn body(request: &Request, provider: &str) -> Value {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    // The field for the schema only forbids; what is wanted the model must be told.
    let system = schema::told(request);
    if !system.is_empty() {
        messages.push(json!({"role": "system", "content": system}));
    }
    // Models go on from their own thoughts until the person speaks again; their templates leave older ones out.
    let is_the_persons = |message: &Message| matches!(message, Message::User { .. });
    let turn = request.messages.iter().rposition(is_the_persons).unwrap_or(0);
    for (index, message) in request.messages.iter().enumerate() {
        let thinker = (index > turn).then_some((provider, request.model.as_str()));
        push(&mut messages, message, thinker);
    }
    // Newer servers would otherwise drop the oldest messages, or the beginning of the answer.
    let mut body = json!({
        "model": request.model,
        "stream": true,
        "truncate": false,
        "shift": false,
        "messages": messages,
    });
    let Some(map) = body.as_object_mut() else { return body };
    // It knows no way to forbid calls, and takes old ones without the tools.
    let offers_tools = !request.tools.is_empty() && !request.calls_off;
    if offers_tools {
        let tools = request.tools.iter().map(|tool| {
            let function = json!({
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            });
            json!({"type": "function", "function": function})
        });
        map.insert("tools".into(), tools.collect());
    }
    // With it a model could call no tool any more: ollama/ollama#6473.
    if let Some(schema) = request.schema.as_ref().filter(|_| !offers_tools) {
        map.insert("format".into(), schema.clone());
    }
    body
}

/// Writes a message; thoughts go along where it is said whose.
fn push(lines: &mut Vec<Value>, message: &Message, thinker: Option<(&str, &str)>) {
    match message {
        Message::User { text, images } if images.is_empty() => {
            lines.push(json!({"role": "user", "content": text}));
        }
        Message::User { text, images } => {
            let images: Vec<String> = images.iter().map(base64).collect();
            lines.push(json!({"role": "user", "content": text, "images": images}));
        }
        Message::Assistant { text, calls, .. } if text.is_empty() && calls.is_empty() => {}
        Message::Assistant { reasoning, text, calls } => {
            let mut line = json!({"role": "assistant", "content": text});
            let thoughts = thinker.map(|(provider, model)| unpack::<Sealed>(reasoning, provider, model));
            let thought: String = thoughts.into_iter().flatten().map(|(words, ..)| words).collect();
            if !thought.is_empty() {
                line["thinking"] = thought.into();
            }
            let calls: Vec<Value> = calls
                .iter()
                .map(|call| json!({"function": {"name": call.tool, "arguments": arguments(call).as_ref()}}))
                .collect();
            if let Some(map) = line.as_object_mut().filter(|_| !calls.is_empty()) {
                map.insert("tool_calls".into(), calls.into());
            }
            lines.push(line);
        }
        Message::Results(results) => lines.extend(
            results
                .iter()
                .map(|result| json!({"role": "tool", "content": result.text, "tool_name": result.tool})),
        ),
    }
}

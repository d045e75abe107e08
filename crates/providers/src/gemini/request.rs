//! Writes a request for `generateContent`.
//!
//! Invariants: roles alternate; the response of every call follows it, in the order of the calls, since
//! the vendor knows calls by their order and name; signatures go back on the parts that they came on.

use std::collections::HashMap;

use jamey_engine::ports::{Message, Request};
use serde_json::{Value, json};

use super::{
    asks::Asks,
    sealed::Sealed,
    without::{NO_TOOLS, instruct, tell_calls},
};
use crate::dialect::{
    opaque::unpack,
    schema,
    written::{arguments, base64},
};

/// Stands in for the signature of a call that another model made; the vendor's own word for it.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// Writes the body of `POST …:streamGenerateContent`.
pub(super) fn body(request: &Request, provider: &str, asks: Asks) -> Value {
    let mut body = json!({});
    let Some(map) = body.as_object_mut() else { return body };
    let mut contents = contents(request, provider);
    let has_tools = !request.tools.is_empty() && asks.tools;
    // "Function calling with a response mime type: 'application/json' is unsupported", say models before 3.
    let is_told = !asks.schema || (has_tools && version(&request.model) < 3.0);
    let mut system = if is_told { schema::told(request) } else { request.system.as_str().into() };
    if !asks.tools {
        tell_calls(&mut contents);
    }
    if !asks.tools && !request.tools.is_empty() {
        let gap = if system.is_empty() { "" } else { "\n\n" };
        system = format!("{system}{gap}{NO_TOOLS}").into();
    }
    if !system.is_empty() && !asks.instructions {
        instruct(&mut contents, &system);
    }
    map.insert("contents".into(), contents.into());
    if !system.is_empty() && asks.instructions {
        map.insert("systemInstruction".into(), json!({"parts": [{"text": system}]}));
    }
    if has_tools {
        let tools = request.tools.iter().map(|tool| {
            json!({
                "name": tool.name,
                "description": tool.description,
                "parametersJsonSchema": tool.parameters,
            })
        });
        map.insert("tools".into(), json!([{"functionDeclarations": tools.collect::<Vec<Value>>()}]));
        if request.calls_off {
            map.insert("toolConfig".into(), json!({"functionCallingConfig": {"mode": "NONE"}}));
        }
    }
    let mut config = serde_json::Map::new();
    if let Some(most) = request.max_output {
        config.insert("maxOutputTokens".into(), most.into());
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| !is_told) {
        config.insert("responseMimeType".into(), "application/json".into());
        config.insert("responseJsonSchema".into(), schema.clone());
    }
    if asks.thoughts && thinks(&request.model) {
        config.insert("thinkingConfig".into(), json!({"includeThoughts": true}));
    }
    if !config.is_empty() {
        map.insert("generationConfig".into(), config.into());
    }
    body
}

/// Whether the model thinks. Older ones refuse to be asked for their thoughts.
fn thinks(model: &str) -> bool {
    version(model) >= 2.5 && !["image", "tts", "audio", "live"].iter().any(|kind| model.contains(kind))
}

/// The version in a model's name; 0 where it is none of the family.
fn version(model: &str) -> f32 {
    let Some(rest) = model.strip_prefix("gemini-") else { return 0.0 };
    // `gemini-pro-latest` and its like name no version: they are whatever is newest.
    if rest.ends_with("-latest") && !rest.starts_with(|first: char| first.is_ascii_digit()) {
        return f32::INFINITY;
    }
    rest.split('-').next().and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

fn contents(request: &Request, provider: &str) -> Vec<Value> {
    let mut turns: Vec<(&'static str, Vec<Value>)> = Vec::new();
    let mut add = |role: &'static str, mut parts: Vec<Value>| match turns.last_mut() {
        _ if parts.is_empty() => {}
        Some((last, so_far)) if *last == role => so_far.append(&mut parts),
        _ => turns.push((role, parts)),
    };
    for message in &request.messages {
        match message {
            Message::User { text, images } => {
                let images = images.iter().map(
                    |image| json!({"inlineData": {"mimeType": image.media_type, "data": base64(image)}}),
                );
                let text = (!text.is_empty()).then(|| json!({ "text": text }));
                add("user", images.chain(text).collect());
            }
            Message::Assistant { reasoning, text, calls } => {
                let mut on_text = None;
                let mut on_calls = HashMap::new();
                for (_, sealed, _) in unpack(reasoning, provider, &request.model) {
                    match sealed {
                        Sealed::Text { signature } => on_text = Some(signature),
                        Sealed::Call { index, signature } => {
                            on_calls.insert(index, signature);
                        }
                    }
                }
                if text.is_empty() && calls.is_empty() {
                    continue;
                }
                let said = (!text.is_empty()).then(|| signed(json!({ "text": text }), on_text));
                // Models from 3 on refuse a first call of a step without a signature.
                if on_calls.is_empty() && !calls.is_empty() && thinks(&request.model) {
                    on_calls.insert(0, NO_SIGNATURE.to_owned());
                }
                let calls = calls.iter().enumerate().map(|(index, call)| {
                    let part = json!({"functionCall": {"name": call.tool, "args": arguments(call).as_ref()}});
                    signed(part, on_calls.remove(&index))
                });
                add("model", said.into_iter().chain(calls).collect());
            }
            Message::Results(results) => {
                let results = results.iter().map(|result| {
                    let key = if result.ok { "output" } else { "error" };
                    let response = json!({ key: result.text });
                    json!({"functionResponse": {"name": result.tool, "response": response}})
                });
                add("user", results.collect());
            }
        }
    }
    turns.into_iter().map(|(role, parts)| json!({"role": role, "parts": parts})).collect()
}

fn signed(mut part: Value, signature: Option<String>) -> Value {
    if let (Some(map), Some(signature)) = (part.as_object_mut(), signature) {
        map.insert("thoughtSignature".into(), signature.into());
    }
    part
}

#[cfg(test)]
mod tests {
    use super::thinks;

    #[test]
    fn only_models_that_think_are_asked_for_their_thoughts() {
        for (model, does) in [
            ("gemini-2.5-flash", true),
            ("gemini-3-pro-preview", true),
            ("gemini-3.1-flash", true),
            ("gemini-2.0-flash", false),
            ("gemini-2.5-flash-image", false),
            ("gemma-3-27b-it", false),
            ("gemini-flash-latest", true),
            ("gemini-pro-latest", true),
            ("gemini-1.5-flash-latest", false),
            ("gemini-live-latest", false),
        ] {
            assert_eq!(thinks(model), does, "{model}");
        }
    }
}

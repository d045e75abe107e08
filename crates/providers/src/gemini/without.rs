//! What stands in for that of a request which a model does not take.

use serde_json::{Value, json};

/// What a model is told that can call nothing, though its instructions speak of tools.
pub(super) const NO_TOOLS: &str = "You cannot call any of the tools that are spoken of here. Where one would be needed, say so, and \
     what you would do with it.";

/// Puts the instructions in front of the first words of the user.
pub(super) fn instruct(contents: &mut Vec<Value>, instructions: &str) {
    let part = json!({ "text": instructions });
    let first = contents.first_mut().filter(|turn| turn["role"] == "user");
    match first.and_then(|turn| turn["parts"].as_array_mut()) {
        Some(parts) => parts.insert(0, part),
        None => contents.insert(0, json!({"role": "user", "parts": [part]})),
    }
}

/// Tells calls and what they gave, as an earlier model made them, in words.
pub(super) fn tell_calls(contents: &mut [Value]) {
    let parts = contents.iter_mut().filter_map(|turn| turn["parts"].as_array_mut()).flatten();
    for part in parts {
        let told = if let Some(call) = part.get("functionCall") {
            format!("(Called {} with {})", name(call), call["args"])
        } else if let Some(response) = part.get("functionResponse") {
            format!("(What {} gave: {})", name(response), response["response"])
        } else {
            continue;
        };
        *part = json!({ "text": told });
    }
}

fn name(call: &Value) -> &str {
    call["name"].as_str().unwrap_or_default()
}

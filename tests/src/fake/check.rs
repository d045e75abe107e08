//! What a real vendor would refuse. Every request is held to it, so that a broken history cannot
//! hide behind a friendly fake.

use std::collections::HashSet;

use serde_json::Value;

/// Names everything that is wrong with a Chat Completions request.
pub(super) fn faults(body: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if body["model"].as_str().is_none_or(str::is_empty) {
        faults.push("no model".to_owned());
    }
    if body["stream"] != true {
        faults.push("not streaming".to_owned());
    }
    tools(body, &mut faults);
    let empty = Vec::new();
    let messages = body["messages"].as_array().unwrap_or(&empty);
    match messages.last().and_then(|message| message["role"].as_str()) {
        Some("user" | "tool") => {}
        other => faults.push(format!("the last message is of {other:?}")),
    }
    let mut open: Vec<String> = Vec::new();
    let mut is_past_head = false;
    let mut before = "";
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or("");
        if role != "tool" && !open.is_empty() {
            faults.push(format!("message {at}: calls without output: {open:?}"));
            open.clear();
        }
        match role {
            "system" | "developer" if is_past_head => {
                faults.push(format!("message {at}: a late {role} message"));
            }
            "system" | "developer" => {}
            // Templates of local models refuse it: "Conversation roles must alternate user/assistant".
            "user" if before == "user" => {
                faults.push(format!("message {at}: two messages of the user in a row"));
            }
            // Mistral: "Unexpected role 'user' after role 'tool'".
            "user" if before == "tool" => {
                faults.push(format!("message {at}: a user right after the results of tools"));
            }
            "user" => {
                if is_blank(&message["content"]) {
                    faults.push(format!("message {at}: an empty user message"));
                }
            }
            "assistant" => {
                if !is_past_head {
                    faults.push(format!("message {at}: the assistant speaks first"));
                }
                open = calls(at, message, &mut faults);
                if open.is_empty() && is_blank(&message["content"]) {
                    faults.push(format!("message {at}: an empty assistant message"));
                }
            }
            "tool" => {
                let id = message["tool_call_id"].as_str().unwrap_or("");
                match open.iter().position(|call| call == id) {
                    Some(place) => drop(open.remove(place)),
                    None => faults.push(format!("message {at}: an output without its call ({id})")),
                }
                if !message["content"].is_string() {
                    faults.push(format!("message {at}: an output without text"));
                }
            }
            other => faults.push(format!("message {at}: role {other:?}")),
        }
        before = role;
        is_past_head |= !matches!(role, "system" | "developer");
    }
    if !open.is_empty() {
        faults.push(format!("calls without output at the end: {open:?}"));
    }
    faults
}

fn calls(at: usize, message: &Value, faults: &mut Vec<String>) -> Vec<String> {
    let mut ids = Vec::new();
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let id = call["id"].as_str().unwrap_or("").to_owned();
        if id.is_empty() || ids.contains(&id) {
            faults.push(format!("message {at}: a call without an id of its own ({id:?})"));
        }
        // Mistral and the templates of its models take no other form.
        if id.len() != 9 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            faults.push(format!("message {at}: the id {id} of a call is not nine letters and digits"));
        }
        if call["function"]["name"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("message {at}: a call without a name"));
        }
        let arguments = call["function"]["arguments"].as_str().unwrap_or("not text");
        if serde_json::from_str::<Value>(arguments).is_err() {
            faults.push(format!("message {at}: arguments that are no JSON: {arguments}"));
        }
        ids.push(id);
    }
    ids
}

fn tools(body: &Value, faults: &mut Vec<String>) {
    let mut names = HashSet::new();
    match &body["tools"] {
        Value::Null => {}
        Value::Array(tools) if !tools.is_empty() => {
            for tool in tools {
                let name = tool["function"]["name"].as_str().unwrap_or("");
                if name.is_empty() || !names.insert(name) {
                    faults.push(format!("a tool without a name of its own ({name:?})"));
                }
                if tool["function"]["parameters"]["type"] != "object" {
                    faults.push(format!("{name}: parameters are no object schema"));
                }
            }
        }
        other => faults.push(format!("tools is {other}")),
    }
}

fn is_blank(content: &Value) -> bool {
    match content {
        Value::String(text) => text.is_empty(),
        Value::Array(parts) => parts.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(messages: &Value) -> Value {
        json!({"model": "m", "stream": true, "messages": messages})
    }

    fn call(id: &str) -> Value {
        json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": id, "type": "function", "function": {"name": "t", "arguments": "{}"}}]})
    }

    #[test]
    fn a_whole_round_is_accepted() {
        let output = json!({"role": "tool", "tool_call_id": "a00000001", "content": ""});
        let messages = json!([{"role": "system", "content": "s"}, {"role": "user", "content": "u"}, call("a00000001"), output]);
        assert_eq!(faults(&request(&messages)), Vec::<String>::new());
    }

    #[test]
    fn a_call_and_its_output_must_come_together() {
        let user = json!({"role": "user", "content": "u"});
        let output = json!({"role": "tool", "tool_call_id": "b00000001", "content": "x"});
        assert!(faults(&request(&json!([user, call("a00000001"), user])))[0].contains("without output"));
        assert!(faults(&request(&json!([user, output])))[0].contains("without its call"));
        assert!(!faults(&request(&json!([user, call("a00000001")]))).is_empty());
    }

    #[test]
    fn an_assistant_that_says_nothing_is_refused() {
        let user = json!({"role": "user", "content": "u"});
        let silent = json!({"role": "assistant", "content": ""});
        assert_eq!(faults(&request(&json!([user, silent, user]))).len(), 1);
    }

    #[test]
    fn what_only_some_servers_refuse_is_refused_too() {
        let user = json!({"role": "user", "content": "u"});
        let output = json!({"role": "tool", "tool_call_id": "call_1", "content": "x"});
        assert!(faults(&request(&json!([user, user])))[0].contains("in a row"));
        assert!(faults(&request(&json!([user, call("call_1"), output])))[0].contains("nine letters"));
        let output = json!({"role": "tool", "tool_call_id": "a00000001", "content": "x"});
        assert!(faults(&request(&json!([user, call("a00000001"), output, user])))[0].contains("right after"));
    }
}

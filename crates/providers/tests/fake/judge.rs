//! What a vendor would refuse: an output without its call, a call without its output, two messages of one
//! role in a row where the vendor wants them to alternate, a part that is none.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::Seen;

type Fault = Result<(), String>;

/// Says what is wrong with a request, if anything is.
pub fn fault(seen: &Seen) -> Option<String> {
    let path = seen.line.strip_prefix("POST ")?;
    let path = path.split('?').next().unwrap_or_default();
    if seen.headers.get("content-type").map(String::as_str) != Some("application/json") {
        return Some("content type".to_owned());
    }
    let body = &seen.body;
    let judged = if path.ends_with("/chat/completions") {
        streams(body).and_then(|()| chat(body, !path.contains("/openai/")))
    } else if path.ends_with("/responses") {
        streams(body).and_then(|()| responses(body))
    } else if path.ends_with("/messages") {
        streams(body).and_then(|()| messages(seen))
    } else if path.ends_with(":streamGenerateContent") {
        gemini(seen)
    } else if path == "/api/chat" {
        streams(body).and_then(|()| ollama(body))
    } else {
        Err(format!("nobody answers at {path}"))
    };
    judged.err()
}

fn must(holds: bool, what: &str) -> Fault {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn streams(body: &Value) -> Fault {
    must(body["model"].as_str().is_some_and(|model| !model.is_empty()), "model")?;
    must(body["stream"] == Value::Bool(true), "stream")
}

fn list<'a>(value: &'a Value, what: &str) -> Result<&'a Vec<Value>, String> {
    value.as_array().filter(|list| !list.is_empty()).ok_or(format!("{what} is no list with something in it"))
}

fn object_in_text(text: &Value) -> Fault {
    let text = text.as_str().unwrap_or_default();
    let is_object = serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object());
    must(is_object, &format!("arguments {text}"))
}

fn is_image_url(value: &Value) -> bool {
    value.as_str().is_some_and(|url| url.starts_with("data:image/") && url.contains(";base64,"))
}

/// `strict` holds it to what servers want that are not OpenAI or Azure.
fn chat(body: &Value, strict: bool) -> Fault {
    let mut open: HashSet<String> = HashSet::new();
    let mut before = "";
    for message in list(&body["messages"], "messages")? {
        let role = message["role"].as_str().unwrap_or_default();
        must(role != "user" || before != "user", "two messages of the user in a row")?;
        must(!strict || role != "user" || before != "tool", "a user right after the results of tools")?;
        before = role;
        must(role == "tool" || open.is_empty(), &format!("calls without output before a {role} message"))?;
        match role {
            "user" if message["content"].is_array() => {
                for part in list(&message["content"], "content")? {
                    let is_text = part["type"] == "text" && part["text"].is_string();
                    let is_image = part["type"] == "image_url" && is_image_url(&part["image_url"]["url"]);
                    must(is_text || is_image, "a part that is neither text nor image")?;
                }
            }
            "system" | "user" => must(message["content"].is_string(), "content")?,
            "assistant" => {
                let calls = message["tool_calls"].as_array().cloned().unwrap_or_default();
                let parts = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
                for part in parts {
                    let is_text = |part: &Value| part["type"] == "text" && part["text"].is_string();
                    let thoughts = part["thinking"].as_array();
                    let is_thought =
                        part["type"] == "thinking" && thoughts.is_some_and(|all| all.iter().all(is_text));
                    must(is_text(part) || is_thought, "a part that is neither text nor thought")?;
                }
                let says = message["content"].is_string() || parts.iter().any(|part| part["type"] == "text");
                must(!calls.is_empty() || says, "an assistant without anything")?;
                for call in &calls {
                    object_in_text(&call["function"]["arguments"])?;
                    let id = call["id"].as_str().unwrap_or_default();
                    let is_short = id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
                    must(is_short, &format!("the id {id} of a call is not nine letters and digits"))?;
                    must(open.insert(id.to_owned()), "the same call twice")?;
                }
            }
            "tool" => {
                let id = message["tool_call_id"].as_str().unwrap_or_default();
                must(open.remove(id), "an output without its call")?;
            }
            _ => return Err(format!("role {role:?}")),
        }
    }
    must(open.is_empty(), "calls without output at the end")
}

fn responses(body: &Value) -> Fault {
    must(body["store"] == Value::Bool(false), "store")?;
    let mut open: HashSet<String> = HashSet::new();
    let mut after_reasoning = false;
    for item in list(&body["input"], "input")? {
        let kind = item["type"].as_str().unwrap_or_default();
        if after_reasoning {
            let may_follow = kind == "reasoning" || kind == "function_call" || item["role"] == "assistant";
            must(may_follow, "reasoning without what it led to")?;
        }
        after_reasoning = kind == "reasoning";
        let id = item["call_id"].as_str().unwrap_or_default().to_owned();
        match kind {
            "message" => {
                must(open.is_empty(), "calls without output before a message")?;
                for part in item["content"].as_array().into_iter().flatten() {
                    let is_text = part["type"] == "input_text" && part["text"].is_string();
                    let is_image = part["type"] == "input_image" && is_image_url(&part["image_url"]);
                    must(is_text || is_image, "a part that is neither text nor image")?;
                }
            }
            "reasoning" => {
                must(item["summary"].is_array() && item["encrypted_content"].is_string(), "reasoning")?;
            }
            "function_call" => {
                object_in_text(&item["arguments"])?;
                must(open.insert(id), "the same call twice")?;
            }
            "function_call_output" => must(open.remove(&id), "an output without its call")?,
            _ => return Err(format!("item {kind:?}")),
        }
    }
    must(!after_reasoning, "reasoning at the end")?;
    must(open.is_empty(), "calls without output at the end")
}

fn messages(seen: &Seen) -> Fault {
    must(seen.headers.contains_key("anthropic-version"), "anthropic-version")?;
    must(seen.body["max_tokens"].as_u64().is_some_and(|most| most > 0), "max_tokens")?;
    let marks = seen.body.to_string().matches("\"cache_control\"").count();
    must(marks <= 4, "more than four marks of the cache")?;
    let has_calls = seen.body["messages"].to_string().contains("\"tool_use\"");
    must(!has_calls || seen.body["tools"].is_array(), "calls without the tools that they are of")?;
    let mut open: HashSet<String> = HashSet::new();
    let mut wanted = "user";
    for message in list(&seen.body["messages"], "messages")? {
        must(message["role"] == wanted, "roles do not alternate from user on")?;
        wanted = if wanted == "user" { "assistant" } else { "user" };
        let mut only_results = true;
        for block in list(&message["content"], "content")? {
            let kind = block["type"].as_str().unwrap_or_default();
            if kind != "tool_result" {
                // The model may think between two calls of one answer.
                let is_of_the_answer = matches!(kind, "tool_use" | "thinking" | "redacted_thinking");
                let goes_on = is_of_the_answer && message["role"] == "assistant";
                must(goes_on || open.is_empty(), "a call without its result")?;
                only_results = false;
            }
            match kind {
                "text" => {
                    let text = block["text"].as_str().unwrap_or_default();
                    must(!text.trim().is_empty(), "a text without anything in it")?;
                }
                "image" => must(block["source"]["data"].is_string(), "image")?,
                "thinking" => {
                    must(block["signature"].is_string() && block["thinking"].is_string(), "thinking")?;
                }
                "redacted_thinking" => must(block["data"].is_string(), "redacted thinking")?,
                "tool_use" => {
                    must(block["input"].is_object(), "input that is no object")?;
                    open.insert(block["id"].as_str().unwrap_or_default().to_owned());
                }
                "tool_result" => {
                    must(only_results, "a result behind something else")?;
                    let id = block["tool_use_id"].as_str().unwrap_or_default();
                    must(open.remove(id), "a result without its call")?;
                }
                _ => return Err(format!("block {kind:?}")),
            }
        }
    }
    must(wanted == "assistant", "the last message is not the user's")?;
    must(open.is_empty(), "calls without result at the end")
}

fn gemini(seen: &Seen) -> Fault {
    must(!seen.line.contains("key="), "a key in the URL")?;
    must(seen.line.ends_with("alt=sse"), "alt=sse")?;
    // Each call's name, and its id where it has one.
    let mut open: VecDeque<(Value, Value)> = VecDeque::new();
    let mut wanted = "user";
    for content in list(&seen.body["contents"], "contents")? {
        must(content["role"] == wanted, "roles do not alternate from user on")?;
        wanted = if wanted == "user" { "model" } else { "user" };
        for part in list(&content["parts"], "parts")? {
            if let Some(call) = part.get("functionCall") {
                must(call["args"].is_object(), "args")?;
                open.push_back((call["name"].clone(), call["id"].clone()));
            } else if let Some(response) = part.get("functionResponse") {
                must(response["response"].is_object(), "response")?;
                let of = Some((response["name"].clone(), response["id"].clone()));
                must(open.pop_front() == of, "a response without its call")?;
            } else if part["thought"] == true {
                // The model may think between two calls of one answer.
                must(content["role"] == "model" && part["text"].is_string(), "a thought of nobody")?;
            } else {
                must(open.is_empty(), "a call without its response")?;
                let is_data = part["inlineData"]["data"].is_string();
                must(part["text"].is_string() || is_data, "a part that is neither text nor image")?;
            }
        }
    }
    must(open.is_empty(), "calls without response at the end")
}

fn ollama(body: &Value) -> Fault {
    must(body["options"]["num_ctx"].as_u64().is_some_and(|tokens| tokens > 0), "num_ctx")?;
    must(body["truncate"] == Value::Bool(false), "truncate")?;
    let mut open: HashMap<String, usize> = HashMap::new();
    for message in list(&body["messages"], "messages")? {
        let role = message["role"].as_str().unwrap_or_default();
        must(message["content"].is_string(), "content")?;
        must(role == "tool" || open.is_empty(), "calls without output")?;
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            must(call["function"]["arguments"].is_object(), "arguments")?;
            *open.entry(call["function"]["name"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        if role == "tool" {
            let name = message["tool_name"].as_str().unwrap_or_default();
            let left = open.get_mut(name).ok_or("an output without its call")?;
            *left -= 1;
            if *left == 0 {
                open.remove(name);
            }
        }
    }
    must(open.is_empty(), "calls without output at the end")
}

//! The shape of answers.

use serde_json::{Value, json};

use crate::harness::{Start, ask, events};

fn file_read() -> Value {
    json!({"type": "function", "function": {"name": "file_read", "description": "reads a file",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}}})
}

#[test]
fn a_streamed_answer_has_the_shape_that_clients_expect() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start::new(dir.path()).run();
    assert_eq!(server.first_line["ready"], true);
    let mut body = ask("Say hello");
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let answer = server.chat(&body);
    assert_eq!(answer.status, 200);
    let events = events(&answer.body);
    assert_eq!(events.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> =
        events[..events.len() - 1].iter().map(|e| serde_json::from_str(e).unwrap()).collect();
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String = chunks.iter().filter_map(|c| c["choices"][0]["delta"]["content"].as_str()).collect();
    assert!(!text.is_empty());
    let finishes: Vec<&str> =
        chunks.iter().filter_map(|c| c["choices"][0]["finish_reason"].as_str()).collect();
    assert_eq!(finishes, ["length"]);
    let usage = &chunks.last().unwrap()["usage"];
    assert_eq!(usage["completion_tokens"], 8);
    assert_eq!(chunks.last().unwrap()["choices"], json!([]));

    let whole = server.chat(&ask("Say hello")).json();
    assert_eq!(whole["choices"][0]["message"]["content"], text);
    assert_eq!(whole["choices"][0]["finish_reason"], "length");
    assert_eq!(whole["object"], "chat.completion");
}

#[test]
fn a_model_without_tools_in_its_template_answers_in_text() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start::new(dir.path()).run();
    let mut body = ask("What is in notes.txt?");
    body["tools"] = json!([file_read()]);
    let answer = server.chat(&body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let message = &answer.json()["choices"][0]["message"];
    assert!(message["content"].as_str().is_some_and(|t| !t.is_empty()), "{message}");
    assert_eq!(message.get("tool_calls"), None);
}

#[test]
fn in_the_line_protocol_even_the_smallest_model_calls_tools_correctly() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("notes.txt"), "hello").unwrap();
    let server = Start { protocol: "line", ..Start::new(dir.path()) }.run();
    let mut body = json!({"messages": [{"role": "user", "content": "What is in notes.txt?"}],
        "tools": [file_read()], "jamey": {"cwd": dir.path()}, "stream": true});
    let answer = server.chat(&body);
    let chunks: Vec<Value> = events(&answer.body)
        .iter()
        .filter(|e| **e != "[DONE]")
        .map(|e| serde_json::from_str(e).unwrap())
        .collect();
    let call = chunks.iter().find_map(|c| c["choices"][0]["delta"]["tool_calls"].get(0)).expect("no call");
    assert_eq!((call["index"].as_u64(), call["type"].as_str()), (Some(0), Some("function")));
    assert_eq!(call["function"]["name"], "file_read");
    let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert!(arguments["path"].is_string(), "{arguments}");
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");

    // The result comes back, and the model goes on from it.
    let id = call["id"].as_str().unwrap();
    body["stream"] = json!(false);
    body["messages"].as_array_mut().unwrap().extend([
        json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": id, "type": "function", "function": call["function"]}]}),
        json!({"role": "tool", "tool_call_id": id, "content": "(1 lines)\nhello"}),
    ]);
    let next = server.chat(&body);
    assert_eq!(next.status, 200, "{}", next.body);
    let usage = &next.json()["usage"];
    let cached = usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
    assert!(usage["prompt_tokens"].as_u64().unwrap() - cached < 60, "{usage}");
}

#[test]
fn a_conversation_that_does_not_fit_is_refused_in_numbers() {
    let dir = tempfile::tempdir().unwrap();
    for protocol in ["native", "line"] {
        let server = Start { protocol, context: "1024", ..Start::new(dir.path()) }.run();
        let mut body = ask(&"many words ".repeat(1500));
        body["stream"] = json!(true);
        body["tools"] = json!([file_read()]);
        let answer = server.chat(&body);
        assert_eq!(answer.status, 400);
        let error = &answer.json()["error"];
        assert_eq!(error["code"], "context_length_exceeded");
        assert!(error["message"].as_str().unwrap().contains("tokens and the model has room for"), "{error}");
    }
}

#[test]
fn the_line_protocol_leaves_out_the_oldest_turns_when_they_do_not_fit() {
    let dir = tempfile::tempdir().unwrap();
    let server = Start { protocol: "line", context: "1024", ..Start::new(dir.path()) }.run();
    let long = "word ".repeat(300);
    let mut messages = Vec::new();
    for _ in 0..6 {
        messages.push(json!({"role": "user", "content": long}));
        messages.push(json!({"role": "assistant", "content": "Yes."}));
    }
    messages.push(json!({"role": "user", "content": "Hello"}));
    let answer = server.chat(&json!({"messages": messages, "max_tokens": 4}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.json()["usage"]["prompt_tokens"].as_u64().unwrap() > 600);
}

#[test]
fn an_answer_follows_the_schema_that_is_asked_for_in_both_protocols() {
    let dir = tempfile::tempdir().unwrap();
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["mood", "sure"],
        "properties": {"mood": {"enum": ["good", "bad"]}, "sure": {"type": "boolean"}}});
    for (protocol, tools) in [("native", vec![]), ("line", vec![]), ("line", vec![file_read()])] {
        let server = Start { protocol, ..Start::new(dir.path()) }.run();
        let mut body = ask("How are you?");
        body["max_tokens"] = json!(64);
        body["response_format"] =
            json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}});
        if !tools.is_empty() {
            body["tools"] = json!(tools);
        }
        let message = server.chat(&body).json()["choices"][0]["message"].clone();
        // With a tool it may look first.
        if message.get("tool_calls").is_none() {
            let answer: Value = serde_json::from_str(message["content"].as_str().unwrap()).unwrap();
            assert!(
                answer["sure"].is_boolean() && ["good", "bad"].map(Value::from).contains(&answer["mood"])
            );
        }
        body["response_format"]["json_schema"]["schema"] = json!({"type": "nothing known"});
        let refused = server.chat(&body);
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.body.contains("schema"), "{}", refused.body);
    }
}

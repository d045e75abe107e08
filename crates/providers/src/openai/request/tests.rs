use std::{path::PathBuf, sync::Arc};

use jamey_engine::ports::{Image, Message, ProposedCall, Request, ToolResult};
use jamey_protocol::{CallId, ToolDescription};
use serde_json::{Value, json};

use super::{Extension, Habits, Limit, Style, body, short};

fn conversation() -> (Request, CallId) {
    let call_id = CallId::new();
    let tool = ToolDescription {
        name: "file_read".into(),
        description: "Reads a file".into(),
        parameters: json!({"type": "object"}),
        source: "built-in".into(),
        permission: "runs".into(),
    };
    let call =
        ProposedCall { call_id, tool: "file_read".into(), arguments: Ok(json!({"path": "a", "b": 1})) };
    let result = ToolResult { call_id, tool: "file_read".into(), text: "hello".into(), ok: true };
    let request = Request {
        model: "m".into(),
        system: "Be brief.".into(),
        messages: vec![
            Message::user("read a"),
            Message::assistant("", vec![call]),
            Message::Results(vec![result]),
        ],
        tools: vec![tool],
        cwd: PathBuf::from("/home/p"),
        ..Request::default()
    };
    (request, call_id)
}

fn style(extension: Extension) -> Style<'static> {
    Style { provider: "p", extension, limit: Limit::MaxTokens, habits: Habits::default() }
}

fn written(request: &Request, extension: Extension) -> Value {
    serde_json::from_slice(&body(request, style(extension)).unwrap()).unwrap()
}

#[test]
fn a_conversation_with_a_call_is_written_in_the_published_form() {
    let (request, call_id) = conversation();
    let id = short(call_id);
    assert!(id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    assert_eq!(
        written(&request, Extension::None),
        json!({
            "model": "m",
            "stream": true,
            "stream_options": {"include_usage": true},
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "read a"},
                {"role": "assistant", "content": null, "tool_calls": [{
                    "id": id, "type": "function",
                    "function": {"name": "file_read", "arguments": "{\"path\":\"a\",\"b\":1}"},
                }]},
                {"role": "tool", "content": "hello", "tool_call_id": id},
            ],
            "tools": [{"type": "function", "function": {
                "name": "file_read", "description": "Reads a file", "parameters": {"type": "object"},
            }}],
        })
    );
}

#[test]
fn a_longer_conversation_begins_with_the_bytes_of_the_shorter_one() {
    let (mut request, _) = conversation();
    request.tools.clear();
    let short = body(&request, style(Extension::None)).unwrap();
    request.messages.push(Message::assistant("It says hello.", vec![]));
    request.messages.push(Message::user("thanks"));
    let long = body(&request, style(Extension::None)).unwrap();
    assert_eq!(long[..short.len() - 2], short[..short.len() - 2]);
}

#[test]
fn arguments_that_were_no_json_are_shown_inside_an_object() {
    let (mut request, call_id) = conversation();
    let call = ProposedCall { call_id, tool: "t".into(), arguments: Err("{\"a\": (not closed)".into()) };
    request.messages[1] = Message::assistant("x", vec![call]);
    let body = written(&request, Extension::None);
    let sent = body["messages"][2]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    let sent: Value = serde_json::from_str(sent).unwrap();
    assert_eq!(sent, json!({"invalid_arguments": "{\"a\": (not closed)"}));
}

#[test]
fn an_answer_without_words_and_calls_is_left_out() {
    let messages = vec![Message::user("a"), Message::assistant("", vec![])];
    let request = Request { messages, ..Request::default() };
    assert_eq!(written(&request, Extension::None)["messages"], json!([{"role": "user", "content": "a"}]));
}

#[test]
fn only_the_embedded_model_is_told_the_folder() {
    let (request, _) = conversation();
    assert!(written(&request, Extension::None).get("jamey").is_none());
    assert_eq!(written(&request, Extension::Folder)["jamey"], json!({"cwd": "/home/p"}));
}

#[test]
fn images_a_schema_and_a_limit_are_written_in_the_published_form() {
    let image = Image { media_type: "image/png".into(), data: Arc::from(&b"\x89PNG"[..]) };
    let mut request = Request {
        messages: vec![Message::User { text: "what is it?".into(), images: vec![image] }],
        max_output: Some(9),
        schema: Some(json!({"type": "object"})),
        ..Request::default()
    };
    let body = written(&request, Extension::None);
    assert_eq!(
        body["messages"],
        json!([{"role": "user", "content": [
            {"type": "text", "text": "what is it?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        ]}])
    );
    let format =
        json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}});
    assert_eq!((&body["response_format"], &body["max_tokens"]), (&format, &json!(9)));
    request.schema = None;
    let vendor =
        super::body(&request, Style { limit: Limit::MaxCompletionTokens, ..style(Extension::None) }).unwrap();
    let vendor: Value = serde_json::from_slice(&vendor).unwrap();
    assert_eq!((&vendor["max_completion_tokens"], vendor.get("max_tokens")), (&json!(9), None));
}

#[test]
fn what_the_user_says_in_a_row_is_one_message() {
    let image = || Image { media_type: "image/png".into(), data: Arc::from(&b"\x89PNG"[..]) };
    let user = |text: &str, images| Message::User { text: text.into(), images };
    let body =
        |messages| written(&Request { messages, ..Request::default() }, Extension::None)["messages"].clone();
    assert_eq!(
        body(vec![user("a", vec![]), Message::assistant("", vec![]), user("b", vec![])]),
        json!([{"role": "user", "content": "a\n\nb"}])
    );
    let mixed =
        body(vec![user("a", vec![]), user("", vec![image()]), user("b", vec![]), user("c", vec![image()])]);
    let kinds: Vec<_> =
        mixed[0]["content"].as_array().unwrap().iter().map(|part| part["type"].clone()).collect();
    assert_eq!(
        (mixed.as_array().unwrap().len(), kinds),
        (1, ["text", "image_url", "text", "text", "image_url"].map(Value::from).to_vec())
    );
}

#[test]
fn what_the_user_says_after_results_of_tools_follows_a_short_answer_where_servers_want_that() {
    let (mut request, _) = conversation();
    request.messages.extend([Message::user("stop"), Message::user("do b"), Message::assistant("b", vec![])]);
    let roles = |habits: Habits| -> Vec<String> {
        let body = body(&request, Style { habits, ..style(Extension::None) }).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let messages = body["messages"].as_array().unwrap().iter();
        messages.map(|line| line["role"].as_str().unwrap().to_owned()).collect()
    };
    let plain = Habits { bridged: false, ..Habits::default() };
    assert_eq!(roles(plain), ["system", "user", "assistant", "tool", "user", "assistant"]);
    assert_eq!(
        roles(Habits::default()),
        ["system", "user", "assistant", "tool", "assistant", "user", "assistant"]
    );
}

#[test]
fn ids_of_calls_are_nine_letters_that_do_not_repeat() {
    let ids: std::collections::HashSet<String> = (0..10_000).map(|_| short(CallId::new())).collect();
    assert_eq!(ids.len(), 10_000);
    let id = CallId::new();
    assert_eq!(short(id), short(id), "the same call is written alike in every turn");
}

use std::sync::Arc;

use jamey_engine::ports::{Image, Message, ProposedCall, Request, Thought, ToolResult};
use jamey_protocol::{CallId, ToolDescription};
use serde_json::json;

use super::{Asks, body};
use crate::{
    anthropic::{provider::Thinking, sealed::Sealed},
    dialect::opaque::{Place, pack},
};

fn thought(model: &str, text: &str, sealed: &Sealed) -> Thought {
    Thought { text: text.into(), opaque: Some(pack(sealed, Place::default())), model: model.into() }
}

#[test]
fn a_conversation_with_everything_is_written_in_the_published_form() {
    let call_id = CallId::new();
    let signature = "EuYBCkQYAiJA+/=\u{e9}\"\\n".to_owned();
    let call = ProposedCall { call_id, tool: "file_read".into(), arguments: Ok(json!({"path": "a"})) };
    let image = Image { media_type: "image/png".into(), data: Arc::from(&b"\x89PNG"[..]) };
    let request = Request {
        model: "claude-x".into(),
        system: "Be brief.".into(),
        messages: vec![
            Message::User { text: "look".into(), images: vec![image] },
            Message::Assistant {
                reasoning: vec![
                    thought("anthropic/claude-x", "hm", &Sealed::Thinking { signature: signature.clone() }),
                    thought("anthropic/claude-x", "", &Sealed::RedactedThinking { data: "c2Vj".into() }),
                    thought("anthropic/claude-y", "no", &Sealed::Thinking { signature: "other".into() }),
                    Thought { text: "unsigned".into(), opaque: None, model: "anthropic/claude-x".into() },
                ],
                text: String::new(),
                calls: vec![call],
            },
            Message::Results(vec![ToolResult {
                call_id,
                tool: "file_read".into(),
                text: "no such file".into(),
                ok: false,
            }]),
            Message::user("go on"),
        ],
        tools: vec![ToolDescription {
            name: "file_read".into(),
            description: "Reads a file".into(),
            parameters: json!({"type": "object"}),
            source: "built-in".into(),
            permission: "runs".into(),
        }],
        max_output: Some(100),
        schema: Some(json!({"type": "object"})),
        ..Request::default()
    };
    let mark = json!({"type": "ephemeral"});
    assert_eq!(
        body(&request, "anthropic", Thinking::Adaptive, Asks::default()),
        json!({
            "model": "claude-x", "max_tokens": 100, "stream": true,
            "system": [{"type": "text", "text": "Be brief.", "cache_control": mark}],
            "tools": [
                {"name": "file_read", "description": "Reads a file", "input_schema": {"type": "object"}},
            ],
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"format": {"type": "json_schema",
                "schema": {"type": "object", "additionalProperties": false}}},
            "messages": [
                {"role": "user", "content": [
                    {"type": "image", "source":
                        {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}},
                    {"type": "text", "text": "look", "cache_control": mark},
                ]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "hm", "signature": signature},
                    {"type": "redacted_thinking", "data": "c2Vj"},
                    {"type": "tool_use", "id": call_id, "name": "file_read", "input": {"path": "a"}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": call_id, "content": "no such file",
                     "is_error": true},
                    {"type": "text", "text": "go on", "cache_control": mark},
                ]},
            ],
        })
    );
}

#[test]
fn a_limit_is_always_given_since_the_vendor_wants_one() {
    for (model, most) in
        [("claude-opus-4-6", 32_000), ("claude-3-5-haiku-latest", 8192), ("claude-3-opus-20240229", 4096)]
    {
        let request = Request { model: model.into(), ..Request::default() };
        assert_eq!(
            body(&request, "anthropic", Thinking::default(), Asks::default())["max_tokens"],
            most,
            "{model}"
        );
    }
}

#[test]
fn the_limit_leaves_what_is_sent_its_place_in_the_window_and_never_asks_for_more_than_the_model_has() {
    for (model, max_output, room, limit) in [
        ("claude-opus-4-6", None, Some(150_000), 32_000),
        ("claude-opus-4-6", None, Some(9_000), 9_000),
        ("claude-opus-4-6", Some(16_384), Some(9_000), 9_000),
        ("claude-opus-4-6", Some(600), Some(9_000), 600),
        ("claude-3-opus-20240229", Some(16_384), None, 4_096),
        ("qwen3", None, Some(0), 1),
        ("qwen3", None, None, 8_192),
        ("qwen3", None, Some(150_000), 32_000),
        ("my-claude", None, None, 32_000),
    ] {
        let request = Request { model: model.into(), max_output, room, ..Request::default() };
        let body = body(&request, "anthropic", Thinking::default(), Asks::default());
        assert_eq!(body["max_tokens"], limit, "{model} {max_output:?} {room:?}");
    }
}

#[test]
fn nothing_that_the_vendor_would_refuse_as_empty_is_sent() {
    let messages =
        vec![Message::user("a"), Message::assistant(" \n", vec![]), Message::user("b"), Message::user(" ")];
    let body =
        body(&Request { messages, ..Request::default() }, "anthropic", Thinking::default(), Asks::default());
    let mark = json!({"type": "ephemeral"});
    let content = json!([
        {"type": "text", "text": "a"}, {"type": "text", "text": "b", "cache_control": mark},
    ]);
    assert_eq!(body["messages"], json!([{"role": "user", "content": content}]));
}

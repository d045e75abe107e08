//! What is sent: to which address, with which key, and what of an earlier answer goes back.

use std::sync::Arc;

use jamey_engine::ports::{ErrorKind, Image, Message, ProposedCall, Provider, Request, ToolResult};
use jamey_protocol::{CallId, SessionId, ToolDescription};
use jamey_providers::{AzureCredential, AzureOptions, ChatProvider, OllamaProvider, Secret, ServerOptions};
use serde_json::{Value, json};

use super::{ALL, ANTHROPIC, CHAT, Dialect, GEMINI, RESPONSES, ask};
use crate::fake::{
    Fake, Step, chunked,
    got::{Got, ask_with, recorded},
    plain,
};

/// A conversation with everything a request can hold, after the answer `got`.
fn everything(dialect: Dialect, got: Option<&Got>) -> Request {
    let tool = |name: &str| ToolDescription {
        name: name.into(),
        description: "Reads a file".into(),
        parameters: json!({"type": "object", "properties": {"path": {"type": "string"}}}),
        source: "built-in".into(),
        permission: "runs".into(),
    };
    let image = Image { media_type: "image/png".into(), data: Arc::from(&b"\x89PNG\r\n"[..]) };
    let calls: Vec<_> = ["file_read", "list_directory"]
        .map(|tool| ProposedCall {
            call_id: CallId::new(),
            tool: tool.into(),
            arguments: if tool == "file_read" { Ok(json!({"path": "a"})) } else { Err("{\"pa".into()) },
        })
        .into();
    let results = calls.iter().map(|call| ToolResult {
        call_id: call.call_id,
        tool: call.tool.clone(),
        text: if call.arguments.is_ok() { "hello".into() } else { String::new() },
        ok: call.arguments.is_ok(),
    });
    let results = Message::Results(results.collect());
    Request {
        model: if dialect.name == "gemini" { "gemini-3-pro".into() } else { "m-1".into() },
        system: "Be brief.".into(),
        messages: vec![
            Message::User { text: "look".into(), images: vec![image.clone()] },
            Message::Assistant {
                reasoning: got.map(|got| got.thoughts.clone()).unwrap_or_default(),
                text: "Looking.".into(),
                calls,
            },
            results,
            Message::user("also this"),
            Message::User { text: String::new(), images: vec![image] },
            Message::assistant("Done.", vec![]),
            Message::assistant("", vec![]),
            Message::user("thanks"),
        ],
        tools: vec![tool("file_read"), tool("list_directory")],
        max_output: Some(500),
        schema: Some(json!({
            "type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"],
            "additionalProperties": false,
        })),
        ..Request::default()
    }
}

async fn sent(dialect: Dialect, fake: &Fake, provider: &Arc<dyn Provider>, request: Request) -> Value {
    fake.answer(vec![Step::Send(chunked(dialect.media_type, dialect.answer("{}").as_bytes(), 1000))]);
    let got = ask_with(&**provider, request).await;
    assert_eq!(got.error, None, "{}", dialect.name);
    fake.check();
    fake.requests().pop().unwrap().body
}

/// Keeps a request for a test that reads them with the vendors' own types.
fn keep(name: &str, body: &Value) {
    if let Ok(folder) = std::env::var("JAMEY_TEST_REQUESTS") {
        let path = std::path::Path::new(&folder).join(format!("{name}.json"));
        std::fs::write(path, serde_json::to_vec_pretty(body).unwrap()).unwrap();
    }
}

/// A recorded answer with thoughts of the vendor, given for `model`.
async fn thought(dialect: Dialect, fake: &Fake, provider: &Arc<dyn Provider>, model: &str) -> Got {
    let name = match dialect.name {
        "responses" => "reasoning-then-calls",
        "gemini" => "thoughts-then-calls",
        _ => "thinking-then-calls",
    };
    let case = recorded(dialect.folder).into_iter().find(|it| it.name == name).unwrap();
    fake.answer(vec![Step::Send(chunked(dialect.media_type, &case.body, 30))]);
    ask_with(&**provider, Request { model: model.into(), ..super::request() }).await
}

#[tokio::test]
async fn every_vendor_takes_a_conversation_with_everything_and_its_own_thoughts() {
    for (dialect, mark) in
        [(ANTHROPIC, "redacted_thinking"), (RESPONSES, "encrypted_content"), (GEMINI, "thoughtSignature")]
    {
        let (fake, provider) = dialect.start().await;
        let model = everything(dialect, None).model;
        let got = thought(dialect, &fake, &provider, &model).await;
        let body = sent(dialect, &fake, &provider, everything(dialect, Some(&got))).await;
        assert!(body.to_string().contains(mark), "{}: {body}", dialect.name);
        keep(&format!("{}-thoughts", dialect.name), &body);
    }
    // OpenRouter's form of Chat Completions, which knows more than OpenAI's.
    let fake = Fake::start().await;
    let server =
        ServerOptions { id: "openrouter".into(), base_url: fake.base_url(), ..ServerOptions::default() };
    let provider: Arc<dyn Provider> = Arc::new(ChatProvider::new(server).unwrap());
    let detail = json!({"type": "reasoning.text", "text": "Both.", "signature": "c2ln", "index": 0,
        "format": "anthropic-claude-v1"});
    let call = json!({"index": 0, "id": "x", "function": {"name": "file_read", "arguments": "{}"}});
    let deltas =
        [json!({"reasoning": "Both.", "reasoning_details": [detail]}), json!({"tool_calls": [call]})];
    let events = deltas.iter().map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}));
    let stream: String = events.map(|event| format!("data: {event}\n\n")).collect();
    fake.answer(vec![Step::Send(chunked(CHAT.media_type, (stream + CHAT.end).as_bytes(), 30))]);
    let model = "anthropic/claude-sonnet-5-5";
    let got = ask_with(&*provider, Request { model: model.into(), ..super::request() }).await;
    let request = everything(CHAT, Some(&got));
    let request = Request { model: model.into(), session: Some(SessionId::new()), ..request };
    let body = sent(CHAT, &fake, &provider, request).await;
    assert_eq!(body["messages"][2]["reasoning_details"], json!([detail]), "{body}");
    keep("openrouter-thoughts", &body);
}

#[tokio::test]
async fn every_vendor_takes_a_conversation_with_everything() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let body = sent(dialect, &fake, &provider, everything(dialect, None)).await;
        keep(dialect.name, &body);
        let text = body.to_string();
        assert!(text.contains("iVBORw0K") && text.contains("additionalProperties"), "{}", dialect.name);
        assert!(text.contains("invalid_arguments"), "{}", dialect.name);
    }
}

#[tokio::test]
async fn a_longer_conversation_repeats_the_shorter_one() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let mut request = everything(dialect, None);
        let long = sent(dialect, &fake, &provider, request.clone()).await;
        request.messages.truncate(3);
        let short = sent(dialect, &fake, &provider, request).await;
        let list = |body: &Value| {
            let list = ["messages", "input", "contents"].map(|name| body[name].as_array().cloned());
            let text = Value::from(list.into_iter().flatten().next().unwrap()).to_string();
            // Marks of the cache move along and are no content.
            text.replace(",\"cache_control\":{\"type\":\"ephemeral\"}", "")
        };
        let (long, short) = (list(&long), list(&short));
        // The last message may still grow, so its closing brackets are not compared.
        let begin = short.trim_end_matches(['}', ']']);
        assert!(long.starts_with(begin), "{}: {short} is not the beginning of {long}", dialect.name);
    }
}

#[tokio::test]
async fn what_a_vendor_sealed_goes_back_to_its_model_unchanged_and_to_no_other() {
    for dialect in [ANTHROPIC, RESPONSES, GEMINI] {
        let (fake, provider) = dialect.start().await;
        let model = everything(dialect, None).model;
        let mut got = thought(dialect, &fake, &provider, &model).await;
        let body = sent(dialect, &fake, &provider, everything(dialect, Some(&got))).await;
        let strings = |sealed: &Value| -> Vec<Value> {
            ["signature", "data", "encrypted_content"].map(|name| sealed[name].clone()).into()
        };
        let wanted: Vec<Value> = got.sealed.iter().flat_map(strings).filter(Value::is_string).collect();
        assert!(!wanted.is_empty());
        let text = body.to_string();
        for value in &wanted {
            assert!(text.contains(&value.to_string()), "{}: {value} is not in {text}", dialect.name);
        }
        match dialect.name {
            "anthropic" => {
                assert_eq!(body["messages"][1]["content"][0]["thinking"], got.thoughts[0].text);
                assert_eq!(body["messages"][1]["content"][1]["type"], "redacted_thinking");
            }
            "gemini" => {
                let parts = &body["contents"][1]["parts"];
                assert_eq!(parts[1]["thoughtSignature"], wanted[0]);
                assert_eq!(parts[2].get("thoughtSignature"), None);
            }
            _ => {
                assert_eq!(body["input"][1]["type"], "reasoning");
                assert_eq!(body["input"][1]["summary"][1]["text"], "Both.");
                assert_eq!(body["include"], json!(["reasoning.encrypted_content"]));
            }
        }
        for thought in &mut got.thoughts {
            thought.model = format!("{}/another", dialect.name);
        }
        let body = sent(dialect, &fake, &provider, everything(dialect, Some(&got))).await.to_string();
        assert!(wanted.iter().all(|value| !body.contains(&value.to_string())), "{}", dialect.name);
    }
}

#[tokio::test]
async fn thoughts_go_back_in_the_field_in_which_a_compatible_server_sent_them() {
    let call = |extra: Value| {
        let mut call = json!({"index": 0, "id": "x", "function": {"name": "file_read", "arguments": "{}"}});
        if !extra.is_null() {
            call["extra_content"] = extra;
        }
        json!({ "tool_calls": [call] })
    };
    let signature = json!({"google": {"thought_signature": "c2ln"}});
    let detail = |text: Value, signature: Value| {
        json!({"reasoning": text, "reasoning_details":
            [{"type": "reasoning.text", "text": text, "signature": signature, "index": 0, "format": "a"}]})
    };
    let encrypted = json!({"type": "reasoning.encrypted", "data": "ZW5j", "id": "x", "index": 1});
    for (name, deltas, field, wanted) in [
        (
            "deepseek",
            vec![
                json!({"reasoning_content": "The ", "content": ""}),
                json!({"reasoning_content": "file."}),
                json!({"content": "Looking."}),
                call(Value::Null),
            ],
            "reasoning_content",
            json!("The file."),
        ),
        ("groq", vec![json!({"reasoning": "The file."}), call(Value::Null)], "reasoning", json!("The file.")),
        (
            "mistral",
            vec![
                json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "The "}]}]}),
                json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "file."}]}]}),
                json!({"content": [{"type": "text", "text": "Looking."}]}),
                call(Value::Null),
            ],
            "content",
            json!([
                {"type": "thinking", "thinking": [{"type": "text", "text": "The file."}]},
                {"type": "text", "text": "Looking."},
            ]),
        ),
        (
            "openrouter",
            vec![
                detail("The ".into(), Value::Null),
                detail("file.".into(), Value::Null),
                detail("".into(), "c2ln".into()),
                call(Value::Null),
                json!({"reasoning_details": [encrypted]}),
            ],
            "reasoning_details",
            json!([
                {"type": "reasoning.text", "text": "The file.", "signature": "c2ln", "index": 0, "format": "a"},
                encrypted,
            ]),
        ),
        ("gemini", vec![call(signature.clone())], "extra_content", signature),
    ] {
        let (fake, provider) = CHAT.start().await;
        let events = deltas.iter().map(|delta| json!({"choices": [{"index": 0, "delta": delta}]}));
        let stream: String = events.map(|event| format!("data: {event}\n\n")).collect();
        let stream = stream + CHAT.end;
        fake.answer(vec![Step::Send(chunked(CHAT.media_type, stream.as_bytes(), 30))]);
        let mut got = ask_with(&*provider, super::request()).await;
        assert_eq!((got.kind(), got.calls.len()), (None, 1), "{name}");
        let body = sent(CHAT, &fake, &provider, everything(CHAT, Some(&got))).await;
        let answer = &body["messages"][2];
        let found = if field == "extra_content" { &answer["tool_calls"][0][field] } else { &answer[field] };
        assert_eq!(*found, wanted, "{name}: {answer}");
        let fields = ["reasoning", "reasoning_content", "reasoning_details"];
        let others = fields.iter().filter(|other| **other != field && answer.get(**other).is_some());
        assert_eq!(others.count(), 0, "{name}: {answer}");
        for thought in &mut got.thoughts {
            thought.model = "chat/another".into();
        }
        let body = sent(CHAT, &fake, &provider, everything(CHAT, Some(&got))).await.to_string();
        let kept = ["\"reasoning", "extra_content", "\"thinking"].iter().find(|word| body.contains(**word));
        assert_eq!(kept, None, "{name}: {body}");
    }
}

#[tokio::test]
async fn what_a_compatible_server_refuses_is_left_out_from_then_on() {
    let (fake, provider) = CHAT.start().await;
    let refusal = json!({"object": "error", "message": {"detail": [{"type": "extra_forbidden",
        "loc": ["body", "stream_options", "include_usage"], "msg": "Extra inputs are not permitted"}]}});
    let json = "content-type: application/json\r\n";
    fake.answer_first([vec![Step::Send(plain("422 Unprocessable Entity", json, &refusal.to_string()))]]);
    fake.answer(vec![Step::Send(chunked(CHAT.media_type, CHAT.answer("ok").as_bytes(), 1000))]);
    assert_eq!(ask(&provider).await.text, "ok");
    assert_eq!(ask(&provider).await.text, "ok");
    let asked: Vec<_> =
        fake.requests().iter().map(|seen| seen.body.get("stream_options").is_some()).collect();
    assert_eq!(asked, [true, false, false]);
    // A refusal that does not go away is told, not repeated for ever.
    fake.answer(vec![Step::Send(plain("422 Unprocessable Entity", json, &refusal.to_string()))]);
    assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::BadRequest));
    assert_eq!(fake.requests().len(), 4);
}

#[tokio::test]
async fn a_model_of_google_that_takes_neither_instructions_nor_tools_is_asked_without_from_then_on() {
    use super::GEMINI;
    let (fake, provider) = GEMINI.start().await;
    let refused = |words: &str| {
        let body =
            json!({"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}).to_string();
        vec![Step::Send(plain("400 Bad Request", "content-type: application/json\r\n", &body))]
    };
    fake.answer_first([
        refused("Developer instruction is not enabled for models/gemma-3-27b-it"),
        refused("Function calling is not enabled for models/gemma-3-27b-it"),
    ]);
    fake.answer(vec![Step::Send(chunked(GEMINI.media_type, GEMINI.answer("ok").as_bytes(), 1000))]);
    let request = || Request { model: "gemma-3-27b-it".into(), schema: None, ..everything(GEMINI, None) };
    for _ in 0..2 {
        let got = ask_with(&*provider, request()).await;
        assert_eq!((got.text.as_str(), got.error), ("ok", None));
    }
    fake.check();
    let bodies: Vec<Value> = fake.requests().into_iter().map(|seen| seen.body).collect();
    let has = |body: &Value| (body.get("systemInstruction").is_some(), body.get("tools").is_some());
    let asked: Vec<_> = bodies.iter().map(has).collect();
    assert_eq!(asked, [(true, true), (false, true), (false, false), (false, false)]);
    let first = bodies[3]["contents"][0]["parts"][0]["text"].as_str().unwrap();
    assert!(first.starts_with("Be brief.") && first.contains("cannot call any of the tools"), "{first}");
    let all = bodies[3].to_string();
    assert!(!all.contains("functionCall") && !all.contains("functionResponse"), "{all}");
    assert!(
        all.contains("Called file_read") && all.contains("hello"),
        "what earlier calls gave is told: {all}"
    );
    // Another model of the same vendor is asked as ever.
    let _ = ask_with(&*provider, everything(GEMINI, None)).await;
    assert_eq!(has(&fake.requests().pop().unwrap().body), (true, true));
}

#[tokio::test]
async fn a_server_that_allows_shorter_answers_is_asked_for_them_from_then_on() {
    let (fake, provider) = CHAT.start().await;
    let words = "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]";
    let refusal = json!({"error": {"message": words, "type": "invalid_request_error"}}).to_string();
    let json = "content-type: application/json\r\n";
    fake.answer_first([vec![Step::Send(plain("400 Bad Request", json, &refusal))]]);
    fake.answer(vec![Step::Send(chunked(CHAT.media_type, CHAT.answer("ok").as_bytes(), 1000))]);
    for most in [16_384, 16_384, 500] {
        let request = Request { max_output: Some(most), ..super::request() };
        let got = ask_with(&*provider, request).await;
        assert_eq!((got.kind(), got.text.as_str()), (None, "ok"));
    }
    let asked: Vec<_> = fake.requests().iter().map(|seen| seen.body["max_tokens"].clone()).collect();
    assert_eq!(asked, [16_384, 8192, 8192, 500]);
}

#[tokio::test]
async fn a_conversation_that_has_called_names_its_tools_also_where_calls_are_off() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let request = Request { calls_off: true, ..everything(dialect, None) };
        let body = sent(dialect, &fake, &provider, request).await;
        let forbids = match dialect.name {
            "anthropic" => body["tool_choice"] == json!({"type": "none"}),
            "gemini" => body["toolConfig"]["functionCallingConfig"]["mode"] == "NONE",
            // It takes old calls without the tools, and cannot be told to make no new ones.
            "ollama" => body.get("tools").is_none(),
            _ => body["tool_choice"] == "none",
        };
        assert!(
            forbids && (dialect.name == "ollama" || body["tools"].is_array()),
            "{}: {body}",
            dialect.name
        );
        let body = sent(dialect, &fake, &provider, everything(dialect, None)).await;
        assert!(body.get("tool_choice").is_none() && body.get("toolConfig").is_none(), "{}", dialect.name);
    }
}

#[tokio::test]
async fn what_of_its_reasoning_a_model_does_not_give_is_asked_for_once() {
    let refusal = |words: &str| {
        let body = json!({"error": {"message": words, "type": "invalid_request_error"}}).to_string();
        vec![Step::Send(plain("400 Bad Request", "content-type: application/json\r\n", &body))]
    };
    let unverified = "Your organization must be verified to generate reasoning summaries.";
    let plain_model = "Encrypted content is not supported with this model.";
    for (refusals, wanted) in [
        (vec![], vec![(true, true), (true, true)]),
        (vec![unverified], vec![(true, true), (true, false), (true, false)]),
        (vec![plain_model], vec![(true, true), (false, false), (false, false)]),
        (vec![unverified, plain_model], vec![(true, true), (true, false), (false, false), (false, false)]),
    ] {
        let (fake, provider) = RESPONSES.start().await;
        fake.answer_first(refusals.iter().map(|words| refusal(words)));
        fake.answer(vec![Step::Send(chunked(RESPONSES.media_type, RESPONSES.answer("ok").as_bytes(), 1000))]);
        for _ in 0..2 {
            assert_eq!(ask(&provider).await.text, "ok", "{refusals:?}");
        }
        let asked: Vec<_> = fake
            .requests()
            .iter()
            .map(|seen| (seen.body.get("include").is_some(), seen.body["reasoning"]["summary"] == "auto"))
            .collect();
        assert_eq!(asked, wanted, "{refusals:?}");
    }
}

/// Thinks, speaks, thinks, calls, thinks, and calls again.
fn interleaved(dialect: Dialect) -> String {
    let events = if dialect.name == "anthropic" {
        let thinking = |index: u64, signature: &str| {
            vec![
                json!({"type": "content_block_start", "index": index,
                    "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
                json!({"type": "content_block_delta", "index": index,
                    "delta": {"type": "thinking_delta", "thinking": format!("of {signature}")}}),
                json!({"type": "content_block_delta", "index": index,
                    "delta": {"type": "signature_delta", "signature": signature}}),
                json!({"type": "content_block_stop", "index": index}),
            ]
        };
        let call = |index: u64| {
            vec![
                json!({"type": "content_block_start", "index": index,
                    "content_block": {"type": "tool_use", "id": "x", "name": "list_directory", "input": {}}}),
                json!({"type": "content_block_stop", "index": index}),
            ]
        };
        let words = vec![
            json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "Now."}}),
            json!({"type": "content_block_stop", "index": 1}),
        ];
        let end = vec![
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}}),
            json!({"type": "message_stop"}),
        ];
        [thinking(0, "one"), words, thinking(2, "two"), call(3), thinking(4, "three"), call(5), end].concat()
    } else {
        let thinking = |index: u64, sealed: &str| {
            let item = json!({"type": "reasoning", "id": sealed, "summary": [], "encrypted_content": sealed});
            vec![json!({"type": "response.output_item.done", "output_index": index, "item": item})]
        };
        let call = |index: u64| {
            let item =
                json!({"type": "function_call", "id": "f", "name": "list_directory", "arguments": "{}"});
            vec![
                json!({"type": "response.output_item.added", "output_index": index, "item": item}),
                json!({"type": "response.output_item.done", "output_index": index, "item": item}),
            ]
        };
        let words = vec![json!({"type": "response.output_text.delta", "output_index": 1, "delta": "Now."})];
        let end = vec![json!({"type": "response.completed", "response": {"status": "completed"}})];
        [thinking(0, "one"), words, thinking(2, "two"), call(3), thinking(4, "three"), call(5), end].concat()
    };
    events
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn thoughts_between_words_and_calls_go_back_to_where_they_stood() {
    for dialect in [ANTHROPIC, RESPONSES] {
        let (fake, provider) = dialect.start().await;
        fake.answer(vec![Step::Send(chunked(dialect.media_type, interleaved(dialect).as_bytes(), 40))]);
        let got = ask_with(&*provider, super::request()).await;
        assert_eq!((got.error, got.thoughts.len(), got.calls.len()), (None, 3, 2), "{}", dialect.name);
        let calls: Vec<_> = got
            .calls
            .into_iter()
            .map(|(tool, arguments)| ProposedCall { call_id: CallId::new(), tool, arguments })
            .collect();
        let results = calls.iter().map(|call| ToolResult {
            call_id: call.call_id,
            tool: call.tool.clone(),
            text: "a".into(),
            ok: true,
        });
        let results = Message::Results(results.collect());
        let answer = Message::Assistant { reasoning: got.thoughts, text: got.text, calls };
        let mut request = super::request();
        request.tools = everything(dialect, None).tools;
        request.messages.extend([answer, results]);
        let body = sent(dialect, &fake, &provider, request).await;
        let parts =
            if dialect.name == "anthropic" { &body["messages"][1]["content"] } else { &body["input"] };
        let shape = parts.as_array().unwrap().iter().filter_map(|part| match part["type"].as_str()? {
            "thinking" => part["signature"].as_str(),
            "reasoning" => part["encrypted_content"].as_str(),
            "text" => part["text"].as_str(),
            "message" if part["role"] == "assistant" => part["content"].as_str(),
            "tool_use" | "function_call" => Some("call"),
            _ => None,
        });
        let shape: Vec<_> = shape.collect();
        assert_eq!(shape, ["one", "Now.", "two", "call", "three", "call"], "{}: {body}", dialect.name);
    }
}

#[tokio::test]
async fn each_key_goes_into_its_vendors_header_and_nowhere_else() {
    for (name, header, value) in [
        ("chat", "authorization", "Bearer sk-canary-123"),
        ("responses", "authorization", "Bearer sk-canary-123"),
        ("azure", "api-key", "sk-canary-123"),
        ("anthropic", "x-api-key", "sk-canary-123"),
        ("gemini", "x-goog-api-key", "sk-canary-123"),
        ("ollama", "authorization", "Bearer sk-canary-123"),
    ] {
        let dialect = ALL.into_iter().find(|dialect| dialect.name == name).unwrap();
        let (fake, provider) = dialect.start().await;
        fake.answer(vec![Step::Send(chunked(dialect.media_type, dialect.answer("ok").as_bytes(), 1000))]);
        assert_eq!(ask(&provider).await.text, "ok");
        let seen = fake.requests().pop().unwrap();
        assert_eq!(seen.headers[header], value, "{name}");
        let others = seen.headers.iter().filter(|(at, value)| *at != header && value.contains("canary"));
        assert_eq!(others.count(), 0, "{name}");
        assert!(!seen.line.contains("canary") && !seen.body.to_string().contains("canary"), "{name}");
    }
}

#[tokio::test]
async fn only_vendors_that_keep_a_cache_for_sessions_are_told_which_one_it_is() {
    let session = SessionId::new();
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let request = Request { session: Some(session), ..everything(dialect, None) };
        let body = sent(dialect, &fake, &provider, request).await;
        let wanted = if dialect.name == "azure" { json!(session) } else { Value::Null };
        assert_eq!(body["prompt_cache_key"], wanted, "{}", dialect.name);
    }
    let fake = Fake::start().await;
    let server =
        ServerOptions { base_url: format!("http://127.0.0.1:{}", fake.port), ..ServerOptions::default() };
    let azure = AzureOptions { server, ..AzureOptions::default() };
    let responses: Arc<dyn Provider> = Arc::new(azure.responses().unwrap());
    let request = Request { session: Some(session), ..super::request() };
    let body = sent(RESPONSES, &fake, &responses, request.clone()).await;
    assert_eq!(body["prompt_cache_key"], json!(session));
    let server =
        ServerOptions { id: "openrouter".into(), base_url: fake.base_url(), ..ServerOptions::default() };
    let openrouter: Arc<dyn Provider> = Arc::new(ChatProvider::new(server).unwrap());
    for (model, is_claude) in [("anthropic/claude-sonnet-5-5", true), ("x/y", false)] {
        let request = Request { model: model.into(), ..request.clone() };
        let body = sent(CHAT, &fake, &openrouter, request).await;
        assert_eq!(body["session_id"], json!(session), "{model}");
        assert_eq!(body["cache_control"] == json!({"type": "ephemeral"}), is_claude, "{model}: {body}");
    }
    let old = AzureOptions { api_version: Some("2024-10-21".into()), ..azure };
    let old: Arc<dyn Provider> = Arc::new(old.chat().unwrap());
    let body = sent(super::AZURE, &fake, &old, request).await;
    assert_eq!(body.get("prompt_cache_key"), None, "as old a version does not know it");
}

#[tokio::test]
async fn azure_is_asked_at_both_kinds_of_address() {
    let fake = Fake::start().await;
    let dialect = super::AZURE;
    for (path, version, line) in [
        ("", None, "POST /openai/v1/chat/completions"),
        ("/openai/v1/", None, "POST /openai/v1/chat/completions"),
        ("/proxy", None, "POST /proxy/openai/v1/chat/completions"),
        ("/", Some("2024-10-21"), "POST /openai/deployments/m-1/chat/completions?api-version=2024-10-21"),
    ] {
        let server = ServerOptions {
            id: "azure".into(),
            base_url: format!("http://127.0.0.1:{}{path}", fake.port),
            key: Some(Secret::new("token")),
            ..ServerOptions::default()
        };
        let options = AzureOptions {
            server,
            api_version: version.map(str::to_owned),
            credential: AzureCredential::Entra,
        };
        fake.answer(vec![Step::Send(chunked(dialect.media_type, dialect.answer("ok").as_bytes(), 1000))]);
        let provider: Arc<dyn Provider> = Arc::new(options.chat().unwrap());
        let got = ask_with(&*provider, Request { max_output: Some(9), ..super::request() }).await;
        assert_eq!(got.text, "ok");
        let seen = fake.requests().pop().unwrap();
        assert_eq!((seen.line.as_str(), seen.headers["authorization"].as_str()), (line, "Bearer token"));
        assert_eq!(seen.body["max_completion_tokens"], 9);
    }
    let server =
        ServerOptions { base_url: format!("http://127.0.0.1:{}", fake.port), ..ServerOptions::default() };
    let provider = AzureOptions { server, ..AzureOptions::default() }.responses().unwrap();
    let answer = RESPONSES.answer("ok");
    fake.answer(vec![Step::Send(chunked(RESPONSES.media_type, answer.as_bytes(), 1000))]);
    assert_eq!(ask_with(&provider, super::request()).await.text, "ok");
    assert_eq!(fake.requests().pop().unwrap().line, "POST /openai/v1/responses");
}

#[tokio::test]
async fn ollama_is_told_a_context_that_holds_the_whole_conversation() {
    let (fake, provider) = super::OLLAMA.start().await;
    let sent_with = async |bytes: usize| {
        let request = Request { messages: vec![Message::user("x".repeat(bytes))], ..super::request() };
        sent(super::OLLAMA, &fake, &provider, request).await["options"]["num_ctx"].clone()
    };
    assert_eq!(sent_with(10).await, 8192);
    assert_eq!(sent_with(20_000).await, 16_384);
    assert_eq!(sent_with(200_000).await, 32_768);
    let request = Request { messages: vec![Message::user("x".repeat(300_000))], ..super::request() };
    assert_eq!(ask_with(&*provider, request).await.kind(), Some(ErrorKind::ContextOverflow));
    // What is in memory already is large enough and stays there.
    fake.beside("GET /api/ps", "{\"models\":[{\"name\":\"m-1:latest\",\"context_length\":32768}]}");
    assert_eq!(sent_with(10).await, 32_768);
    let server = ServerOptions {
        id: "ollama".into(),
        base_url: format!("http://127.0.0.1:{}/v1", fake.port),
        ..ServerOptions::default()
    };
    let fixed: Arc<dyn Provider> = Arc::new(OllamaProvider::new(server, Some(4096)).unwrap());
    let body = sent(super::OLLAMA, &fake, &fixed, super::request()).await;
    assert_eq!(body["options"]["num_ctx"], 4096);
}

#[tokio::test]
async fn a_model_of_ollama_that_was_fetched_anew_is_looked_at_anew() {
    let (fake, provider) = super::OLLAMA.start().await;
    let fetched = |digest: &str, context: u64| {
        let tags = json!({"models": [{"name": "m-1:latest", "digest": digest}]});
        fake.beside("GET /api/tags", &tags.to_string());
        let info = json!({"general.architecture": "a", "a.context_length": context});
        fake.beside("POST /api/show", &json!({ "model_info": info }).to_string());
    };
    let long = Request { messages: vec![Message::user("x".repeat(200_000))], ..super::request() };
    fetched("one", 32_768);
    assert_eq!(sent(super::OLLAMA, &fake, &provider, long.clone()).await["options"]["num_ctx"], 32_768);
    // What the first one was is still known.
    fetched("one", 65_536);
    assert_eq!(sent(super::OLLAMA, &fake, &provider, long.clone()).await["options"]["num_ctx"], 32_768);
    fetched("two", 65_536);
    assert_eq!(sent(super::OLLAMA, &fake, &provider, long).await["options"]["num_ctx"], 65_536);
}

//! Answers in JSON that follow a schema: how each vendor is asked, and what becomes of an answer that does not.

use std::sync::Arc;

use jamey_engine::ports::{ErrorKind, Provider, Request};
use jamey_protocol::ToolDescription;
use jamey_providers::{AnthropicProvider, ChatProvider, ResponsesProvider, ServerOptions, Thinking};
use serde_json::{Value, json};

use super::{ALL, ANTHROPIC, CHAT, Dialect, GEMINI, OLLAMA, RESPONSES};
use crate::fake::{Fake, Step, chunked, got::ask_with, plain};

fn schema() -> Value {
    json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"],
        "additionalProperties": false})
}

fn request(model: &str, schema: Value) -> Request {
    Request { model: model.into(), schema: Some(schema), ..super::request() }
}

fn with_tool(request: Request) -> Request {
    let tool = ToolDescription {
        name: "file_read".into(),
        description: "Reads a file".into(),
        parameters: json!({"type": "object", "properties": {}}),
        source: "built-in".into(),
        permission: "runs".into(),
    };
    Request { tools: vec![tool], ..request }
}

fn answers(fake: &Fake, dialect: Dialect, text: &str) {
    fake.answer(vec![Step::Send(chunked(dialect.media_type, dialect.answer(text).as_bytes(), 7))]);
}

async fn sent(fake: &Fake, provider: &Arc<dyn Provider>, dialect: Dialect, request: Request) -> Value {
    answers(fake, dialect, "{\"a\": \"b\"}");
    let got = ask_with(&**provider, request).await;
    assert_eq!((got.kind(), got.text.as_str()), (None, "{\"a\": \"b\"}"), "{}", dialect.name);
    fake.check();
    fake.requests().pop().unwrap().body
}

/// Where each vendor has the schema.
fn field(dialect: Dialect, body: &Value) -> Value {
    match dialect.name {
        "anthropic" => body["output_config"]["format"]["schema"].clone(),
        "gemini" => body["generationConfig"]["responseJsonSchema"].clone(),
        "ollama" => body["format"].clone(),
        "responses" | "azure-responses" => body["text"]["format"]["schema"].clone(),
        _ => body["response_format"]["json_schema"]["schema"].clone(),
    }
}

fn is_told(body: &Value) -> bool {
    body.to_string().contains("follow this JSON schema")
}

#[tokio::test]
async fn every_vendor_is_given_the_schema_in_its_own_field() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let body = sent(&fake, &provider, dialect, request("m-1", schema())).await;
        assert_eq!(field(dialect, &body), schema(), "{}: {body}", dialect.name);
        // The strict form only where the vendor is known to have it, and only for a schema that allows it.
        let strict = match dialect.name {
            "azure" | "azure-by-deployment" => Some(&body["response_format"]["json_schema"]["strict"]),
            "responses" | "azure-responses" => Some(&body["text"]["format"]["strict"]),
            _ => None,
        };
        assert!(strict.is_none_or(|strict| *strict == true), "{}: {body}", dialect.name);
        assert!(strict.is_some() || !body.to_string().contains("\"strict\""), "{}: {body}", dialect.name);
        let open = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let body = sent(&fake, &provider, dialect, request("m-1", open.clone())).await;
        assert!(!body.to_string().contains("\"strict\":true"), "{}: {body}", dialect.name);
        let wanted =
            if dialect.name == "anthropic" { json!({"additionalProperties": false}) } else { json!({}) };
        let found = field(dialect, &body)["additionalProperties"].clone();
        assert_eq!(found, wanted["additionalProperties"], "{}: {body}", dialect.name);
    }
}

#[tokio::test]
async fn where_the_field_forbids_calls_the_schema_is_told_in_words() {
    for (dialect, model, told) in [
        (OLLAMA, "m-1", true),
        (GEMINI, "gemini-2.5-flash", true),
        (GEMINI, "gemini-3-pro", false),
        (CHAT, "m-1", false),
        (ANTHROPIC, "m-1", false),
    ] {
        let (fake, provider) = dialect.start().await;
        let body = sent(&fake, &provider, dialect, with_tool(request(model, schema()))).await;
        assert_eq!((is_told(&body), field(dialect, &body).is_null()), (told, told), "{model}: {body}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_field_is_told_in_words_from_then_on() {
    let chat = |options| -> Arc<dyn Provider> { Arc::new(ChatProvider::new(options).unwrap()) };
    let messages = |options| -> Arc<dyn Provider> {
        Arc::new(AnthropicProvider::new(options, Thinking::default()).unwrap())
    };
    let responses = |options| -> Arc<dyn Provider> { Arc::new(ResponsesProvider::new(options).unwrap()) };
    let unsupported =
        "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model.";
    let unknown = "json mode cannot be combined with tool/function calling";
    let wrong = "Invalid schema for response_format 'answer': 'strnig' is no type";
    let old = "'m-1' does not support output format";
    let part = "output_config.format.schema: 'minimum' is not supported";
    for (dialect, make, refusal, is_repeated) in [
        (CHAT, &chat as &dyn Fn(ServerOptions) -> Arc<dyn Provider>, unknown, true),
        (CHAT, &chat, wrong, false),
        (ANTHROPIC, &messages, old, true),
        (ANTHROPIC, &messages, part, false),
        (RESPONSES, &responses, unsupported, true),
        (RESPONSES, &responses, wrong, false),
    ] {
        let fake = Fake::start().await;
        let provider =
            make(ServerOptions { id: "x".into(), base_url: fake.base_url(), ..ServerOptions::default() });
        let body = json!({"error": {"message": refusal, "type": "invalid_request_error"}}).to_string();
        let refused = plain("400 Bad Request", "content-type: application/json\r\n", &body);
        fake.answer_first([vec![Step::Send(refused)]]);
        answers(&fake, dialect, "{\"a\": \"b\"}");
        let got = ask_with(&*provider, request("m-1", schema())).await;
        if !is_repeated {
            assert_eq!(got.kind(), Some(ErrorKind::BadRequest), "{refusal}");
            assert!(got.error.unwrap().message.contains(refusal), "the person sees what is wrong");
            continue;
        }
        assert_eq!(got.kind(), None, "{refusal}");
        let _ = ask_with(&*provider, request("m-1", schema())).await;
        let told: Vec<bool> = fake.requests().iter().map(|seen| is_told(&seen.body)).collect();
        assert_eq!(told, [false, true, true], "{refusal}");
        let has_field = |body: &Value| !field(dialect, body).is_null();
        assert!(fake.requests()[1..].iter().all(|seen| !has_field(&seen.body)), "{refusal}");
        if dialect.name == "responses" {
            let asks_for_reasoning =
                |body: &Value| body["include"].is_array() && body["reasoning"].is_object();
            assert!(fake.requests().iter().all(|seen| asks_for_reasoning(&seen.body)), "{refusal}");
        }
    }
}

#[tokio::test]
async fn a_refusal_teaches_nothing_where_the_changed_request_is_refused_too() {
    for (dialect, refusal) in [
        (CHAT, "Unknown parameter: 'response_format'"),
        (RESPONSES, "Unknown parameter: 'text.format'"),
        (ANTHROPIC, "output_config: Extra inputs are not permitted"),
    ] {
        let (fake, provider) = dialect.start().await;
        let refused = |words: &str| {
            let body = json!({"error": {"message": words, "type": "invalid_request_error"}}).to_string();
            vec![Step::Send(plain("400 Bad Request", "content-type: application/json\r\n", &body))]
        };
        fake.answer_first([refused(refusal), refused("something else")]);
        answers(&fake, dialect, "{}");
        let got = ask_with(&*provider, request("m-1", schema())).await;
        assert_eq!(got.kind(), Some(ErrorKind::BadRequest), "{}", dialect.name);
        let _ = ask_with(&*provider, request("m-1", schema())).await;
        let told: Vec<bool> = fake.requests().iter().map(|seen| is_told(&seen.body)).collect();
        assert_eq!(told, [false, true, false], "{}", dialect.name);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_or_does_not_follow_the_schema_is_an_error_of_every_dialect() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        for (text, fault) in [
            ("{\"a\": \"b\"}\n", None),
            ("Sure! {\"a\": \"b\"}", Some("expected value")),
            ("{\"a\": \"b\"", Some("EOF")),
            ("{\"a\": [1, 2]}", Some("/a is array, not string")),
            ("{\"b\": \"a\"}", Some("lacks \"a\"")),
            ("{\"a\": \"b\", \"c\": 1}", Some("/c may not be there")),
        ] {
            answers(&fake, dialect, text);
            let got = ask_with(&*provider, request("m-1", schema())).await;
            assert_eq!(got.kind(), fault.map(|_| ErrorKind::OtherForm), "{}: {text}", dialect.name);
            assert_eq!(got.text, text, "what came is shown");
            let told = got.error.map(|error| error.message).unwrap_or_default();
            assert_eq!(told.contains("did not answer in the JSON"), fault.is_some(), "{told}");
            assert!(told.contains(fault.unwrap_or_default()), "{told}");
            answers(&fake, dialect, text);
            assert_eq!(ask_with(&*provider, super::request()).await.kind(), None, "nobody asked for JSON");
        }
    }
}

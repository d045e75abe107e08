//! Each vendor's own errors, in the words that its documents give, and its lists of models.

use std::time::Duration;

use futures_util::StreamExt as _;
use jamey_engine::ports::{Chunk, ErrorKind, Provider as _};
use jamey_protocol::Usage;
use jamey_providers::{OllamaProvider, ServerOptions, Timeouts};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{ALL, ANTHROPIC, CHAT, Dialect, GEMINI, OLLAMA, RESPONSES, ask};
use crate::fake::{Fake, Step, chunked, plain, until_close};

async fn refused(dialect: Dialect, status: &str, body: &Value) -> jamey_engine::ports::ProviderError {
    let (fake, provider) = dialect.start().await;
    fake.answer(vec![Step::Send(plain(status, "content-type: application/json\r\n", &body.to_string()))]);
    ask(&provider).await.error.unwrap()
}

#[tokio::test]
async fn anthropics_errors_have_their_kinds_with_and_without_a_status() {
    for (status, name, words, kind) in [
        ("400 B", "invalid_request_error", "messages: at least one", ErrorKind::BadRequest),
        (
            "400 B",
            "invalid_request_error",
            "prompt is too long: 210000 tokens > 200000 maximum",
            ErrorKind::ContextOverflow,
        ),
        (
            "400 B",
            "invalid_request_error",
            "Your credit balance is too low to access the API",
            ErrorKind::QuotaExhausted,
        ),
        ("401 U", "authentication_error", "invalid x-api-key", ErrorKind::Auth),
        ("402 P", "billing_error", "payment failed", ErrorKind::QuotaExhausted),
        ("403 F", "permission_error", "not for you", ErrorKind::Permission),
        ("404 N", "not_found_error", "model: claude-0", ErrorKind::NotFound),
        ("413 L", "request_too_large", "too large", ErrorKind::ContextOverflow),
        ("429 T", "rate_limit_error", "slow down", ErrorKind::RateLimited),
        ("500 I", "api_error", "Internal server error", ErrorKind::Overloaded),
        ("529 O", "overloaded_error", "Overloaded", ErrorKind::Overloaded),
    ] {
        let body = json!({"type": "error", "error": {"type": name, "message": words}});
        assert_eq!(refused(ANTHROPIC, status, &body).await.kind, kind, "{name}: {words}");
        let (fake, provider) = ANTHROPIC.start().await;
        let stream = format!("{}event: error\ndata: {body}\n\n", ANTHROPIC.said("so far"));
        fake.answer(vec![Step::Send(chunked("text/event-stream", stream.as_bytes(), 1000))]);
        let got = ask(&provider).await;
        assert_eq!((got.text.as_str(), got.kind()), ("so far", Some(kind)), "{name} inside: {words}");
    }
}

#[tokio::test]
async fn what_a_call_used_is_told_while_its_answer_grows() {
    let start =
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 40, "output_tokens": 1}}});
    let gemini = json!({"candidates": [{"content": {"parts": [{"text": "wor"}], "role": "model"}}],
        "usageMetadata": {"promptTokenCount": 40, "candidatesTokenCount": 1}});
    for (dialect, words) in [
        (ANTHROPIC, format!("data: {start}\n\n{}", ANTHROPIC.said("wor"))),
        (GEMINI, format!("data: {gemini}\n\n")),
    ] {
        let (fake, provider) = dialect.start().await;
        // The answer goes on, and nobody hears its end.
        fake.answer(vec![Step::Send(until_close(dialect.media_type, words.as_bytes())), Step::Stall]);
        let chunks = provider.stream(super::request(), CancellationToken::new());
        let mut first: Vec<_> = chunks.take(2).map(Result::unwrap).collect().await;
        first.sort_by_key(|chunk| matches!(chunk, Chunk::Usage(_)));
        let used = Usage { input: 40, output: 1, ..Usage::default() };
        assert_eq!(first, [Chunk::Text("wor".into()), Chunk::Usage(used)], "{}", dialect.name);
    }
}

#[tokio::test]
async fn what_came_of_an_answer_that_has_no_end_is_counted_where_the_server_said_less() {
    let start =
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 40, "output_tokens": 2}}});
    let delta =
        |index: u64, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let call = json!({"type": "tool_use", "id": "t", "name": "act", "input": {}});
    let anthropic = [
        start,
        delta(0, json!({"type": "thinking_delta", "thinking": "t".repeat(30)})),
        delta(1, json!({"type": "text_delta", "text": "w".repeat(60)})),
        json!({"type": "content_block_start", "index": 2, "content_block": call}),
        delta(2, json!({"type": "input_json_delta", "partial_json": "j".repeat(87)})),
    ];
    let part = |part: Value, used: Value| json!({"candidates": [{"content": {"parts": [part]}}], "usageMetadata": used});
    let gemini = [
        part(json!({"text": "t".repeat(30), "thought": true}), json!({"promptTokenCount": 40})),
        part(json!({"text": "w".repeat(150)}), json!({"promptTokenCount": 40, "candidatesTokenCount": 2})),
    ];
    for (dialect, events) in [(ANTHROPIC, &anthropic[..]), (GEMINI, &gemini[..])] {
        let words: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        let used = Usage { input: 40, output: 60, ..Usage::default() };
        let (fake, provider) = dialect.start().await;
        // It breaks off, or a person stops it.
        fake.answer(vec![Step::Send(until_close(dialect.media_type, words.as_bytes())), Step::Close]);
        assert_eq!(ask(&provider).await.estimate, Some(used), "{}", dialect.name);
        fake.answer(vec![Step::Send(until_close(dialect.media_type, words.as_bytes())), Step::Stall]);
        let mut chunks = provider.stream(super::request(), CancellationToken::new());
        while chunks.next().await.unwrap().unwrap() != Chunk::Estimate(used) {}
        // What the server says at the end counts, whatever was guessed.
        let end = match dialect.name {
            "gemini" => {
                json!({"candidates": [{"finishReason": "STOP"}],
                    "usageMetadata": {"promptTokenCount": 40, "candidatesTokenCount": 9}})
            }
            _ => json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": 9}}),
        };
        let words = format!("{words}data: {end}\n\n");
        fake.answer(vec![Step::Send(until_close(dialect.media_type, words.as_bytes())), Step::Close]);
        let got = ask(&provider).await;
        let used = Usage { output: 9, ..used };
        assert_eq!((got.estimate, got.usage), (None, Some(used)), "{}", dialect.name);
    }
}

#[tokio::test]
async fn an_absurd_count_of_tokens_neither_spoils_an_answer_nor_is_believed() {
    let stop = json!([{"delta": {"content": "hi"}, "finish_reason": "stop"}]);
    for (dialect, ends) in [
        (CHAT, |n: &str| {
            format!(
                "data: {{\"choices\":CHOICES,\"usage\":{{\"prompt_tokens\":{n},\"completion_tokens\":{n}}}}}\n\n"
            )
        }),
        (RESPONSES, |n: &str| {
            format!(
                "{}data: {{\"type\":\"response.completed\",\"response\":{{\"status\":\"completed\",\"usage\":{{\"input_tokens\":{n},\"output_tokens\":{n}}}}}}}\n\n",
                RESPONSES.said("hi")
            )
        }),
        (ANTHROPIC, |n: &str| {
            format!(
                "{}data: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{{\"input_tokens\":{n},\"output_tokens\":{n},\"cache_read_input_tokens\":{n}}}}}\n\ndata: {{\"type\":\"message_stop\"}}\n\n",
                ANTHROPIC.said("hi")
            )
        }),
        (GEMINI, |n: &str| {
            format!(
                "{}data: {{\"candidates\":[{{\"finishReason\":\"STOP\"}}],\"usageMetadata\":{{\"promptTokenCount\":{n},\"candidatesTokenCount\":{n},\"thoughtsTokenCount\":{n}}}}}\n\n",
                GEMINI.said("hi")
            )
        }),
        (OLLAMA, |n: &str| {
            format!(
                "{}{{\"message\":{{\"content\":\"\"}},\"done\":true,\"prompt_eval_count\":{n},\"eval_count\":{n}}}\n",
                OLLAMA.said("hi")
            )
        }),
    ] as [(Dialect, fn(&str) -> String); 5]
    {
        for (count, least, most) in [
            ("18446744073709551615", 1_000_000, 4_000_000_000),
            ("-1", 0, 0),
            ("12.0", 12, 24),
            ("\"many\"", 0, 0),
        ] {
            let (fake, provider) = dialect.start().await;
            let body = ends(count).replace("CHOICES", &stop.to_string());
            fake.answer(vec![Step::Send(chunked(dialect.media_type, body.as_bytes(), 1000))]);
            let got = ask(&provider).await;
            assert_eq!((got.text.as_str(), got.error), ("hi", None), "{} {count}", dialect.name);
            let used = got.usage.unwrap();
            let is_believed = |tokens: u64| (least..=most).contains(&tokens);
            assert!(
                is_believed(used.input) && is_believed(used.output),
                "{} {count}: {used:?}",
                dialect.name
            );
        }
    }
}

#[tokio::test]
async fn an_address_that_is_wrong_is_told_as_it_was_asked_and_a_version_is_proposed_only_where_one_belongs() {
    for dialect in ALL {
        let fake = Fake::start().await;
        let provider = (dialect.make)(ServerOptions {
            id: dialect.name.into(),
            base_url: format!("http://127.0.0.1:{}/gate", fake.port),
            ..ServerOptions::default()
        });
        fake.answer(vec![Step::Send(plain("404 Not Found", "content-type: application/json\r\n", "{}"))]);
        let error = ask(&provider).await.error.unwrap();
        let (at, hint) = match dialect.name {
            "chat" | "responses" => ("/gate (404)", "/gate/v1"),
            "azure" => ("/gate/openai/v1 (404)", "check the base URL"),
            "anthropic" => ("/gate/v1 (404)", "check the base URL"),
            "gemini" => ("/gate/v1beta (404)", "check the base URL"),
            _ => ("", ""),
        };
        assert!(error.message.contains(at), "{}: {}", dialect.name, error.message);
        assert!(
            error.hint.is_some_and(|told| told.ends_with(hint) && !told.contains("v1beta/v1")),
            "{}",
            dialect.name
        );
    }
}

#[tokio::test]
async fn a_full_window_is_told_whether_or_not_a_word_still_fitted() {
    for (said, kind) in [("", Some(ErrorKind::ContextOverflow)), ("half", None)] {
        let (fake, provider) = ANTHROPIC.start().await;
        let words = if said.is_empty() { String::new() } else { ANTHROPIC.said(said) };
        let end = json!({"type": "message_delta", "delta": {"stop_reason": "model_context_window_exceeded"}});
        let stream = format!("{words}data: {end}\n\ndata: {{\"type\":\"message_stop\"}}\n\n");
        fake.answer(vec![Step::Send(chunked("text/event-stream", stream.as_bytes(), 1000))]);
        let got = ask(&provider).await;
        assert_eq!((got.text.as_str(), got.kind()), (said, kind));
    }
}

#[tokio::test]
async fn openais_errors_have_their_kinds_with_and_without_a_status() {
    for (status, code, words, kind) in [
        ("401 U", "invalid_api_key", "Incorrect API key provided", ErrorKind::Auth),
        ("429 T", "insufficient_quota", "You exceeded your current quota", ErrorKind::QuotaExhausted),
        ("429 T", "rate_limit_exceeded", "Rate limit reached", ErrorKind::RateLimited),
        (
            "400 B",
            "context_length_exceeded",
            "Your input exceeds the context window",
            ErrorKind::ContextOverflow,
        ),
        ("500 I", "server_error", "The server had an error", ErrorKind::Overloaded),
    ] {
        let error = json!({"message": words, "type": code, "code": code});
        for dialect in [CHAT, RESPONSES] {
            let body = json!({ "error": error });
            assert_eq!(refused(dialect, status, &body).await.kind, kind, "{} {code}", dialect.name);
        }
        let failed = json!({"type": "response.failed", "response": {"status": "failed", "error": error}});
        let plain = json!({"type": "error", "code": code, "message": words, "param": null});
        for event in [failed, plain] {
            let (fake, provider) = RESPONSES.start().await;
            let stream = format!("{}data: {event}\n\n", RESPONSES.said("so far"));
            fake.answer(vec![Step::Send(chunked("text/event-stream", stream.as_bytes(), 1000))]);
            let got = ask(&provider).await;
            assert_eq!((got.text.as_str(), got.kind()), ("so far", Some(kind)), "{event}");
        }
    }
}

#[tokio::test]
async fn geminis_errors_have_their_kinds_and_say_how_long_to_wait() {
    let quota = "You exceeded your current quota, please check your plan and billing details.";
    let details = |id: &str, delay: &str| {
        json!([
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
        ])
    };
    let each = |code: u16, status: &str, message: &str, details: Value| json!({"error": {"code": code, "message": message, "status": status, "details": details}});
    let minute = details("GenerateRequestsPerMinutePerProjectPerModel", "17s");
    let error = refused(GEMINI, "429 T", &each(429, "RESOURCE_EXHAUSTED", quota, minute)).await;
    assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(Duration::from_secs(17))));
    let day = details("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "40s");
    let error = refused(GEMINI, "429 T", &each(429, "RESOURCE_EXHAUSTED", quota, day)).await;
    assert_eq!(error.kind, ErrorKind::QuotaExhausted);
    for (line, code, status, words, kind) in [
        (
            "400 B",
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            ErrorKind::Auth,
        ),
        (
            "400 B",
            400,
            "INVALID_ARGUMENT",
            "The input token count (9) exceeds the maximum number of tokens allowed (8).",
            ErrorKind::ContextOverflow,
        ),
        ("403 F", 403, "PERMISSION_DENIED", "no", ErrorKind::Permission),
        ("404 N", 404, "NOT_FOUND", "models/x is not found", ErrorKind::NotFound),
        ("503 U", 503, "UNAVAILABLE", "The model is overloaded.", ErrorKind::Overloaded),
    ] {
        let body = each(code, status, words, Value::Null);
        assert_eq!(refused(GEMINI, line, &body).await.kind, kind, "{words}");
        // Proxies have these without `alt=sse`, in a list.
        assert_eq!(refused(GEMINI, line, &json!([body])).await.kind, kind, "in a list: {words}");
    }
    // A key that is out of date, in the vendor's words, and in others with its reason alone.
    let reason = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
        "domain": "googleapis.com", "metadata": {"service": "generativelanguage.googleapis.com"}}]);
    for (words, details) in [
        ("API key expired. Please renew the API key.", Value::Null),
        ("API key expired. Please renew the API key.", reason.clone()),
        ("No.", reason),
    ] {
        let body = each(400, "INVALID_ARGUMENT", words, details);
        assert_eq!(refused(GEMINI, "400 B", &body).await.kind, ErrorKind::Auth, "{body}");
        assert_eq!(refused(GEMINI, "400 B", &json!([body])).await.kind, ErrorKind::Auth, "in a list: {body}");
    }
    for (event, kind) in [
        (json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}), ErrorKind::ContentFilter),
        (json!({"candidates": [{"finishReason": "SAFETY"}]}), ErrorKind::ContentFilter),
        (json!({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}), ErrorKind::Malformed),
        (each(503, "UNAVAILABLE", "overloaded", Value::Null), ErrorKind::Overloaded),
    ] {
        let (fake, provider) = GEMINI.start().await;
        fake.answer(vec![Step::Send(chunked(
            "text/event-stream",
            format!("data: {event}\n\n").as_bytes(),
            99,
        ))]);
        assert_eq!(ask(&provider).await.kind(), Some(kind), "{event}");
    }
}

#[tokio::test]
async fn ollamas_errors_have_their_kinds() {
    for (status, words, kind) in [
        ("404 N", "model 'm-1' not found", ErrorKind::NotFound),
        ("400 B", "the input length exceeds the context length", ErrorKind::ContextOverflow),
        ("400 B", "m-1 does not support tools", ErrorKind::BadRequest),
        ("500 I", "llama runner process has terminated", ErrorKind::Overloaded),
    ] {
        assert_eq!(refused(OLLAMA, status, &json!({ "error": words })).await.kind, kind, "{words}");
    }
    let (fake, provider) = OLLAMA.start().await;
    let stream = OLLAMA.said("so far") + "{\"error\":\"an error was encountered while running the model\"}\n";
    fake.answer(vec![Step::Send(chunked(OLLAMA.media_type, stream.as_bytes(), 50))]);
    let got = ask(&provider).await;
    assert_eq!((got.text.as_str(), got.kind()), ("so far", Some(ErrorKind::Overloaded)));
}

#[tokio::test]
async fn the_models_of_each_vendor_are_listed_under_its_name() {
    let lists = [
        (
            "anthropic",
            json!({"data": [{"type": "model", "id": "claude-x", "max_input_tokens": 200_000}], "has_more": false}),
            "anthropic/claude-x",
            Some(200_000),
        ),
        (
            "gemini",
            json!({"models": [
                {"name": "models/gemini-x", "inputTokenLimit": 1_048_576, "supportedGenerationMethods": ["generateContent"]},
                {"name": "models/embedding-1", "supportedGenerationMethods": ["embedContent"]},
            ]}),
            "gemini/gemini-x",
            Some(1_048_576),
        ),
        ("responses", json!({"data": [{"id": "gpt-x"}]}), "responses/gpt-x", None),
        ("azure", json!({"data": [{"id": "gpt-x"}]}), "azure/gpt-x", None),
        (
            "ollama",
            json!({"models": [{"name": "qwen3:4b"}, {"name": "nomic-embed-text"}]}),
            "ollama/qwen3:4b",
            Some(32_768),
        ),
    ];
    for (name, list, id, context) in lists {
        let dialect = ALL.into_iter().find(|dialect| dialect.name == name).unwrap();
        let (fake, provider) = dialect.start().await;
        fake.answer(vec![Step::Send(plain(
            "200 OK",
            "content-type: application/json\r\n",
            &list.to_string(),
        ))]);
        if name == "ollama" {
            fake.beside("GET /api/tags", &list.to_string());
        }
        let models = provider.models().await.unwrap();
        let found: Vec<_> = models.iter().map(|model| (model.id.as_str(), model.context)).collect();
        assert_eq!(found, [(id, context)]);
    }
}

#[tokio::test]
async fn no_error_shows_the_key() {
    for dialect in ALL {
        for status in ["400 B", "401 U", "403 F", "404 N", "429 T", "500 I"] {
            let body = json!({"error": {"message": "the key sk-canary-123 is bad"}});
            let error = refused(dialect, status, &body).await;
            assert!(!format!("{error:?}").contains("canary"), "{} {error:?}", dialect.name);
        }
    }
}

#[tokio::test]
async fn an_ollama_that_does_not_show_its_models_soon_lists_them_without_facts() {
    let fake = Fake::start().await;
    fake.beside(
        "GET /api/tags",
        "{\"models\":[{\"name\":\"a\",\"digest\":\"1\"},{\"name\":\"b\",\"digest\":\"2\"}]}",
    );
    let info = json!({"model_info": {"general.architecture": "x", "x.context_length": 4096}}).to_string();
    let shown = plain("200 OK", "content-type: application/json\r\n", &info);
    fake.answer_first([vec![Step::Send(shown)]]);
    fake.answer(vec![Step::Stall]);
    let ollama = OllamaProvider::new(
        ServerOptions {
            id: "ollama".into(),
            base_url: format!("http://127.0.0.1:{}", fake.port),
            timeouts: Timeouts { first_byte: Duration::from_millis(300), ..Timeouts::default() },
            ..ServerOptions::default()
        },
        None,
    );
    let models = ollama.unwrap().models().await.unwrap();
    let names: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(names, ["ollama/a", "ollama/b"]);
    assert_eq!(models.iter().filter_map(|model| model.context).collect::<Vec<_>>(), [4096]);
}

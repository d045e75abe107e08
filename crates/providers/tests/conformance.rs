//! What every dialect must keep, whatever the other side does: one end or one error, no call from a
//! broken stream, nothing that had arrived is lost.
#![allow(clippy::unwrap_used)]

mod fake;

use std::time::Duration;

use fake::{
    Fake, Step, chunked,
    got::{Case, Got, ask_with, check_cut, recorded, same},
    plain, until_close,
};
use futures_util::StreamExt as _;
use jamey_engine::ports::{
    Chunk, ErrorKind, Message, ProposedCall, Provider, Request, StopReason, ToolResult,
};
use jamey_protocol::CallId;
use jamey_providers::{ChatProvider, Secret, ServerOptions, Timeouts};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const SSE: &str = "text/event-stream";

fn options(base_url: String) -> ServerOptions {
    ServerOptions {
        id: "test".into(),
        base_url,
        key: Some(Secret::new("sk-canary-123")),
        key_name: Some("TEST_API_KEY".into()),
        ..ServerOptions::default()
    }
}

async fn fake() -> (Fake, ChatProvider) {
    let fake = Fake::start().await;
    let provider = ChatProvider::new(options(fake.base_url())).unwrap();
    (fake, provider)
}

fn request() -> Request {
    Request { model: "m-1".into(), messages: vec![Message::user("hello")], ..Request::default() }
}

async fn ask(provider: &ChatProvider) -> Got {
    ask_with(provider, request()).await
}

fn cases() -> Vec<Case> {
    recorded("openai")
}

#[tokio::test]
async fn recorded_streams_come_out_whole_in_any_framing() {
    let (fake, provider) = fake().await;
    for case in cases() {
        for size in [1, 7, 64, 1 << 20] {
            fake.answer(vec![Step::Send(chunked(SSE, &case.body, size))]);
            same(&ask(&provider).await, &case.expected, &case.name);
        }
        fake.answer(vec![Step::Trickle(chunked(SSE, &case.body, 1 << 20))]);
        same(&ask(&provider).await, &case.expected, &case.name);
        fake.answer(vec![Step::Send(until_close(SSE, &case.body)), Step::Close]);
        same(&ask(&provider).await, &case.expected, &case.name);
    }
    fake.check();
}

#[tokio::test]
async fn a_stream_cut_at_any_byte_keeps_its_text_and_never_gives_a_call() {
    let (fake, provider) = fake().await;
    for case in cases() {
        for whole in [chunked(SSE, &case.body, 100), until_close(SSE, &case.body)] {
            for cut in 0..whole.len() {
                fake.answer(vec![Step::Send(whole[..cut].to_vec()), Step::Close]);
                let got = ask(&provider).await;
                check_cut(&got, &case.expected, &format!("{} cut at {cut} of {}", case.name, whole.len()));
            }
        }
    }
    fake.check();
}

fn said(text: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]}))
}

const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

#[tokio::test]
async fn what_arrived_before_the_cut_is_kept() {
    let (fake, provider) = fake().await;
    let body = format!("{}{}data: {{\"choi", said("one "), said("two"));
    fake.answer(vec![Step::Send(until_close(SSE, body.as_bytes())), Step::Close]);
    let got = ask(&provider).await;
    assert_eq!((got.text.as_str(), got.kind()), ("one two", Some(ErrorKind::Truncated)));
}

#[tokio::test]
async fn four_megabytes_in_one_delta_are_answered() {
    let (fake, provider) = fake().await;
    let text = "x\"é".repeat(1 << 20);
    let body = format!("{}{STOP}data: [DONE]\n\n", said(&text));
    fake.answer(vec![Step::Send(chunked(SSE, body.as_bytes(), 60_000))]);
    let got = ask(&provider).await;
    assert_eq!((got.text.len(), got.end), (text.len(), Some(StopReason::Done)));
    assert!(got.text == text);
}

#[tokio::test]
async fn an_answer_over_the_cap_is_refused_and_says_so() {
    let (fake, provider) = fake().await;
    let body = format!("data: {}\n\n", "x".repeat(9 << 20));
    fake.answer(vec![Step::Send(chunked(SSE, body.as_bytes(), 1 << 20)), Step::Stall]);
    assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Malformed));
    let one = chunked(SSE, said(&"x".repeat(1 << 20)).as_bytes(), 4 << 20);
    let mut steps = vec![Step::Send(one[..one.len() - 5].to_vec())];
    let head = one.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    steps.extend((0..65).map(|_| Step::Send(one[head..one.len() - 5].to_vec())));
    fake.answer(steps);
    let got = ask(&provider).await;
    assert_eq!(got.kind(), Some(ErrorKind::Malformed));
    assert!(got.error.unwrap().message.contains("64 MiB"));
}

#[tokio::test]
async fn text_that_arrives_together_is_one_chunk() {
    let (fake, provider) = fake().await;
    let body: String = (0..1000).map(|n| said(&format!("{n} "))).collect::<String>() + STOP;
    fake.answer(vec![Step::Send(chunked(SSE, body.as_bytes(), 1 << 20))]);
    let got = ask(&provider).await;
    assert!(got.texts <= 30, "{} chunks for 1000 deltas", got.texts);
}

#[tokio::test]
async fn nothing_is_never_a_success() {
    let (fake, provider) = fake().await;
    let nothing = [
        String::new(),
        ": hello\n\n".into(),
        "data: [DONE]\n\n".into(),
        format!("{STOP}data: [DONE]\n\n"),
        format!("{}{STOP}data: [DONE]\n\n", said(" \n")),
    ];
    for body in nothing {
        fake.answer(vec![Step::Send(chunked(SSE, body.as_bytes(), 100))]);
        assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Empty), "{body:?}");
    }
    fake.answer(vec![Step::Send(plain("200 OK", "content-type: application/json\r\n", ""))]);
    assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Empty));
}

#[tokio::test]
async fn done_without_a_reason_ends_an_answer_that_said_something() {
    let (fake, provider) = fake().await;
    let body = format!("{}data: [DONE]\n\n", said("yes"));
    fake.answer(vec![Step::Send(chunked(SSE, body.as_bytes(), 100))]);
    assert_eq!(ask(&provider).await.end, Some(StopReason::Done));
}

#[tokio::test]
async fn a_call_whose_arguments_did_not_come_is_run_only_where_the_server_says_that_it_calls() {
    let (fake, provider) = fake().await;
    let call = |arguments: &str| {
        let piece = json!({"index": 0, "id": "a", "function": {"name": "T", "arguments": arguments}});
        format!("data: {}\n\n", json!({"choices": [{"delta": {"tool_calls": [piece]}}]}))
    };
    let reason = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n";
    for (arguments, reason, is_run) in
        [("", "", false), ("", reason, true), ("{}", "", true), ("{\"a\":1}", "", true)]
    {
        let body = format!("{}{reason}data: [DONE]\n\n", call(arguments));
        fake.answer(vec![Step::Send(chunked(SSE, body.as_bytes(), 100))]);
        let got = ask(&provider).await;
        let run: Vec<bool> = got.calls.iter().map(|(_, arguments)| arguments.is_ok()).collect();
        assert_eq!((got.end, run), (Some(StopReason::Done), vec![is_run]), "{arguments:?} {reason:?}");
    }
}

#[tokio::test]
async fn garbage_is_named() {
    let (fake, provider) = fake().await;
    let page = "<!DOCTYPE html><html><title>Sign in</title></html>";
    for (content_type, body, part) in [
        ("text/html", page, "web page"),
        (SSE, page, "web page"),
        ("text/plain", "Bad gateway", "Bad gateway"),
        (SSE, "hello world\n", "hello world"),
        (SSE, "data: {\"choices\":[{\"delta\":{\"content\":\"bro\n\n", "not in the dialect"),
        (SSE, "data: ]]\n\n", "not in the dialect"),
        ("application/json", "{\"choices\":", "not in the dialect"),
        ("application/octet-stream", "\u{1b}[2J\u{0}", "no model's answer"),
    ] {
        fake.answer(vec![Step::Send(chunked(content_type, body.as_bytes(), 100))]);
        let got = ask(&provider).await;
        let error = got.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Malformed, "{body}");
        assert!(error.message.contains(part) && !error.message.contains('\u{1b}'), "{}", error.message);
    }
    let zipped = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n";
    fake.answer(vec![Step::Send(zipped.into()), Step::Close]);
    assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Malformed));
    fake.answer(vec![Step::Send(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), Step::Close]);
    assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Transport));
}

#[tokio::test]
async fn an_answer_in_one_piece_is_accepted() {
    let (fake, provider) = fake().await;
    let body = json!({"choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
        "role": "assistant", "content": "Looking.", "reasoning_content": "hm",
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "one", "arguments": "{}"}},
            {"id": "a", "type": "function", "function": {"name": "two", "arguments": ""}},
        ],
    }}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}});
    fake.answer(vec![Step::Send(plain("200 OK", "content-type: application/json\r\n", &body.to_string()))]);
    let got = ask(&provider).await;
    assert_eq!(
        (got.text.as_str(), got.reasoning.as_str(), got.end),
        ("Looking.", "hm", Some(StopReason::Done))
    );
    assert_eq!(got.calls, [("one".to_owned(), Ok(json!({}))), ("two".to_owned(), Ok(json!({})))]);
}

#[tokio::test]
async fn errors_inside_a_stream_have_their_kinds() {
    let (fake, provider) = fake().await;
    for (error, kind) in [
        (json!({"message": "overloaded", "type": "overloaded_error", "code": 529}), ErrorKind::Overloaded),
        (json!({"message": "This model's maximum context length is 8192"}), ErrorKind::ContextOverflow),
        (json!({"message": "slow down", "code": "rate_limit_exceeded"}), ErrorKind::RateLimited),
        (json!("something broke"), ErrorKind::Overloaded),
        (json!({"message": "no", "code": 401}), ErrorKind::Auth),
    ] {
        let body = format!("{}data: {}\n\n", said("so far"), json!({"error": error}));
        fake.answer(vec![Step::Send(chunked(SSE, body.as_bytes(), 50))]);
        let got = ask(&provider).await;
        assert_eq!((got.text.as_str(), got.kind()), ("so far", Some(kind)), "{error}");
    }
}

#[tokio::test]
async fn refusals_of_the_server_have_their_kinds_and_hide_the_key() {
    let (fake, provider) = fake().await;
    for (status, kind) in [
        ("401 Unauthorized", ErrorKind::Auth),
        ("403 Forbidden", ErrorKind::Permission),
        ("404 Not Found", ErrorKind::NotFound),
        ("400 Bad Request", ErrorKind::BadRequest),
        ("429 Too Many Requests", ErrorKind::RateLimited),
        ("500 Internal Server Error", ErrorKind::Overloaded),
        ("529 Overloaded", ErrorKind::Overloaded),
        ("302 Found", ErrorKind::NotFound),
    ] {
        let body =
            json!({"error": {"message": format!("key sk-canary-123 {}", "x".repeat(5000))}}).to_string();
        let head = "content-type: application/json\r\nlocation: http://127.0.0.1:1/\r\nretry-after: 7\r\n";
        fake.answer(vec![Step::Send(plain(status, head, &body))]);
        let error = ask(&provider).await.error.unwrap();
        assert_eq!(error.kind, kind, "{error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        assert!(error.message.chars().count() < 420, "{}", error.message);
        if kind == ErrorKind::RateLimited {
            assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
        }
    }
    assert_eq!(fake.connections(), 1);
}

fn impatient(base_url: String) -> ChatProvider {
    let short = Duration::from_millis(60);
    let timeouts = Timeouts { connect: short, first_byte: short, idle: short };
    ChatProvider::new(ServerOptions { timeouts, ..options(base_url) }).unwrap()
}

#[tokio::test]
async fn silence_ends_in_a_timeout_and_keeps_what_was_said() {
    let fake = Fake::start().await;
    let provider = impatient(fake.base_url());
    let whole = chunked(SSE, said("first").as_bytes(), 1000);
    for (sent, text) in [(0, ""), (20, ""), (whole.len() - 5, "first")] {
        fake.answer(vec![Step::Send(whole[..sent].to_vec()), Step::Stall]);
        let got = ask(&provider).await;
        assert_eq!((got.text.as_str(), got.kind()), (text, Some(ErrorKind::Timeout)));
        fake.client_left().await;
    }
}

#[tokio::test]
async fn a_server_that_forgets_to_close_after_its_reason_to_stop_still_ends_the_answer() {
    let fake = Fake::start().await;
    let provider = impatient(fake.base_url());
    let whole = chunked(SSE, (said("all") + STOP).as_bytes(), 1000);
    fake.answer(vec![Step::Send(whole[..whole.len() - 5].to_vec()), Step::Stall]);
    assert_eq!(ask(&provider).await.end, Some(StopReason::Done));
}

#[tokio::test]
async fn a_dropped_stream_closes_its_connection() {
    let (fake, provider) = fake().await;
    let whole = chunked(SSE, said("first").as_bytes(), 1000);
    fake.answer(vec![Step::Send(whole[..whole.len() - 5].to_vec()), Step::Stall]);
    let mut stream = provider.stream(request(), CancellationToken::new());
    assert_eq!(stream.next().await, Some(Ok(Chunk::Text("first".into()))));
    drop(stream);
    fake.client_left().await;
}

#[tokio::test]
async fn a_cancelled_request_says_so_and_closes_its_connection() {
    let (fake, provider) = fake().await;
    fake.answer(vec![Step::Stall]);
    let cancel = CancellationToken::new();
    let mut stream = provider.stream(request(), cancel.clone());
    let (first, ()) = tokio::join!(stream.next(), async {
        while fake.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert_eq!(first.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    assert!(stream.next().await.is_none());
    fake.client_left().await;
}

#[tokio::test]
async fn nobody_at_the_address_is_said_plainly() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let provider = ChatProvider::new(options(format!("http://127.0.0.1:{port}/v1"))).unwrap();
    let error = ask(&provider).await.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Transport);
    assert_eq!(error.message, format!("nothing answers at 127.0.0.1:{port}"));
    assert!(error.hint.is_some());
}

#[tokio::test]
async fn one_connection_carries_a_whole_session_with_tools() {
    let (fake, provider) = fake().await;
    let body = format!("{}{STOP}data: [DONE]\n\n", said("ok"));
    let whole = chunked(SSE, body.as_bytes(), 1000);
    // The end of the body comes in a packet of its own, as servers like to send it.
    let (most, last) = whole.split_at(whole.len() - 5);
    fake.answer(vec![Step::Send(most.to_vec()), Step::Send(last.to_vec())]);
    let mut messages = Vec::new();
    for round in 0..10 {
        messages.push(Message::user("go on"));
        if round > 0 {
            let call_id = CallId::new();
            let call = ProposedCall { call_id, tool: "t".into(), arguments: Err("{\"a\":".into()) };
            messages.push(Message::assistant("", vec![call]));
            let result = ToolResult { call_id, tool: "t".into(), text: "bad".into(), ok: false };
            messages.push(Message::Results(vec![result]));
        }
        let request = Request { model: "m".into(), messages: messages.clone(), ..Request::default() };
        let items: Vec<_> = provider.stream(request, CancellationToken::new()).collect().await;
        assert_eq!(items.last(), Some(&Ok(Chunk::End(StopReason::Done))));
    }
    fake.check();
    assert_eq!((fake.connections(), fake.requests().len()), (1, 10));
    let seen = &fake.requests()[0];
    assert_eq!(seen.line, "POST /v1/chat/completions");
    assert_eq!(seen.headers["authorization"], "Bearer sk-canary-123");
}

#[tokio::test]
async fn the_models_of_a_server_are_listed_under_its_name() {
    let (fake, provider) = fake().await;
    let body = json!({"object": "list", "models": [], "data": [
        {"id": "a", "max_model_len": 4096}, {"id": "b/c", "meta": {"n_ctx_train": 100}}, {"id": "d"},
    ]});
    fake.answer(vec![Step::Send(plain("200 OK", "content-type: application/json\r\n", &body.to_string()))]);
    let models: Vec<_> =
        provider.models().await.unwrap().into_iter().map(|model| (model.id, model.context)).collect();
    let expected = [("test/a", Some(4096)), ("test/b/c", Some(100)), ("test/d", None)];
    assert_eq!(models, expected.map(|(id, context)| (id.to_owned(), context)));
    assert_eq!(fake.requests()[0].line, "GET /v1/models");
    fake.answer(vec![Step::Send(plain("404 Not Found", "", "nope"))]);
    assert_eq!(provider.models().await.unwrap_err().kind, ErrorKind::NotFound);
    fake.answer(vec![Step::Send(plain("302 Found", "location: https://portal.example/\r\n", ""))]);
    assert_eq!(provider.models().await.unwrap_err().kind, ErrorKind::Malformed, "a login page is no server");
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_behind_a_unix_socket_is_spoken_to_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let fake = Fake::on_socket(&path);
    let provider = ChatProvider::new(ServerOptions {
        id: "local".into(),
        socket: Some(path),
        ..ServerOptions::default()
    })
    .unwrap();
    let case = cases().remove(0);
    fake.answer(vec![Step::Send(chunked(SSE, &case.body, 64))]);
    for _ in 0..3 {
        same(&ask(&provider).await, &case.expected, &case.name);
    }
    assert_eq!(fake.connections(), 1);
    let gone = ServerOptions {
        id: "local".into(),
        socket: Some(folder.path().join("none")),
        ..ServerOptions::default()
    };
    let error = ask(&ChatProvider::new(gone).unwrap()).await.error.unwrap();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Transport, "nothing answers at local"));
}

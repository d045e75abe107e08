//! The fault table: what happens on a bad day, for every dialect.

use std::time::{Duration, SystemTime};

use jamey_engine::ports::{ErrorKind, StopReason};
use jamey_providers::Timeouts;

use super::{ALL, ANTHROPIC, ask};
use crate::fake::{Step, chunked, plain, until_close};

#[tokio::test]
async fn each_fault_ends_in_its_own_kind_and_each_odd_answer_is_answered() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let kind = dialect.media_type;
        let json = "content-type: application/json\r\n";
        let mut held = 0;

        fake.answer(vec![Step::Send(plain(
            "429 Too Many Requests",
            &format!("{json}retry-after: 7\r\n"),
            "{}",
        ))]);
        let got = ask(&provider).await;
        assert_eq!(got.kind(), Some(ErrorKind::RateLimited), "{} 429", dialect.name);
        assert_eq!(got.error.unwrap().retry_after, Some(Duration::from_secs(7)), "{}", dialect.name);
        held += 1;

        for status in ["500 Internal Server Error", "529 Overloaded"] {
            fake.answer(vec![Step::Send(plain(status, json, "{\"error\":{\"message\":\"broken\"}}"))]);
            assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Overloaded), "{} {status}", dialect.name);
        }
        held += 1;

        let cut = dialect.said("so far");
        fake.answer(vec![Step::Send(until_close(kind, cut.as_bytes())), Step::Close]);
        let got = ask(&provider).await;
        assert_eq!(
            (got.text.as_str(), got.kind()),
            ("so far", Some(ErrorKind::Truncated)),
            "{} cut",
            dialect.name
        );
        held += 1;

        let broken = dialect.said("so far") + &dialect.said("x").replacen('{', "{{", 1);
        fake.answer(vec![Step::Send(chunked(kind, broken.as_bytes(), 1000))]);
        let got = ask(&provider).await;
        assert_eq!(
            (got.text.as_str(), got.kind()),
            ("so far", Some(ErrorKind::Malformed)),
            "{} malformed",
            dialect.name
        );
        held += 1;

        fake.answer(vec![Step::Close]);
        assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Transport), "{} reset", dialect.name);
        held += 1;

        fake.answer(vec![Step::Send(chunked(kind, b"", 1))]);
        assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Empty), "{} empty", dialect.name);
        held += 1;

        let text = "x\"é".repeat(1 << 20);
        fake.answer(vec![Step::Send(chunked(kind, dialect.answer(&text).as_bytes(), 60_000))]);
        let got = ask(&provider).await;
        assert_eq!(got.end, Some(StopReason::Done), "{} huge: {:?}", dialect.name, got.error);
        assert!(got.text == text, "{} huge", dialect.name);
        held += 1;

        fake.answer(vec![Step::Trickle(chunked(kind, dialect.answer("slowly").as_bytes(), 1 << 20))]);
        let got = ask(&provider).await;
        assert_eq!(
            (got.text.as_str(), got.end),
            ("slowly", Some(StopReason::Done)),
            "{} byte by byte",
            dialect.name
        );
        held += 1;
        assert_eq!(held, 8, "{}", dialect.name);
        fake.check();
    }
}

#[tokio::test]
async fn a_stream_of_another_name_is_read_however_its_first_bytes_come() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let answer = dialect.answer("yes");
        let is_sse = dialect.media_type == "text/event-stream";
        let bodies = [Some(answer.clone()), is_sse.then(|| format!("\u{feff}{answer}"))];
        for body in bodies.into_iter().flatten() {
            for size in [1, 2, 3, 1000] {
                fake.answer(vec![Step::Send(chunked("text/plain", body.as_bytes(), size))]);
                let got = ask(&provider).await;
                assert_eq!((got.text.as_str(), got.error), ("yes", None), "{} in {size}", dialect.name);
            }
            fake.answer(vec![Step::Trickle(until_close("text/plain", body.as_bytes())), Step::Close]);
            let got = ask(&provider).await;
            assert_eq!((got.text.as_str(), got.error), ("yes", None), "{} byte by byte", dialect.name);
        }
    }
}

#[tokio::test]
async fn a_date_to_come_back_at_is_understood_and_capped() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(7200));
        fake.answer(vec![Step::Send(plain("503 Busy", &format!("retry-after: {date}\r\n"), ""))]);
        let error = ask(&provider).await.error.unwrap();
        assert_eq!(error.retry_after, Some(Duration::from_secs(3600)), "{}", dialect.name);
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left() {
    let short = Duration::from_millis(150);
    for dialect in ALL {
        let timeouts = Timeouts { first_byte: short, idle: short, ..Timeouts::default() };
        let (fake, provider) = dialect.start_with(timeouts).await;
        let whole = chunked(dialect.media_type, dialect.said("first").as_bytes(), 1000);
        fake.answer(vec![Step::Send(whole[..whole.len() - 5].to_vec()), Step::Stall]);
        let got = ask(&provider).await;
        assert_eq!((got.text.as_str(), got.kind()), ("first", Some(ErrorKind::Timeout)), "{}", dialect.name);
        fake.client_left().await;
    }
}

#[tokio::test]
async fn too_many_calls_are_refused_and_arguments_over_their_cap_are_told_to_the_model() {
    use serde_json::json;

    use super::{ANTHROPIC, GEMINI};
    let (fake, provider) = GEMINI.start().await;
    let parts: Vec<_> = (0..129).map(|_| json!({"functionCall": {"name": "a", "args": {}}})).collect();
    let event = json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]});
    fake.answer(vec![Step::Send(chunked(
        "text/event-stream",
        format!("data: {event}\n\n").as_bytes(),
        1000,
    ))]);
    assert_eq!(ask(&provider).await.kind(), Some(ErrorKind::Malformed));

    let (fake, provider) = ANTHROPIC.start().await;
    let block = json!({"type": "tool_use", "id": "t", "name": "a", "input": {}});
    let mut body =
        format!("data: {}\n\n", json!({"type": "content_block_start", "index": 0, "content_block": block}));
    let delta = json!({"type": "input_json_delta", "partial_json": "x".repeat(600_000)});
    for _ in 0..2 {
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        body.push_str(&format!("data: {event}\n\n"));
    }
    for end in [
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}),
        json!({"type": "message_stop"}),
    ] {
        body.push_str(&format!("data: {end}\n\n"));
    }
    fake.answer(vec![Step::Send(chunked("text/event-stream", body.as_bytes(), 60_000))]);
    // The model is told, so that it can do the same in parts; what it wrote is not run.
    let got = ask(&provider).await;
    assert_eq!(got.error, None);
    let told = got.calls[0].1.as_ref().unwrap_err();
    assert!(told.len() < 1000 && told.contains("these arguments have 1200000 bytes"), "{told}");
}

#[tokio::test]
async fn what_a_call_cost_is_told_before_its_fault() {
    let start = "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":700,\"output_tokens\":1}}}\n\n";
    let error = "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"no\"}}\n\n";
    let thought = "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n";
    let limit = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"output_tokens\":9}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
    let whole = |text: &str| vec![Step::Send(chunked(ANTHROPIC.media_type, text.as_bytes(), 1000))];
    let began = until_close(ANTHROPIC.media_type, start.as_bytes());
    let short = Duration::from_millis(200);
    for (name, steps, kind, output) in [
        ("cut", vec![Step::Send(began.clone()), Step::Close], ErrorKind::Truncated, 1),
        ("error", whole(&format!("{start}{error}")), ErrorKind::Overloaded, 1),
        ("nonsense", whole(&format!("{start}data: {{{{\n\n")), ErrorKind::Malformed, 1),
        ("limit", whole(&format!("{start}{thought}{limit}")), ErrorKind::NoRoom, 9),
        ("silence", vec![Step::Send(began), Step::Stall], ErrorKind::Timeout, 1),
    ] {
        let timeouts = Timeouts { idle: short, ..Timeouts::default() };
        let (fake, provider) = ANTHROPIC.start_with(timeouts).await;
        fake.answer(steps);
        let got = ask(&provider).await;
        let used = got.usage.map(|used| (used.input, used.output));
        assert_eq!((got.kind(), used), (Some(kind), Some((700, output))), "{name}");
    }
}

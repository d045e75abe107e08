use std::time::{Duration, SystemTime};

use jamey_engine::ports::{ErrorKind, ProviderError};

use super::{Peer, from_reply, wait};
use crate::Secret;

fn peer() -> Peer {
    Peer {
        who: "api.example".into(),
        base: "https://api.example".into(),
        model: "m-1".into(),
        key: Some(Secret::new("sk-canary")),
        key_name: Some("EXAMPLE_API_KEY".into()),
    }
}

fn error(status: u16, body: &str) -> ProviderError {
    from_reply(&peer(), status, None, body.as_bytes())
}

#[test]
fn the_window_is_recognised_in_each_servers_words() {
    for (status, body) in [
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"the request exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
        ),
        (
            400,
            r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}"#,
        ),
        (
            400,
            r#"{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"}"#,
        ),
        (413, "Payload Too Large"),
    ] {
        assert_eq!(error(status, body).kind, ErrorKind::ContextOverflow, "{body}");
    }
}

#[test]
fn a_used_up_account_is_not_taken_for_a_busy_server() {
    let used_up = r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    assert_eq!(error(429, used_up).kind, ErrorKind::QuotaExhausted);
    assert_eq!(error(402, r#"{"error":{"message":"Insufficient Balance"}}"#).kind, ErrorKind::QuotaExhausted);
    let busy = r#"{"error":{"message":"Rate limit reached for requests","type":"requests","code":"rate_limit_exceeded"}}"#;
    assert_eq!(error(429, busy).kind, ErrorKind::RateLimited);
}

#[test]
fn a_missing_key_and_a_wrong_one_are_told_apart() {
    let wrong = error(401, r#"{"error":{"message":"Incorrect API key provided: sk-canary."}}"#);
    assert_eq!(wrong.kind, ErrorKind::Auth);
    assert!(wrong.message.contains("did not accept the key") && wrong.message.contains("[key]"));
    assert_eq!(wrong.hint.as_deref(), Some("check EXAMPLE_API_KEY"));
    let missing = from_reply(&Peer { key: None, ..peer() }, 401, None, b"");
    assert!(
        missing.message.contains("there is none") && missing.hint.unwrap().contains("set EXAMPLE_API_KEY")
    );
    let google = r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#;
    assert_eq!(error(400, google).kind, ErrorKind::Auth);
}

#[test]
fn a_missing_model_and_a_wrong_base_url_are_told_apart() {
    let model =
        error(404, r#"{"error":{"message":"The model `m-1` does not exist","code":"model_not_found"}}"#);
    assert_eq!(model.kind, ErrorKind::NotFound);
    assert!(model.message.contains("has no model `m-1`"));
    let url = error(404, r#"{"detail":"Not Found"}"#);
    assert!(url.hint.unwrap().contains("https://api.example/v1"));
    let right = Peer { base: "https://api.example/v1".into(), ..peer() };
    assert_eq!(from_reply(&right, 404, None, b"").hint.as_deref(), Some("check the base URL"));
}

#[test]
fn a_servers_words_are_bounded_and_harmless() {
    let body = format!("{{\"error\":\"a\\u001b[2Jb\\u202e\\n\\n c {}\"}}", "é".repeat(1000));
    let message = error(500, &body).message;
    assert!(message.starts_with("api.example failed (500): a [2Jb c é"), "{message}");
    assert!(message.chars().count() < 340);
    assert_eq!(error(502, "<html><body>x</body></html>").message, "api.example failed (502)");
    let split = format!("{}sk-canary", "x".repeat(296));
    assert!(!error(500, &split).message.contains("sk-"));
}

#[test]
fn other_refusals_have_their_kinds() {
    for (status, body, kind) in [
        (403, "", ErrorKind::Permission),
        (408, "", ErrorKind::Timeout),
        (422, r#"{"detail":[{"msg":"field required"}]}"#, ErrorKind::BadRequest),
        (400, r#"{"error":{"code":"content_filter","message":"x"}}"#, ErrorKind::ContentFilter),
        (503, "loading model", ErrorKind::Overloaded),
        (529, "", ErrorKind::Overloaded),
        (418, "", ErrorKind::BadRequest),
    ] {
        assert_eq!(error(status, body).kind, kind, "{status} {body}");
    }
}

#[test]
fn the_wish_to_wait_is_read_in_both_forms_and_capped() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let seconds = |n| Some(Duration::from_secs(n));
    for (value, asked) in [
        ("7", seconds(7)),
        (" 0 ", seconds(0)),
        ("99999", seconds(60)),
        ("1e300", seconds(60)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", seconds(10)),
        ("Sun, 06 Nov 1994 08:49:30 GMT", seconds(0)),
        ("Sat, 06 Nov 2094 08:49:30 GMT", seconds(60)),
        ("-3", None),
        ("NaN", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(wait(value, now), asked, "{value:?}");
    }
    assert_eq!(wait("0.25", now), Some(Duration::from_millis(250)));
}

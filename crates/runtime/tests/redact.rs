//! No secret passes, in whatever text it stands; and nothing else is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::borrow::Cow;

use jamey_runtime::redact::{MARK, Redactor, is_secret_name};
use proptest::prelude::*;

fn hidden(text: &str) -> String {
    Redactor::default().text(text).into_owned()
}

#[test]
fn what_looks_like_a_secret_is_hidden_and_the_rest_stays() {
    for (text, left) in [
        ("bad key sk-proj-Abc123_x.", "bad key [redacted]."),
        ("Authorization: Bearer abcdef123456", "Authorization: [redacted]"),
        ("{\"authorization\":\"Bearer abc\",\"x\":1}", "{\"authorization\":\"[redacted]\",\"x\":1}"),
        ("sent Bearer abcdefgh-12 to it", "sent Bearer [redacted] to it"),
        ("sent basic dXNlcjpwYXNz to it", "sent basic [redacted] to it"),
        ("token: Bearer abc123 x", "token: [redacted] x"),
        ("x-api-key: abc", "x-api-key: [redacted]"),
        ("api-key=abc&model=m", "api-key=[redacted]&model=m"),
        ("{\"api_key\": \"a b c\", \"n\": 2}", "{\"api_key\": \"[redacted]\", \"n\": 2}"),
        ("{\\\"api_key\\\":\\\"abc\\\",\\\"n\\\":2}", "{\\\"api_key\\\":\\\"[redacted]\\\",\\\"n\\\":2}"),
        ("Config { password: \"a\\\"b c\", n: 1 }", "Config { password: \"[redacted]\", n: 1 }"),
        ("OPENAI_API_KEY=abc other", "OPENAI_API_KEY=[redacted] other"),
        ("MINE_KEY = abc other", "MINE_KEY = [redacted] other"),
        ("Cookie: a=b; c=d\nnext", "Cookie: [redacted]\nnext"),
        ("http://user:pass@host/x", "http://[redacted]@host/x"),
        ("see https://ghtoken@git.example/a@b", "see https://[redacted]@git.example/a@b"),
        ("socks5://u:p%40x@[::1]:80", "socks5://[redacted]@[::1]:80"),
        ("GET /v1?key=abcDEF&alt=sse", "GET /v1?key=[redacted]&alt=sse"),
        ("GET /v1?v=1&subscription-key=abcDEF", "GET /v1?v=1&subscription-key=[redacted]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end", "[redacted] end"),
        ("AKIAABCDEFGHIJKLMNOP", "[redacted]"),
        ("k: -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nx", "k: [redacted]\nx"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "[redacted]"),
        ("naïve token=ключ-äöü, gut", "naïve token=[redacted], gut"),
    ] {
        assert_eq!(hidden(text), left, "{text}");
    }
}

#[test]
fn what_is_no_secret_stays_and_is_not_even_copied() {
    for text in [
        "",
        "the task-force asked scikit, the risk-averse did not",
        "input_tokens=12 output_tokens: 13",
        "limits.max_turns 100 -> 50; models.default openai/gpt-5",
        "https://a.example/v1/chat/completions?api-version=1",
        "https://medium.example/@somebody",
        "the bearer of this; basic idea",
        "monkey: banana, key: models.default",
        "session=0199-abc turn=7 at 12:30:01",
        "keys belong in .env; OPENAI_API_KEY changed",
    ] {
        assert!(matches!(Redactor::default().text(text), Cow::Borrowed(_)), "{text} became {}", hidden(text));
    }
}

#[test]
fn names_of_secrets_are_known_by_their_end() {
    for name in
        ["OPENAI_API_KEY", "api-key", "x-api-key", "apiKey", "GITHUB_TOKEN", "db_password", "MINE_KEY"]
    {
        assert!(is_secret_name(name), "{name}");
    }
    for name in ["key", "monkey", "input_tokens", "model", "key_env", "PATH", "KEY"] {
        assert!(!is_secret_name(name), "{name}");
    }
    let redactor = Redactor::default();
    assert_eq!(redactor.field("api_key", "anything at all"), MARK);
    assert_eq!(redactor.field("api_key", ""), "");
    assert_eq!(redactor.field("model", "gpt"), "gpt");
}

#[test]
fn short_values_are_not_learnt_and_old_ones_are_not_forgotten() {
    let redactor = Redactor::default();
    redactor.learn(["ollama", "old-canary-value"]);
    redactor.learn(["new-canary-value"]);
    assert_eq!(redactor.text("ollama old-canary-value new-canary-value"), format!("ollama {MARK} {MARK}"));
    assert!(!format!("{redactor:?}").contains("canary"));
}

/// Something that a person could have as a key: what keyboards and generators make, quotes included.
fn secrets() -> impl Strategy<Value = String> {
    "[!-~]{8,40}|[a-zA-Z0-9äöüß€ \"\\\\'{}]{8,40}"
        .prop_map(|text: String| text.trim().to_owned())
        .prop_filter("long enough, and not our own mark", |text| {
            text.len() >= 8 && !MARK.contains(text.as_str())
        })
}

proptest! {
    #[test]
    fn a_known_secret_passes_in_no_form(secret in secrets(), before in "\\PC{0,20}", after in "\\PC{0,20}") {
        let redactor = Redactor::default();
        redactor.learn([secret.as_str()]);
        let json = serde_json::to_string(&secret).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        for text in [
            format!("{before}{secret}{after}"),
            format!("{before}{secret:?}{after}"),
            format!("{before}{json}{after}"),
            format!("{before}{twice}{after}"),
            format!("{before}{json:?}{after}"),
        ] {
            let left = redactor.text(&text).into_owned();
            prop_assert!(!left.contains(&secret), "{text} became {left}");
            // However a line is written then.
            let line = serde_json::to_string(&left).unwrap();
            prop_assert!(!line.contains(json.trim_matches('"')), "{text} became {line}");
        }
    }

    #[test]
    fn a_key_by_its_prefix_passes_in_no_text(
        tail in "[A-Za-z0-9_-]{24,60}",
        prefix in prop::sample::select(vec!["sk-", "sk-proj-", "ghp_", "xoxb-", "AIza", "hf_", "gsk_", "github_pat_"]),
        before in "(\\PC{0,15}[ =:\"'(,])?",
        after in "([ \"'),;]\\PC{0,15})?",
    ) {
        let key = format!("{prefix}{tail}");
        let left = hidden(&format!("{before}{key}{after}"));
        prop_assert!(!left.contains(&key), "{left}");
        prop_assert!(!left.contains(&tail), "{left}");
    }

    #[test]
    fn what_stands_behind_a_secrets_name_passes_in_no_text(
        value in "[A-Za-z0-9äöü!#$%*+/=?^_|~.@-]{9,40}",
        name in prop::sample::select(vec!["api_key", "api-key", "X-Api-Key", "password", "OPENAI_API_KEY", "authorization", "client_secret", "access_token"]),
        shape in 0..6usize,
        before in "(\\PC{0,15} )?",
    ) {
        let text = match shape {
            0 => format!("{before}{name}={value}"),
            1 => format!("{before}{name}: {value}"),
            2 => format!("{before}{}", serde_json::json!({name: value, "n": 1})),
            3 => format!("{before}{name} = \"{value}\" # comment"),
            4 => format!("{before}{:?}", serde_json::json!({name: value}).to_string()),
            _ => format!("{before}?{name}={value}&x=1"),
        };
        let left = hidden(&text);
        prop_assert!(!left.contains(&value), "{text} became {left}");
    }

    #[test]
    fn the_password_of_a_url_passes_in_no_text(user in "[a-z]{0,8}", password in "[A-Za-z0-9!$&()*+,;=%._~:@-]{9,30}", before in "(\\PC{0,15} )?") {
        let left = hidden(&format!("{before}https://{user}:{password}@host.example:8080/x?y"));
        prop_assert!(!left.contains(&password), "{left}");
        prop_assert!(left.ends_with("@host.example:8080/x?y"), "{left}");
    }

    #[test]
    fn any_text_is_taken_and_hiding_twice_changes_nothing(text in "(\\PC|[:=\"'\\\\ \n-]|bearer |://|sk-|token){0,60}") {
        let once = hidden(&text);
        prop_assert_eq!(hidden(&once), once.clone(), "of {}", text);
    }
}

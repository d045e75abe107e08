//! Requests that no honest client makes. Each gets a 4xx or a closed connection, never a 5xx, and
//! the runtime answers the next honest one.

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::UnixStream};

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_and_do_no_harm() {
    let world = World::start().await;
    let lines = |count: usize| (0..count).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    let long = "x".repeat(1024 * 1024);
    for (name, request, expected) in [
        ("two lengths of a body", "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{}".to_owned(), &[411, 400][..]),
        ("two lengths that differ", "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_owned(), &[400]),
        ("a negative length", "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n{}".to_owned(), &[400]),
        ("chunks", "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_owned(), &[411]),
        ("HTTP/0.9", "GET /v1/hello\r\n\r\n".to_owned(), &[400, 0]),
        ("no HTTP at all", "\x16\x03\x01\x02\r\n\r\n".to_owned(), &[400]),
        ("NUL in the path", "GET /v1/\0hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), &[400]),
        ("NUL in the path, encoded", "GET /v1/sessions/%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), &[404]),
        ("dots, encoded", "GET /v1/sessions/%2e%2e%2f%2e%2e HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), &[404]),
        ("dots", "GET /v1/../../etc/passwd HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), &[404]),
        ("overlong UTF-8", "GET /v1/sessions/%c0%ae HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), &[400]),
        ("too many head lines", format!("GET /v1/hello HTTP/1.1\r\nhost: x\r\n{}\r\n", lines(10_000)), &[431]),
        ("a huge head", format!("GET /v1/hello HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n"), &[431]),
        ("a huge path", format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"), &[414, 431]),
        ("a body of 1 GiB", "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n{".to_owned(), &[413]),
        ("a method of its own", "BREW /v1/hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), &[405]),
        ("a tunnel", "CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), &[405]),
        ("a control character in a head line", "GET /v1/hello HTTP/1.1\r\nhost: x\r\nx: \x01\r\n\r\n".to_owned(), &[400]),
        ("a space before the colon", "GET /v1/hello HTTP/1.1\r\nhost : x\r\n\r\n".to_owned(), &[400]),
    ] {
        let answer = world.raw(request.as_bytes()).await;
        assert!(expected.contains(&answer.status), "{name}: {answer:?}");
        assert!(answer.status < 500, "{name}: {answer:?}");
    }
    // One reader takes it for a line end, the next does not; alone on a socket it does no harm.
    let bare = world.raw(b"GET /v1/hello HTTP/1.1\nhost: x\nconnection: close\n\n").await;
    assert!(bare.status == 200 || bare.status == 400, "{bare:?}");
    assert_eq!(world.get("/v1/hello").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_queries_that_do_not_fit_are_explained() {
    let world = World::saying(1).await;
    let session = world.new_session().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let post = |body: String| {
        format!(
            "POST /v1/sessions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    for body in ["", "{", "[]", "null", "{\"cwd\":1}", "{\"cwd\":\"/\",\"nonsense\":1}", "\u{feff}{}", &deep]
    {
        let answer = world.raw(post(body.to_owned()).as_bytes()).await;
        assert_eq!(answer.status, 400, "{body:.60}: {answer:?}");
        assert_eq!(answer.json()["code"], "bad_request");
    }
    for (method, path, body, status) in [
        ("GET", "/v1/nowhere".to_owned(), None, 404),
        ("GET", "/v1/sessions/nobody".to_owned(), None, 404),
        ("GET", "/v1/sessions/01a20a61-d386-7616-9c84-c89466378abf".to_owned(), None, 404),
        ("GET", "/v1/sessions/01a20a61-d386-7616-9c84-c89466378abf/events".to_owned(), None, 404),
        ("GET", "/v1/sessions/01a20a61-d386-7616-9c84-c89466378abf/items".to_owned(), None, 404),
        ("DELETE", "/v1/sessions/01a20a61-d386-7616-9c84-c89466378abf".to_owned(), None, 404),
        ("PUT", "/v1/sessions".to_owned(), None, 405),
        ("GET", "/v1/sessions?limit=0".to_owned(), None, 400),
        ("GET", "/v1/sessions?limit=99999999999999999999".to_owned(), None, 400),
        ("GET", "/v1/sessions?nonsense=1".to_owned(), None, 400),
        ("GET", "/v1/sessions?after=nonsense".to_owned(), None, 400),
        ("GET", format!("/v1/sessions/{session}/items?after=-1"), None, 400),
        ("GET", format!("/v1/sessions/{session}/events?after=-1"), None, 400),
        ("GET", format!("/v1/sessions/{session}/events?after=4000"), None, 409),
        ("GET", "/v1/events?after=18446744073709551615".to_owned(), None, 400),
        ("GET", "/v1/search".to_owned(), None, 400),
        ("GET", format!("/v1/search?q={}", "x".repeat(4000)), None, 400),
        ("GET", "/v1/search?q=%22%20OR%20NEAR(*%20--%20%3B".to_owned(), None, 200),
        ("POST", "/v1/models/nonsense/pull".to_owned(), None, 404),
        ("DELETE", "/v1/models/..%2f..%2fetc".to_owned(), None, 404),
        ("POST", "/v1/sessions".to_owned(), Some(json!({"cwd": "here"})), 400),
        ("POST", "/v1/sessions".to_owned(), Some(json!({"cwd": "/nowhere/at/all"})), 400),
        ("POST", "/v1/sessions".to_owned(), Some(json!({"cwd": "/", "name": "a\u{0}b"})), 400),
        ("PATCH", "/v1/config".to_owned(), Some(json!({"key": "api.port", "value": 0})), 400),
        ("PATCH", "/v1/config".to_owned(), Some(json!({"key": "api.prot", "value": 1})), 400),
        (
            "POST",
            format!("/v1/sessions/{session}/ops"),
            Some(json!({"opId": "x", "op": {"type": "interrupt"}})),
            400,
        ),
    ] {
        let answer = world.call(method, &path, body.as_ref()).await;
        assert_eq!(answer.status, status, "{method} {path} {body:?}: {answer:?}");
        if status != 200 {
            assert!(answer.json()["message"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_kept_whole_or_refused_in_words() {
    let world = World::saying(1).await;
    let session = world.new_session().await;
    let odd = "a\u{0}b\u{1b}[2J\u{202e}\r\n{\"\\u0000\":1}";
    assert_eq!(world.say(session, odd).await.status, 202);
    world.events(session, 0).await.until_the_turn_ends().await;
    let items = world.get(&format!("/v1/sessions/{session}/items")).await.json();
    assert_eq!(items["data"][0]["body"]["text"], odd);

    let large = world.say(session, &"x".repeat(10 * 1024 * 1024)).await;
    assert_eq!(large.status, 413, "{large:?}");
    assert_eq!(large.json()["code"], "too_large");
    let larger = world.say(session, &"x".repeat(17 * 1024 * 1024)).await;
    assert!(matches!(larger.status, 413 | 0), "{larger:?}");
    assert_eq!(world.say(session, "   ").await.status, 400);
    let fits = world.say(session, &"y".repeat(1024 * 1024)).await;
    assert_eq!(fits.status, 202, "{fits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_bound_are_told_so_and_places_come_free() {
    let world = World::start().await;
    let mut open = Vec::new();
    for _ in 0..64 {
        open.push(UnixStream::connect(world.socket()).await.unwrap());
    }
    // One of each place is proven to be taken by an answer on it.
    for stream in &mut open {
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut byte = [0];
        tokio::io::AsyncReadExt::read_exact(stream, &mut byte).await.unwrap();
    }
    let refused = world.get("/v1/hello").await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["retryable"], Value::Bool(true));
    drop(open);
    assert_eq!(world.get("/v1/hello").await.status, 200);
}

//! Who is let in, as a table.

use jamey_protocol::ErrorCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::World;

async fn with_port() -> (World, u16, String) {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let overrides = vec![("api.enabled", "true".to_owned()), ("api.port", port.to_string())];
    let world = World::with(&[], overrides).await;
    let token = std::fs::read_to_string(world.running.host.folders.token()).unwrap().trim().to_owned();
    (world, port, token)
}

async fn ask(port: u16, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    (
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0),
        answer.to_ascii_lowercase(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_port_lets_in_only_programs_that_know_the_token_and_call_it_by_its_name() {
    let (world, port, token) = with_port().await;
    let good = format!("authorization: Bearer {token}\r\n");
    let host = format!("host: 127.0.0.1:{port}\r\n");
    let half = &token[..32];
    let other = "f".repeat(64);
    for (line, head, expected) in [
        ("GET /v1/hello", format!("{host}{good}"), 200),
        ("GET /v1/hello", format!("host: localhost:{port}\r\n{good}"), 200),
        ("GET /v1/hello", format!("host: [::1]:{port}\r\n{good}"), 200),
        ("GET /health", host.clone(), 200),
        ("GET /v1/hello", host.clone(), 401),
        ("GET /v1/hello", format!("{host}authorization: Bearer {half}\r\n"), 401),
        ("GET /v1/hello", format!("{host}authorization: Bearer {other}\r\n"), 401),
        ("GET /v1/hello", format!("{host}authorization: Bearer {token}x\r\n"), 401),
        ("GET /v1/hello", format!("{host}authorization: Basic {token}\r\n"), 401),
        ("GET /v1/hello", format!("{host}{good}{good}"), 401),
        ("GET /v1/nowhere", host.clone(), 401),
        ("POST /health", host.clone(), 401),
        ("GET /v1/hello", format!("host: evil.example:{port}\r\n{good}"), 403),
        ("GET /v1/hello", format!("host: 127.0.0.1\r\n{good}"), 403),
        ("GET /v1/hello", format!("host: 127.0.0.1:1\r\n{good}"), 403),
        ("GET /v1/hello", format!("host: localhost.evil.example:{port}\r\n{good}"), 403),
        ("GET /health", format!("host: evil.example:{port}\r\n"), 403),
        ("GET http://evil.example/v1/hello", format!("{host}{good}"), 403),
        ("GET /v1/hello", format!("{host}{good}origin: https://evil.example\r\n"), 403),
        ("GET /v1/hello", format!("{host}{good}origin: null\r\n"), 403),
        ("GET /v1/hello", format!("{host}{good}origin: http://127.0.0.1:{port}\r\n"), 403),
        ("GET /v1/hello", format!("{host}{good}referer: http://localhost:{port}/\r\n"), 403),
        ("GET /v1/hello", format!("{host}{good}sec-fetch-site: cross-site\r\n"), 403),
        ("GET /v1/hello", format!("{host}{good}sec-fetch-site: none\r\n"), 200),
        ("OPTIONS /v1/sessions", format!("{host}{good}access-control-request-method: POST\r\n"), 405),
        ("OPTIONS /v1/sessions", format!("{host}origin: https://evil.example\r\n"), 403),
        ("POST /v1/sessions", format!("{host}{good}content-type: text/plain\r\ncontent-length: 2\r\n"), 415),
        ("POST /v1/sessions", format!("{host}{good}content-length: 2\r\n"), 415),
    ] {
        let body = if head.contains("content-length: 2") { "{}" } else { "" };
        let (status, answer) =
            ask(port, &format!("{line} HTTP/1.1\r\nconnection: close\r\n{head}\r\n{body}")).await;
        assert_eq!(status, expected, "{line}\n{head}\n{answer}");
        assert!(answer.contains("jamey-protocol: 1.1"), "{answer}");
        assert!(!answer.contains("access-control"), "{answer}");
        assert!(!answer.contains(&token), "{answer}");
    }
    assert!(world.running.end().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_page_is_let_in_with_the_token_and_no_other_page_is() {
    let (world, port, token) = with_port().await;
    let live = &world.running.host.live;
    let mine = "http://localhost:5173";
    live.set("api.allowed_origins", &serde_json::json!([mine])).unwrap();
    let preflight = |origin: &str| {
        format!(
            "OPTIONS /v1/sessions HTTP/1.1\r\nconnection: close\r\nhost: 127.0.0.1:{port}\r\norigin: {origin}\r\n\
             access-control-request-method: POST\r\naccess-control-request-headers: authorization\r\n\r\n"
        )
    };
    let page = |origin: &str, token: &str| {
        format!(
            "GET /v1/hello HTTP/1.1\r\nconnection: close\r\nhost: 127.0.0.1:{port}\r\norigin: {origin}\r\n\
             referer: {origin}/\r\nsec-fetch-site: cross-site\r\nauthorization: Bearer {token}\r\n\r\n"
        )
    };
    // The list alone opens nothing.
    assert_eq!(ask(port, &page(mine, &token)).await.0, 403);
    live.set("api.enable_cors", &serde_json::json!(true)).unwrap();

    let (status, answer) = ask(port, &preflight(mine)).await;
    assert_eq!(status, 204, "{answer}");
    assert!(answer.contains(&format!("access-control-allow-origin: {mine}\r\n")), "{answer}");
    assert!(answer.contains("access-control-allow-headers: authorization"), "{answer}");
    assert!(answer.contains("vary: origin"), "{answer}");
    assert!(!answer.contains('*') && !answer.contains("credentials"), "{answer}");
    let (status, answer) = ask(port, &page(mine, &token)).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains(&format!("access-control-allow-origin: {mine}\r\n")), "{answer}");
    let (status, answer) = ask(port, &page(mine, "wrong")).await;
    assert_eq!(status, 401, "{answer}");
    assert!(answer.contains("access-control-allow-origin"), "the page may read why: {answer}");
    let foreign = page(mine, &token).replace(&format!("host: 127.0.0.1:{port}"), "host: evil.example");
    assert_eq!(ask(port, &foreign).await.0, 403);

    for origin in [
        "https://localhost:5173",
        "http://localhost:51730",
        "http://localhost",
        "http://localhost:5173.evil.example",
        "http://LOCALHOST:5173",
        "null",
        "*",
        "https://evil.example",
        "http://localhost:5173\r\norigin: https://evil.example",
    ] {
        for request in [preflight(origin), page(origin, &token)] {
            let (status, answer) = ask(port, &request).await;
            assert_eq!(status, 403, "{origin}: {answer}");
            assert!(!answer.contains("access-control"), "{origin}: {answer}");
        }
    }
    // Not at the socket, which no page reaches.
    let socket = page(mine, &token);
    assert_eq!(world.raw(socket.as_bytes()).await.status, 403);
    live.set("api.enable_cors", &serde_json::json!(false)).unwrap();
    assert_eq!(ask(port, &preflight(mine)).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_port_opens_moves_and_closes_while_the_runtime_runs() {
    let world = World::start().await;
    let host = &world.running.host;
    let set = async |key: &str, value: serde_json::Value| {
        let body = serde_json::json!({"key": key, "value": value});
        let answer = world.call("PATCH", "/v1/config", Some(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["warnings"].to_string()
    };
    let free = || async { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port() };
    let (one, other) = (free().await, free().await);
    assert!(TcpStream::connect(("127.0.0.1", one)).await.is_err());
    assert_eq!(set("api.port", one.into()).await, "[]");
    assert_eq!(set("api.enabled", true.into()).await, "[]");
    let health =
        |port: u16| format!("GET /health HTTP/1.1\r\nconnection: close\r\nhost: 127.0.0.1:{port}\r\n\r\n");
    assert_eq!(ask(one, &health(one)).await.0, 200);
    assert!(host.listening().contains(&format!("http://127.0.0.1:{one}")));

    assert_eq!(set("api.port", other.into()).await, "[]");
    assert_eq!(ask(other, &health(other)).await.0, 200);
    assert!(TcpStream::connect(("127.0.0.1", one)).await.is_err(), "the old one is closed");

    // Taken by somebody else: said, and the old one stays.
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let number = taken.local_addr().unwrap().port();
    let told = set("api.port", number.into()).await;
    assert!(told.contains("the loopback API is not as configured"), "{told}");
    assert_eq!(ask(other, &health(other)).await.0, 200);
    let status = world.get("/v1/status").await.json();
    assert!(status["notices"].to_string().contains("not as configured"), "{status}");
    drop(taken);
    assert_eq!(set("api.port", other.into()).await, "[]");

    // An open stream does not keep a door open that was closed.
    let token = std::fs::read_to_string(host.folders.token()).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", other)).await.unwrap();
    let request = format!(
        "GET /v1/events HTTP/1.1\r\nhost: 127.0.0.1:{other}\r\nauthorization: Bearer {}\r\n\r\n",
        token.trim()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    assert_eq!(set("api.enabled", false.into()).await, "[]");
    assert!(TcpStream::connect(("127.0.0.1", other)).await.is_err());
    let mut rest = Vec::new();
    let _ =
        tokio::time::timeout(crate::support::PATIENCE, stream.read_to_end(&mut rest)).await.expect("it ends");
    assert!(world.running.end().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_lets_its_owner_in_but_nothing_that_a_web_page_could_send() {
    let world = World::start().await;
    for (head, expected) in [
        ("", 200),
        ("origin: https://evil.example\r\n", 403),
        ("referer: https://evil.example/\r\n", 403),
        ("sec-fetch-site: cross-site\r\n", 403),
    ] {
        let request = format!("GET /v1/hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n");
        let answer = world.raw(request.as_bytes()).await;
        assert_eq!(answer.status, expected, "{head} {answer:?}");
        if expected == 403 {
            assert_eq!(answer.json()["code"], serde_json::to_value(ErrorCode::Forbidden).unwrap());
            assert!(answer.json()["hint"].is_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_its_owners_alone_and_stays_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let (world, _, token) = with_port().await;
    let path = world.running.host.folders.token();
    assert_eq!(token.len(), 64);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(&*jamey_runtime::secrets::token(&path).unwrap(), token);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_ne!(&*jamey_runtime::secrets::token(&path).unwrap(), token, "others may have read it");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

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
        assert!(answer.contains("jamey-protocol: 1.0"), "{answer}");
        assert!(!answer.contains("access-control"), "{answer}");
        assert!(!answer.contains(&token), "{answer}");
    }
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

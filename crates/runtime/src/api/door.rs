//! Serves connections: bounded in number, in header size and in patience, each request past the
//! guard and then to its route, each answer with the protocol's version.

use std::{convert::Infallible, future::Future, io, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, Response, header::CONNECTION},
    response::IntoResponse,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use jamey_protocol::version::{PROTOCOL_HEADER, PROTOCOL_MAJOR, PROTOCOL_MINOR};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    cors,
    faces::Face,
    guard::{self, Door, Pass},
};

/// Most connections of one door at a time.
const MOST_CONNECTIONS: usize = 64;
/// How long a new connection waits for a free place before it is turned away.
const PLACE_PATIENCE: Duration = Duration::from_secs(2);
/// How long a head may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// How long an answer may still take when the door closes.
pub const LAST_WORDS: Duration = Duration::from_millis(500);
/// How large a head may be, and how many lines it may have.
const MOST_HEAD_BYTES: usize = 64 * 1024;
const MOST_HEAD_LINES: usize = 100;

const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
{\"code\":\"limit\",\"message\":\"too many connections are open\",\"hint\":\"close some and try again\",\"retryable\":true}";

/// Where connections come from.
pub trait Accept: Send {
    /// One connection.
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Waits for the next connection; with it comes the process at its other end, where that is known.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Io, Option<u32>)>> + Send;
}

impl Accept for TcpListener {
    type Io = tokio::net::TcpStream;

    async fn accept(&mut self) -> io::Result<(Self::Io, Option<u32>)> {
        let (stream, _) = TcpListener::accept(self).await?;
        stream.set_nodelay(true)?;
        Ok((stream, None))
    }
}

/// When a door closes.
#[derive(Clone, Debug)]
pub struct Closing {
    /// No new connection is taken.
    pub accept: CancellationToken,
    /// Open connections finish the answer they are at.
    pub serve: CancellationToken,
    /// Counts what still runs.
    pub running: TaskTracker,
}

/// Serves a door until it closes.
pub async fn serve(mut listener: impl Accept, door: Door, router: Router, closing: Closing) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = closing.accept.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (mut io, pid) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("a connection could not be taken: {error}");
                // Out of file descriptors, most likely: asking again at once would only spin.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(Ok(place)) = tokio::time::timeout(PLACE_PATIENCE, Arc::clone(&places).acquire_owned()).await
        else {
            let _ = io.write_all(FULL).await;
            let _ = io.shutdown().await;
            continue;
        };
        let (door, router, serve) = (door.clone(), router.clone(), closing.serve.clone());
        let face = Face::came(pid);
        closing.running.spawn(async move {
            connection(io, door, router, serve).await;
            drop((place, face));
        });
    }
}

async fn connection(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    door: Door,
    router: Router,
    closing: CancellationToken,
) {
    let routes = TowerToHyperService::new(router);
    let service = service_fn(|request: Request<Incoming>| {
        let page = cors::allowed(&door, request.headers());
        let passed = guard::check(&door, page.is_some(), request.method(), request.uri(), request.headers());
        let routes = routes.clone();
        async move {
            let mut response = match passed {
                Ok(Pass::Route) => route(routes, request).await?,
                Ok(Pass::Preflight) => cors::preflight(request.headers()),
                Err(failure) => {
                    // Its body was not read, and whoever sent it is not waited for.
                    let mut response = failure.into_response();
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    response
                }
            };
            response.headers_mut().insert(HeaderName::from_static(PROTOCOL_HEADER), protocol());
            if let Some(origin) = page {
                cors::let_read(origin, response.headers_mut());
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_headers(MOST_HEAD_LINES)
        .max_buf_size(MOST_HEAD_BYTES)
        .auto_date_header(false);
    let mut served = std::pin::pin!(builder.serve_connection(TokioIo::new(io), service));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = closing.cancelled() => {
            served.as_mut().graceful_shutdown();
            // A stream has no end of its own.
            match tokio::time::timeout(LAST_WORDS, served).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended early: {error}");
    }
}

async fn route(
    routes: TowerToHyperService<Router>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    hyper::service::Service::call(&routes, request.map(Body::new)).await
}

fn protocol() -> HeaderValue {
    const TEXT: &str = "1.1";
    debug_assert_eq!(TEXT, format!("{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}"));
    HeaderValue::from_static(TEXT)
}

#[cfg(test)]
mod tests {
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, DuplexStream};

    use super::*;
    use crate::api::extract;

    /// A connection to a door with one route, which takes JSON.
    fn connect() -> DuplexStream {
        let routes = Router::new()
            .route("/v1/take", post(|extract::Body(_): extract::Body<serde_json::Value>| async { "taken" }));
        let (ours, theirs) = tokio::io::duplex(4096);
        tokio::spawn(connection(theirs, Door::Socket, routes, CancellationToken::new()));
        ours
    }

    /// What the door says from now until it closes. The clock of these tests stands still while there is
    /// anything to do, and jumps to the next timer when there is not.
    async fn last_words(mut connection: DuplexStream) -> String {
        let mut said = String::new();
        let read = connection.read_to_string(&mut said);
        tokio::time::timeout(4 * HEAD_PATIENCE, read).await.expect("the door lets go").expect("it is text");
        said
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_by_drops_is_not_waited_for() {
        let mut connection = connect();
        connection.write_all(b"POST /v1/take HTTP/1.1\r\nhost: jamey\r\n").await.unwrap();
        let began = tokio::time::Instant::now();
        let (mut reader, mut writer) = tokio::io::split(connection);
        let drops = tokio::spawn(async move {
            // One more line every ten seconds, for ever.
            while writer.write_all(b"x-more: y\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
        });
        let mut said = Vec::new();
        let _ = tokio::time::timeout(10 * HEAD_PATIENCE, reader.read_to_end(&mut said)).await.unwrap();
        drops.abort();
        assert!(began.elapsed() < HEAD_PATIENCE + Duration::from_secs(11), "{:?}", began.elapsed());
        assert!(!String::from_utf8_lossy(&said).contains("taken"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_answered_and_let_go() {
        let mut connection = connect();
        let head = b"POST /v1/take HTTP/1.1\r\nhost: jamey\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
        connection.write_all(head).await.unwrap();
        let said = last_words(connection).await;
        assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
        assert!(said.contains("did not arrive within 30 s"), "{said}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_request_is_taken() {
        let mut connection = connect();
        let request = b"POST /v1/take HTTP/1.1\r\nhost: jamey\r\ncontent-type: application/json\r\nconnection: close\r\n\
content-length: 2\r\n\r\n{}";
        connection.write_all(request).await.unwrap();
        let said = last_words(connection).await;
        assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with("taken"), "{said}");
    }
}

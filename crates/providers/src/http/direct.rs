//! Unencrypted HTTP/1.1 to this machine: TCP, a Unix socket, or a named pipe.
//!
//! The connection is driven by whoever reads the answer, not by a task of its own: a stream of tokens
//! then costs no hand-over between threads for each piece, which is most of what it would cost.
//! Connections are kept and used again; one that the server has closed meanwhile is noticed before the
//! next request is written.

use std::{
    future::{Future as _, poll_fn},
    io,
    path::PathBuf,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Body as _, Incoming},
    client::conn::http1::{self, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout},
};

use super::Broken;

/// Where the other side listens.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Tcp(String, u16),
    Socket(PathBuf),
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The connections to one place.
#[derive(Debug)]
pub(super) struct Lines {
    place: Place,
    connect: Duration,
    idle: Idle,
}

type Idle = Arc<Mutex<Vec<(Line, Instant)>>>;

/// Kept at most.
const KEPT: usize = 4;
/// And for no longer than this; many servers close sooner.
const KEPT_FOR: Duration = Duration::from_secs(60);

type Driven = Connection<TokioIo<Box<dyn Io>>, Full<Bytes>>;

struct Line {
    sender: SendRequest<Full<Bytes>>,
    /// `None` once it ended.
    connection: Option<Pin<Box<Driven>>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("open", &self.connection.is_some()).finish()
    }
}

impl Lines {
    pub(super) fn new(place: Place, connect: Duration) -> Self {
        Self { place, connect, idle: Idle::default() }
    }

    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<(Response<()>, Body), Broken> {
        let mut line = match self.kept() {
            Some(line) => line,
            None => match timeout(self.connect, self.open()).await {
                Ok(line) => line?,
                Err(_) => return Err(Broken::ConnectTimeout),
            },
        };
        let (head, incoming) = line.ask(request).await.map_err(Broken::Http)?.into_parts();
        let body = Body { line: Some(line), incoming, home: self.idle.clone() };
        Ok((Response::from_parts(head, ()), body))
    }

    /// A connection of before that is still good.
    fn kept(&self) -> Option<Line> {
        loop {
            let (mut line, since) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if since.elapsed() < KEPT_FOR && line.ready().now_or_never() == Some(true) {
                return Some(line);
            }
        }
    }

    async fn open(&self) -> Result<Line, Broken> {
        let io = connect(&self.place).await.map_err(Broken::Connect)?;
        let (sender, connection) = http1::handshake(TokioIo::new(io)).await.map_err(Broken::Http)?;
        Ok(Line { sender, connection: Some(Box::pin(connection)) })
    }
}

impl Line {
    /// Moves bytes in both directions as far as they go.
    fn drive(&mut self, context: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && connection.as_mut().poll(context).is_ready()
        {
            // How it ended is told to whoever waits for the answer.
            self.connection = None;
        }
    }

    /// Tells whether the next request can be written.
    async fn ready(&mut self) -> bool {
        poll_fn(|context| {
            self.drive(context);
            if self.connection.is_none() {
                return Poll::Ready(false);
            }
            self.sender.poll_ready(context).map(|ready| ready.is_ok())
        })
        .await
    }

    async fn ask(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        let mut answer = pin!(self.sender.send_request(request));
        let connection = &mut self.connection;
        poll_fn(|context| {
            if let Some(open) = connection
                && open.as_mut().poll(context).is_ready()
            {
                *connection = None;
            }
            answer.as_mut().poll(context)
        })
        .await
    }
}

/// The body of an answer, together with the connection that it comes over.
#[derive(Debug)]
pub(super) struct Body {
    line: Option<Line>,
    incoming: Incoming,
    home: Idle,
}

impl Body {
    /// The next piece; after the last one, the connection is kept for the next request.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        let mut driven = false;
        loop {
            match Pin::new(&mut self.incoming).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers say nothing that anybody needs.
                    if let Ok(bytes) = frame.into_data() {
                        return Poll::Ready(Ok(Some(bytes)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    self.line = None;
                    return Poll::Ready(Err(Broken::Http(error)));
                }
                Poll::Ready(None) => {
                    self.keep();
                    return Poll::Ready(Ok(None));
                }
                Poll::Pending if driven => return Poll::Pending,
                Poll::Pending => {
                    if let Some(line) = &mut self.line {
                        line.drive(context);
                    }
                    driven = true;
                }
            }
        }
    }

    fn keep(&mut self) {
        if let Some(line) = self.line.take().filter(|line| line.connection.is_some()) {
            let mut idle = self.home.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < KEPT {
                idle.push((line, Instant::now()));
            }
        }
    }
}

async fn connect(place: &Place) -> io::Result<Box<dyn Io>> {
    match place {
        Place::Tcp(host, port) => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
        Place::Socket(path) => on_socket(path).await,
    }
}

#[cfg(unix)]
async fn on_socket(path: &std::path::Path) -> io::Result<Box<dyn Io>> {
    Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
}

#[cfg(windows)]
async fn on_socket(path: &std::path::Path) -> io::Result<Box<dyn Io>> {
    /// All instances of the pipe are taken for the moment.
    const PIPE_BUSY: i32 = 231;
    loop {
        match tokio::net::windows::named_pipe::ClientOptions::new().open(path) {
            Ok(pipe) => return Ok(Box::new(pipe)),
            Err(error) if error.raw_os_error() == Some(PIPE_BUSY) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

//! Connections and requests.

use std::{
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use jamey_protocol::{
    ApiError, ErrorCode,
    version::{PROTOCOL_HEADER, PROTOCOL_MAJOR, PROTOCOL_MINOR},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{later, target::Target};

/// The largest answer that is no stream.
const LARGEST_ANSWER: usize = 256 << 20;
/// The largest error.
const LARGEST_ERROR: usize = 1 << 20;
/// A local dial or a whole plain request that takes longer means that the runtime hangs.
const DIAL_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A request's body and what it is.
type Body = (Bytes, &'static str);

const JSON: &str = "application/json";
const RAW: &str = "application/octet-stream";
const NO_BODY: Body = (Bytes::new(), JSON);

pub(super) type Sender = SendRequest<Full<Bytes>>;

/// The connections of one client.
#[derive(Debug)]
pub(super) struct Wire {
    target: Target,
    idle: Mutex<Vec<Sender>>,
}

/// What a request failed at.
enum Failure {
    /// The connection broke; on one that had been idle, a fresh one may do better.
    Connection(hyper::Error),
    /// Anything else.
    Final(ApiError),
}

impl Wire {
    /// Opens the first connection.
    pub(super) async fn open(target: Target) -> Result<Self, ApiError> {
        let wire = Self { target, idle: Mutex::default() };
        let first = wire.dial().await?;
        wire.put_back(first);
        Ok(wire)
    }

    pub(super) fn address(&self) -> String {
        self.target.to_string()
    }

    /// Asks, and reads the whole answer as JSON.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<T, ApiError> {
        let bytes = self.bytes(method, path, (encode(body)?, JSON)).await?;
        // An empty answer stands for nothing, which `()` decodes from.
        let bytes = if bytes.is_empty() { Bytes::from_static(b"null") } else { bytes };
        later::read(&bytes).map_err(|error| not_understood(&format!("the answer of {path}: {error}")))
    }

    /// Sends bytes as they are, and reads the whole answer as JSON.
    pub(super) async fn give<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        bytes: Bytes,
    ) -> Result<T, ApiError> {
        let answer = self.bytes(method, path, (bytes, RAW)).await?;
        later::read(&answer).map_err(|error| not_understood(&format!("the answer of {path}: {error}")))
    }

    /// Reads the whole answer as bytes.
    pub(super) async fn fetch(&self, path: &str) -> Result<Bytes, ApiError> {
        self.bytes(Method::GET, path, NO_BODY).await
    }

    async fn bytes(&self, method: Method, path: &str, body: Body) -> Result<Bytes, ApiError> {
        let whole = async {
            let (response, sender) = self.send(method, path, body, "application/json").await?;
            let bytes = Limited::new(response.into_body(), LARGEST_ANSWER)
                .collect()
                .await
                .map_err(|error| broken(&error.to_string()))?
                .to_bytes();
            self.put_back(sender);
            Ok(bytes)
        };
        tokio::time::timeout(ANSWER_TIMEOUT, whole)
            .await
            .unwrap_or_else(|_| Err(silent(path, ANSWER_TIMEOUT)))
    }

    /// Asks for a stream of events; the connection is the stream's.
    pub(super) async fn stream(
        &self,
        method: Method,
        path: &str,
    ) -> Result<(Response<Incoming>, Sender), ApiError> {
        tokio::time::timeout(ANSWER_TIMEOUT, self.send(method, path, NO_BODY, "text/event-stream"))
            .await
            .unwrap_or_else(|_| Err(silent(path, ANSWER_TIMEOUT)))
    }

    /// Sends on an idle connection if there is one. If that turns out to be dead, sends again on a
    /// fresh one: no request of ours does more when it comes twice.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Body,
        accept: &'static str,
    ) -> Result<(Response<Incoming>, Sender), ApiError> {
        let request = || self.request(&method, path, body.clone(), accept);
        if let Some(idle) = self.take_idle() {
            match exchange(idle, request()?).await {
                Ok(done) => return Ok(done),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Connection(_)) => {}
            }
        }
        match exchange(self.dial().await?, request()?).await {
            Ok(done) => Ok(done),
            Err(Failure::Final(error)) => Err(error),
            Err(Failure::Connection(error)) => Err(broken(&error.to_string())),
        }
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        (body, kind): Body,
        accept: &'static str,
    ) -> Result<Request<Full<Bytes>>, ApiError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(PROTOCOL_HEADER, format!("{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}"));
        request = match &self.target {
            Target::Local(_) => request.header(header::HOST, "localhost"),
            Target::Loopback { address, token } => {
                let request = request.header(header::HOST, address.to_string());
                match token {
                    Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
                    None => request,
                }
            }
        };
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        request.body(Full::new(body)).map_err(|error| {
            ApiError::new(ErrorCode::BadRequest, format!("the request {path} cannot be sent: {error}"))
        })
    }

    fn take_idle(&self) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|sender| !sender.is_closed())
    }

    fn put_back(&self, sender: Sender) {
        if !sender.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        }
    }

    /// Opens a connection ahead of its use.
    pub(super) async fn warm(&self) -> Result<(), ApiError> {
        let sender = self.dial().await?;
        self.put_back(sender);
        Ok(())
    }

    async fn dial(&self) -> Result<Sender, ApiError> {
        let dialled = async {
            match &self.target {
                Target::Local(path) => begin(crate::socket::dial(path).await?).await,
                Target::Loopback { address, .. } => {
                    let stream = tokio::net::TcpStream::connect(address).await?;
                    stream.set_nodelay(true)?;
                    begin(stream).await
                }
            }
        };
        match tokio::time::timeout(DIAL_TIMEOUT, dialled).await {
            Ok(Ok(sender)) => Ok(sender),
            Ok(Err(error)) => Err(unreachable(&self.target, &error)),
            Err(_) => Err(silent("a connection", DIAL_TIMEOUT)),
        }
    }
}

async fn begin<S>(stream: S) -> io::Result<Sender>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // It ends by itself when the sender and the answer's body are gone; its error is theirs too.
    drop(tokio::spawn(connection));
    Ok(sender)
}

async fn exchange(
    mut sender: Sender,
    request: Request<Full<Bytes>>,
) -> Result<(Response<Incoming>, Sender), Failure> {
    sender.ready().await.map_err(Failure::Connection)?;
    let response = sender.send_request(request).await.map_err(Failure::Connection)?;
    check_version(&response).map_err(Failure::Final)?;
    if response.status().is_success() {
        return Ok((response, sender));
    }
    let status = response.status();
    let bytes = Limited::new(response.into_body(), LARGEST_ERROR).collect().await;
    let error = bytes.ok().and_then(|bytes| serde_json::from_slice::<ApiError>(&bytes.to_bytes()).ok());
    Err(Failure::Final(error.unwrap_or_else(|| {
        not_understood(&format!("status {status} without an explanation"))
            .hint("look at its log: jamey runtime logs")
    })))
}

fn check_version(response: &Response<Incoming>) -> Result<(), ApiError> {
    let theirs = response.headers().get(PROTOCOL_HEADER).and_then(|value| value.to_str().ok());
    let major = theirs.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    let Some((theirs, major)) = theirs.zip(major) else {
        return Err(ApiError::new(ErrorCode::Version, "what answered is not Jamey's runtime")
            .hint("look at what listens there, or choose another address with --runtime-url"));
    };
    let ours = format!("{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}");
    let says = |who, hint: &str| {
        let message =
            format!("the runtime speaks protocol {theirs} and this command {ours}: {who} is too old");
        Err(ApiError::new(ErrorCode::Version, message).hint(hint))
    };
    match major.cmp(&PROTOCOL_MAJOR) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => {
            says("the runtime", "update jamey-runtime, then restart it: jamey runtime restart")
        }
        std::cmp::Ordering::Greater => says("this command", UPDATE),
    }
}

/// What whoever is older than the runtime is told.
const UPDATE: &str = "update jamey";

/// Whether a runtime refused this client for being too old, so that no other runtime would help.
#[must_use]
pub fn is_outdated(error: &ApiError) -> bool {
    error.code == ErrorCode::Version && error.hint.as_deref() == Some(UPDATE)
}

fn encode(body: Option<&impl Serialize>) -> Result<Bytes, ApiError> {
    let Some(body) = body else { return Ok(Bytes::new()) };
    serde_json::to_vec(body).map(Bytes::from).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("the request has no JSON form: {error}"))
    })
}

pub(super) fn not_understood(what: &str) -> ApiError {
    ApiError::new(ErrorCode::Internal, format!("the runtime's answer is not understood: {what}"))
}

pub(super) fn broken(why: &str) -> ApiError {
    ApiError::new(ErrorCode::Unreachable, format!("the connection to the runtime broke: {why}"))
        .hint("look at how it is: jamey runtime status")
        .retryable()
}

fn silent(what: &str, after: Duration) -> ApiError {
    let message = format!("the runtime gave no answer to {what} in {} seconds", after.as_secs());
    ApiError::new(ErrorCode::Unreachable, message)
        .hint("look at its log (jamey runtime logs) or restart it: jamey runtime restart")
        .retryable()
}

fn unreachable(target: &Target, error: &io::Error) -> ApiError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            ApiError::new(ErrorCode::Unreachable, format!("no runtime answers at {target}"))
                .hint("start it: jamey runtime start")
                .retryable()
        }
        io::ErrorKind::PermissionDenied => {
            ApiError::new(ErrorCode::Unreachable, format!("the runtime at {target} may not be used: {error}"))
                .hint("check as which user you run this")
        }
        _ => ApiError::new(
            ErrorCode::Unreachable,
            format!("the runtime at {target} cannot be reached: {error}"),
        )
        .hint("look at how it is: jamey doctor")
        .retryable(),
    }
}

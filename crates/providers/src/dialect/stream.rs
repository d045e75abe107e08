//! Drives one request: sends it, reads the body as it comes, hands out chunks.
//!
//! Invariants: exactly one end or one error, then nothing; what had arrived before an error is handed
//! out before it, and what it cost as far as that is known; dropping the stream closes the connection unless the answer was complete.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream, stream::BoxStream};
use jamey_engine::ports::{Chunk, ErrorKind, ProviderError};
use reqwest::{
    Method, Url,
    header::{self, HeaderMap, HeaderValue},
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    Form,
    draft::{Answer, Closing, Reader},
    failure,
    frames::{Frames, Framing, Looks},
    peer::{Peer, from_reply, is_page},
};
use crate::{
    Timeouts,
    http::{self, Broken, Expired, Patience, Reply, Transport},
    sse::TooLong,
};

/// A request that is ready to go.
pub(crate) struct Call {
    pub transport: Arc<Transport>,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub timeouts: Timeouts,
    pub peer: Arc<Peer>,
    pub framing: Framing,
    pub reader: Box<dyn Reader>,
    /// The form that the answer must have.
    pub form: Form,
    /// What to send instead if the server does not understand it.
    pub amend: Option<Amend>,
    /// Called once the server took it: what a refusal of another one taught is true then.
    pub taken: Option<Taken>,
}

impl Call {
    /// Keeps what this request was changed for, once the server takes it.
    pub(crate) fn once_taken(self, keep: impl FnOnce() + Send + 'static) -> Self {
        Self { taken: Some(Box::new(keep)), ..self }
    }
}

/// See [`Call::once_taken`].
pub(crate) type Taken = Box<dyn FnOnce() + Send>;

/// Makes another request of the words in which a server refused the first one, if they say how. What was refused is
/// what it did not understand, or what does not fit its window.
pub(crate) type Amend = Box<dyn FnOnce(ErrorKind, &[u8]) -> Option<Result<Call, ProviderError>> + Send>;

type Item = Result<Chunk, ProviderError>;

/// Streams the answer to one request.
pub(crate) fn run(call: Call, cancel: CancellationToken) -> BoxStream<'static, Item> {
    let start = Running { ready: VecDeque::new(), phase: Phase::Start(Box::new(call)), cancel };
    stream::unfold(start, |mut running| async move { Some((running.next().await?, running)) }).boxed()
}

/// The same for a request that may not have come about.
pub(crate) fn begin(
    call: Result<Call, ProviderError>,
    cancel: CancellationToken,
) -> BoxStream<'static, Item> {
    match call {
        Ok(call) => run(call, cancel),
        Err(error) => failed(error),
    }
}

/// A stream that is one error.
pub(crate) fn failed(error: ProviderError) -> BoxStream<'static, Item> {
    stream::iter([Err(error)]).boxed()
}

struct Running {
    ready: VecDeque<Item>,
    phase: Phase,
    cancel: CancellationToken,
}

enum Phase {
    Start(Box<Call>),
    Body(Box<Body>),
    Over,
}

impl Running {
    async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            let phase = std::mem::replace(&mut self.phase, Phase::Over);
            if matches!(phase, Phase::Over) {
                return None;
            }
            let cancel = self.cancel.clone();
            match cancel.run_until_cancelled(step(phase, &mut self.ready)).await {
                Some(Ok(phase)) => self.phase = phase,
                Some(Err(error)) => self.ready.push_back(Err(error)),
                None => {
                    self.ready.clear();
                    let error = ProviderError::new(ErrorKind::Cancelled, "the request was cancelled");
                    self.ready.push_back(Err(error));
                }
            }
        }
    }
}

async fn step(phase: Phase, ready: &mut VecDeque<Item>) -> Result<Phase, ProviderError> {
    match phase {
        Phase::Start(call) => open(*call, ready).await,
        Phase::Body(body) => body.more(ready).await,
        Phase::Over => Ok(Phase::Over),
    }
}

/// Sends the request and looks at the head of the answer.
async fn open(call: Call, ready: &mut VecDeque<Item>) -> Result<Phase, ProviderError> {
    let Call { transport, url, mut headers, body, timeouts, peer, framing, reader, form, amend, taken } =
        call;
    let patience = Patience::new(timeouts.first_byte);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCEPT, HeaderValue::from_static(framing.media_type()));
    let response = match patience.wait(transport.send(Method::POST, &url, headers, body)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(failure::before_answer(&peer, &error)),
        Err(late) => return Err(silence(&peer, "did not begin to answer", timeouts.first_byte, late)),
    };
    let status = response.status;
    let content_type = response.header(header::CONTENT_TYPE).to_owned().to_ascii_lowercase();
    if status.is_redirection() {
        let to = response.header(header::LOCATION).to_owned();
        return Err(peer.redirect(status.as_u16(), Some(to.as_str()).filter(|to| !to.is_empty())));
    }
    if !status.is_success() {
        let retry_after = response.header(header::RETRY_AFTER).to_owned();
        let body = start_of(response, http::ERROR_BODY, Duration::from_secs(10)).await;
        let error = from_reply(&peer, status.as_u16(), Some(retry_after.as_str()), &body);
        // Nothing was done for a request that was not taken, so that this is no second try.
        let is_refused = matches!(error.kind, ErrorKind::BadRequest | ErrorKind::ContextOverflow);
        return match amend.filter(|_| is_refused).and_then(|amend| amend(error.kind, &body)) {
            Some(second) => Box::pin(open(second?, ready)).await,
            None => Err(error),
        };
    }
    if let Some(taken) = taken {
        taken();
    }
    let encoding = response.header(header::CONTENT_ENCODING).to_owned();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Err(
            peer.malformed(&format!("a compressed answer ({}) that nobody asked for", peer.clean(&encoding)))
        );
    }
    let body = Body {
        response,
        framing,
        frames: Frames::new(framing),
        answer: Answer::new(reader).in_form(form),
        head: Vec::new(),
        read: 0,
        idle: timeouts.idle,
        peer,
    };
    if content_type.starts_with(framing.media_type()) {
        body.first(patience, timeouts.first_byte, ready).await
    } else {
        body.whole(&content_type, patience, timeouts.first_byte, ready).await
    }
}

fn silence(peer: &Peer, what: &str, after: Duration, late: Expired) -> ProviderError {
    if late.slept {
        let message = format!("{} {what}: this machine slept meanwhile", peer.who);
        return ProviderError::new(ErrorKind::Timeout, message).hint("try again");
    }
    ProviderError::new(ErrorKind::Timeout, format!("{} {what} within {} s", peer.who, after.as_secs_f32()))
        .hint("try again, or choose another model")
}

/// Reads the beginning of a body that only serves an error message.
async fn start_of(mut response: Reply, cap: usize, wait: Duration) -> Vec<u8> {
    let mut body = Vec::new();
    let _ = timeout(wait, async {
        while let Ok(Some(bytes)) = response.chunk().await {
            let room = cap.saturating_sub(body.len());
            body.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
            if body.len() >= cap {
                break;
            }
        }
    })
    .await;
    body
}

/// The body of an answer that is being read.
struct Body {
    response: Reply,
    framing: Framing,
    frames: Frames,
    answer: Answer,
    /// The first bytes, to tell what it was if it was no stream of events.
    head: Vec<u8>,
    read: usize,
    idle: Duration,
    peer: Arc<Peer>,
}

/// After the reason to stop, only accounting can follow; nobody should wait long for it.
const LAST_WAIT: Duration = Duration::from_secs(5);
/// How long the end of the body is waited for after the end mark, so that the connection can be used
/// again by the next request.
const GOODBYE: Duration = Duration::from_millis(20);
/// Text that is handed out even though more has already arrived.
const ENOUGH: usize = 64 << 10;
const HEAD: usize = 512;

enum Came {
    Bytes(Bytes),
    End,
    Broken(Broken),
}

impl From<Result<Option<Bytes>, Broken>> for Came {
    fn from(result: Result<Option<Bytes>, Broken>) -> Self {
        match result {
            Ok(Some(bytes)) => Self::Bytes(bytes),
            Ok(None) => Self::End,
            Err(error) => Self::Broken(error),
        }
    }
}

impl Body {
    async fn first(
        mut self,
        patience: Patience,
        after: Duration,
        ready: &mut VecDeque<Item>,
    ) -> Result<Phase, ProviderError> {
        match patience.wait(self.response.chunk()).await {
            Ok(result) => Box::new(self).took(result.into(), ready).await,
            Err(late) => Err(silence(&self.peer, "did not begin to answer", after, late)),
        }
    }

    async fn more(mut self: Box<Self>, ready: &mut VecDeque<Item>) -> Result<Phase, ProviderError> {
        let wait = if self.answer.has_stopped() { self.idle.min(LAST_WAIT) } else { self.idle };
        match Patience::new(wait).wait(self.response.chunk()).await {
            Ok(result) => self.took(result.into(), ready).await,
            Err(_) if self.answer.has_stopped() => self.over(Closing::Ended, ready),
            Err(late) => {
                ready.extend(self.answer.usage().map(Ok));
                Err(silence(&self.peer, "sent nothing more", wait, late))
            }
        }
    }

    /// Takes what came and whatever has arrived with it.
    async fn took(
        mut self: Box<Self>,
        came: Came,
        ready: &mut VecDeque<Item>,
    ) -> Result<Phase, ProviderError> {
        let mut next = Some(came);
        while let Some(came) = next.take() {
            match came {
                Came::Bytes(bytes) => {
                    let taken = self.feed(&bytes);
                    if taken.is_err() || self.answer.is_marked() {
                        ready.extend(self.answer.flush().into_iter().map(Ok));
                        taken.inspect_err(|_| ready.extend(self.answer.usage().map(Ok)))?;
                        let _ = timeout(GOODBYE, self.goodbye()).await;
                        return self.over(Closing::Marked, ready);
                    }
                }
                Came::End => return self.over(Closing::Ended, ready),
                Came::Broken(error) => {
                    ready.extend(self.answer.flush().into_iter().map(Ok));
                    ready.extend(self.answer.usage().map(Ok));
                    return Err(failure::inside_answer(&self.peer, &error));
                }
            }
            if self.answer.waiting() < ENOUGH {
                next = self.response.chunk().now_or_never().map(Came::from);
            }
        }
        ready.extend(self.answer.flush().into_iter().map(Ok));
        ready.extend(self.answer.news_of_usage().map(Ok));
        Ok(Phase::Body(self))
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), ProviderError> {
        self.read += bytes.len();
        if self.read > http::ANSWER {
            return Err(self.peer.malformed(&format!("an answer of more than {} MiB", http::ANSWER >> 20)));
        }
        if self.head.len() < HEAD {
            self.head.extend_from_slice(bytes.get(..HEAD - self.head.len()).unwrap_or(bytes));
        }
        let (answer, peer) = (&mut self.answer, &self.peer);
        self.frames.feed(bytes, |event| answer.take(event, peer).map_err(Fault::Answer)).map_err(|fault| {
            match fault {
                Fault::Answer(error) => error,
                Fault::TooLong(error) => {
                    ProviderError::new(ErrorKind::Malformed, format!("{}: {error}", self.peer.who))
                }
            }
        })
    }

    /// Reads past what follows the end mark.
    async fn goodbye(&mut self) {
        while let Ok(Some(_)) = self.response.chunk().await {}
    }

    fn over(
        mut self: Box<Self>,
        closing: Closing,
        ready: &mut VecDeque<Item>,
    ) -> Result<Phase, ProviderError> {
        ready.extend(self.answer.flush().into_iter().map(Ok));
        if closing == Closing::Ended && self.answer.is_untouched() {
            return Err(self.nothing());
        }
        let known = self.answer.usage();
        let chunks = self.answer.finish(closing, &self.peer);
        let chunks = chunks.inspect_err(|_| ready.extend(known.map(Ok)))?;
        ready.extend(chunks.into_iter().map(Ok));
        Ok(Phase::Over)
    }

    /// Not one event came: says what came instead.
    fn nothing(&self) -> ProviderError {
        let head = self.head.trim_ascii_start();
        let begins = |field: &[u8]| head.starts_with(field) || field.starts_with(head);
        match head.first() {
            None | Some(b':') => self.peer.empty("answered with nothing"),
            Some(b'{') if self.framing == Framing::Lines => self.peer.truncated(),
            Some(_) if begins(b"data:") || begins(b"event:") => self.peer.truncated(),
            Some(_) => self.peer.other_content(self.framing.media_type(), head),
        }
    }

    /// An answer that is not announced as events: in one piece, or something else altogether.
    async fn whole(
        mut self,
        content_type: &str,
        patience: Patience,
        after: Duration,
        ready: &mut VecDeque<Item>,
    ) -> Result<Phase, ProviderError> {
        let mut body = Vec::new();
        let mut first = true;
        let mut is_undecided = true;
        loop {
            let patience = if first { patience } else { Patience::new(self.idle) };
            match patience.wait(self.response.chunk()).await {
                Ok(Ok(Some(bytes))) => body.extend_from_slice(&bytes),
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(failure::inside_answer(&self.peer, &error)),
                Err(late) if first => {
                    return Err(silence(&self.peer, "did not begin to answer", after, late));
                }
                Err(late) => return Err(silence(&self.peer, "sent nothing more", self.idle, late)),
            }
            first = false;
            if is_undecided {
                match self.framing.looks_like(content_type, &body) {
                    Looks::Framed => return Box::new(self).took(Came::Bytes(body.into()), ready).await,
                    looks => is_undecided = looks == Looks::Undecided,
                }
            }
            if is_page(content_type, &body) {
                return Err(self.peer.other_content(content_type, &body));
            }
            if body.len() > http::WHOLE_ANSWER {
                let cap = http::WHOLE_ANSWER >> 20;
                return Err(self.peer.malformed(&format!("an answer of more than {cap} MiB")));
            }
        }
        if body.trim_ascii().is_empty() {
            return Err(self.peer.empty("answered with nothing"));
        }
        if !matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return Err(self.peer.other_content(content_type, &body));
        }
        self.answer.take(&body, &self.peer)?;
        Box::new(self).over(Closing::Ended, ready)
    }
}

enum Fault {
    Answer(ProviderError),
    TooLong(TooLong),
}

impl From<TooLong> for Fault {
    fn from(error: TooLong) -> Self {
        Self::TooLong(error)
    }
}

//! A model, seen from the engine: one neutral request in, one stream of chunks out.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::stream::BoxStream;
use jamey_protocol::{CallId, Model, SessionId, ToolDescription, Usage};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// One vendor or server that runs models.
///
/// Law: a stream ends with exactly one `Chunk::End` or exactly one `Err`, and yields nothing after
/// it. A connection that closes without the vendor's own end mark is `ErrorKind::Truncated`.
/// A provider never retries by itself: that is the engine's policy.
#[async_trait::async_trait]
pub trait Provider: Send + Sync {
    /// Its name in `provider/model`.
    fn id(&self) -> &str;

    /// The models it offers now.
    ///
    /// # Errors
    /// When the vendor cannot be asked.
    async fn models(&self) -> Result<Vec<Model>, ProviderError>;

    /// Sends one request. Dropping the stream or cancelling ends the request at the vendor; a
    /// cancelled stream ends with `ErrorKind::Cancelled`.
    ///
    /// Text that arrived together should be one chunk: 20,000 tokens in 50 packets are 50 chunks.
    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>>;
}

/// What the model is asked, in no vendor's words.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The model's name without the provider.
    pub model: String,
    /// Instructions in front of everything.
    pub system: String,
    /// The conversation, oldest first. Built append-only so that prefix caches hit.
    pub messages: Vec<Message>,
    /// The tools it may call.
    pub tools: Vec<ToolDescription>,
    /// It may call none of them now: they are named since the conversation holds calls, which some vendors refuse
    /// otherwise, and so that prefix caches go on to hit.
    pub calls_off: bool,
    /// The folder the session works in; only the embedded model's dialect uses it.
    pub cwd: PathBuf,
    /// The most tokens that the answer may have; the vendor's own limit if absent.
    pub max_output: Option<u64>,
    /// About how many tokens the model's window leaves for the answer, where the window is known. A limit that is
    /// named in any case is no larger: vendors count it with what was sent, and refuse both together.
    pub room: Option<u64>,
    /// The JSON schema that the answer must follow, if it must.
    pub schema: Option<Value>,
    /// The session that it is asked in: requests of one share their beginning, which helps vendors to find it in their
    /// caches.
    pub session: Option<SessionId>,
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// What the person said.
    User {
        /// The words, those of text files that were given along included.
        text: String,
        /// Images given along, in their order.
        images: Vec<Image>,
    },
    /// One answer of the model: text, calls, or both.
    Assistant {
        /// What it thought before it said or called that, for the vendor that gave it a signature.
        reasoning: Vec<Thought>,
        /// What it said; may be empty if it only called.
        text: String,
        /// What it called, each with a `ToolResult` to follow.
        calls: Vec<ProposedCall>,
    },
    /// The results of all calls of the answer before, in their order.
    Results(Vec<ToolResult>),
}

impl Message {
    /// What a person said, without images.
    pub fn user(text: impl Into<String>) -> Self {
        Self::User { text: text.into(), images: Vec::new() }
    }

    /// What a model said, without reasoning.
    pub fn assistant(text: impl Into<String>, calls: Vec<ProposedCall>) -> Self {
        Self::Assistant { reasoning: Vec::new(), text: text.into(), calls }
    }
}

/// An image as its file has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// `image/png`, `image/jpeg`, `image/webp` or `image/gif`.
    pub media_type: String,
    /// The bytes of the file.
    pub data: Arc<[u8]>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} bytes)", self.media_type, self.data.len())
    }
}

/// One piece of reasoning, as a [`Chunk::Reasoning`] gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thought {
    /// Readable; may be empty.
    pub text: String,
    /// The vendor's opaque part. Only the provider in `model` understands it.
    pub opaque: Option<String>,
    /// `provider/model` that thought it.
    pub model: String,
}

/// What came of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// Which call.
    pub call_id: CallId,
    /// Its tool's name.
    pub tool: String,
    /// What the model reads.
    pub text: String,
    /// Whether it did what was asked.
    pub ok: bool,
}

/// A call as the model proposed it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedCall {
    /// Ours; adapters make a new one for each call that a vendor streams.
    pub call_id: CallId,
    /// Which tool.
    pub tool: String,
    /// The arguments, or the text that was no JSON object and why.
    pub arguments: Result<Value, String>,
}

/// One piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Chunk {
    /// More text.
    Text(String),
    /// More reasoning, readable part and the vendor's opaque part.
    Reasoning {
        /// Readable; may be empty.
        text: String,
        /// Carried back byte for byte.
        opaque: Option<String>,
    },
    /// One whole call; never made from partial JSON of a broken stream.
    Call(ProposedCall),
    /// Tokens of this request (whole, not added). It may come several times while the answer grows; the last one counts.
    Usage(Usage),
    /// The same, estimated as long as the vendor told none, or only those of a beginning.
    Estimate(Usage),
    /// The vendor's own end mark; nothing follows.
    End(StopReason),
}

/// Why the model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// It was done, or wants its calls run.
    Done,
    /// The output limit cut it off.
    Length,
    /// The vendor withheld the rest.
    Refused,
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ProviderError {
    /// What the engine acts on.
    pub kind: ErrorKind,
    /// What failed and why, in the person's words; no secret, no whole payload.
    pub message: String,
    /// The next step, where there is one.
    pub hint: Option<String>,
    /// How long the vendor asks to wait.
    pub retry_after: Option<Duration>,
    /// It is about the model that was asked for: one that is not there, or that this key may not use. Others of the
    /// same provider may answer.
    pub of_model: bool,
}

impl ProviderError {
    /// Makes an error without hint and wait.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, retry_after: None, of_model: false }
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The kinds that the engine tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No key, or a wrong one.
    Auth,
    /// The key may not do this.
    Permission,
    /// Too many requests; passes.
    RateLimited,
    /// The account is used up; does not pass by itself.
    QuotaExhausted,
    /// The vendor is busy or broken (5xx, 529); passes.
    Overloaded,
    /// The request does not fit the window.
    ContextOverflow,
    /// The vendor's filter refused the request.
    ContentFilter,
    /// The vendor did not understand the request.
    BadRequest,
    /// No such model, or a wrong base URL.
    NotFound,
    /// No connection, no first byte, or silence in the middle for too long.
    Timeout,
    /// DNS, TCP, TLS or proxy.
    Transport,
    /// The stream ended without its end mark.
    Truncated,
    /// The answer is not the vendor's protocol, or is over a cap.
    Malformed,
    /// The answer holds neither text nor call.
    Empty,
    /// The answer reached its limit before its first word; the same request would end alike.
    NoRoom,
    /// The answer does not have the form that was asked for.
    OtherForm,
    /// A limit of the person's own was reached; nobody was asked.
    LimitReached,
    /// We cancelled it.
    Cancelled,
}

impl ErrorKind {
    /// Tells whether the same request may succeed a little later.
    #[must_use]
    pub fn is_passing(self) -> bool {
        match self {
            Self::RateLimited
            | Self::Overloaded
            | Self::Timeout
            | Self::Transport
            | Self::Truncated
            | Self::Malformed
            | Self::Empty => true,
            Self::Auth
            | Self::Permission
            | Self::QuotaExhausted
            | Self::ContextOverflow
            | Self::ContentFilter
            | Self::BadRequest
            | Self::NotFound
            | Self::NoRoom
            | Self::OtherForm
            | Self::LimitReached
            | Self::Cancelled => false,
        }
    }
}

//! Speaks to models: turns the engine's neutral request into one vendor's words and the vendor's
//! stream back into chunks.
//!
//! - [`openai`]: the Chat Completions dialect, with any base URL or over a local socket.
//! - [`responses`], [`anthropic`], [`gemini`], [`ollama`]: the dialects of the vendors' own; [`azure`]:
//!   OpenAI's at other addresses.
//! - [`dialect`]: what the dialects share: a server, the stream of one answer, the words of failures.
//! - [`local`]: weights on this machine: what there is, how it is fetched, and the child process that
//!   runs them, spoken to in the same dialect.
//! - [`sse`], [`http`], [`secret`]: what the dialects share.
//!
//! A provider never retries, never stores anything about a session, and never sends a key anywhere
//! but to the origin it belongs to.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod anthropic;
pub mod azure;
pub mod dialect;
pub mod gemini;
pub mod http;
pub mod local;
pub mod measure;
pub mod ollama;
pub mod openai;
pub mod responses;
pub mod secret;
pub mod sse;

pub use anthropic::{AnthropicProvider, Thinking};
pub use azure::{AzureCredential, AzureOptions};
pub use dialect::{BYTES_PER_TOKEN, KeyHeader, ServerOptions};
pub use gemini::GeminiProvider;
pub use http::{PlainHttp, Proxy, Timeouts, asleep};
pub use local::{LocalOptions, LocalProvider};
pub use ollama::OllamaProvider;
pub use openai::ChatProvider;
pub use responses::ResponsesProvider;
pub use secret::Secret;

//! Speaks to models: turns the engine's neutral request into one vendor's words and the vendor's
//! stream back into chunks.
//!
//! - [`openai`]: the Chat Completions dialect, with any base URL or over a local socket.
//! - [`local`]: weights on this machine: what there is, how it is fetched, and the child process that
//!   runs them, spoken to in the same dialect.
//! - [`sse`], [`http`], [`secret`]: what the dialects share.
//!
//! A provider never retries, never stores anything about a session, and never sends a key anywhere
//! but to the origin it belongs to.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod http;
pub mod local;
pub mod measure;
pub mod openai;
pub mod secret;
pub mod sse;

pub use http::{PlainHttp, Proxy, Timeouts, asleep};
pub use local::{LocalOptions, LocalProvider};
pub use openai::{ChatOptions, ChatProvider};
pub use secret::Secret;

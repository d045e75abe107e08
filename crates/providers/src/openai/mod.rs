//! The Chat Completions dialect: OpenAI itself and everything that speaks like it (llama-server, LM
//! Studio, vLLM, Ollama's `/v1`, OpenRouter, the child process that runs local weights).
//!
//! `request` writes the neutral request as JSON, `wire` names what servers send, `calls` joins the
//! pieces of tool calls, `answer` turns events into chunks without any I/O, `stream` drives it from a
//! connection, `error` turns every failure into one of the engine's kinds.

mod answer;
mod calls;
mod error;
mod failure;
mod models;
mod provider;
mod request;
mod stream;
mod wire;

pub use error::{Peer, from_reply};
pub use provider::{ChatOptions, ChatProvider};

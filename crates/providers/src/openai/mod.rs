//! The Chat Completions dialect: everything that speaks like OpenAI did first (llama-server, LM
//! Studio, vLLM, Ollama's `/v1`, OpenRouter, Azure, the child process that runs local weights).
//!
//! `request` writes the neutral request as JSON, `habits` says where servers want it otherwise, `wire` names what
//! servers send, `calls` joins the pieces of tool calls, `answer` reads events, `sealed` is what goes back,
//! `listed` reads lists of models.

mod answer;
mod calls;
mod habits;
mod listed;
mod provider;
mod request;
mod sealed;
mod wire;

pub(crate) use listed::list;
pub use provider::ChatProvider;

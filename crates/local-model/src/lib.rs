//! The child process that runs GGUF weights through llama.cpp and answers in the shape of OpenAI's
//! Chat Completions on a local socket of its own.
//!
//! It is started, watched and restarted by the runtime, and never by hand. A crash in here, or in
//! llama.cpp, ends this process and nothing else. It ends by itself when its parent goes away.
//!
//! - [`llama`]: safe wrappers over llama.cpp; the only `unsafe` code
//! - [`engine`]: the thread that owns the weights: prompts, cached prefixes, generation
//! - [`line`](mod@line) and [`native`]: the two ways to make a model call tools
//! - [`request`]: what a client asks, checked; [`reply`]: what it gets
//! - [`server`]: socket, queue, HTTP and server-sent events
//! - [`start`]: from arguments to a running server; [`bench`]: how fast it is

pub mod args;
pub mod bench;
pub mod cancel;
pub mod engine;
pub mod error;
pub mod fit;
pub mod line;
pub mod llama;
pub mod native;
pub mod prompt;
pub mod reply;
pub mod request;
pub mod server;
pub mod start;
pub mod waiting;

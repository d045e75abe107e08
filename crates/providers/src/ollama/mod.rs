//! Ollama's own dialect, which alone knows how long a context is and lets it be set: through its
//! `/v1` a conversation that has grown too long loses its beginning without a word.
//!
//! `request` writes the neutral request as JSON, `window` finds how much fits, `reader` reads the lines,
//! `sealed` marks thoughts that go back, `pull` lets the server fetch a model.

mod provider;
mod pull;
mod reader;
mod request;
mod sealed;
mod window;

pub use provider::OllamaProvider;

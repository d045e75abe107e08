//! The dialect of Anthropic's Messages API.
//!
//! `request` writes the neutral request as JSON, `wire` names what the vendor sends, `reader` reads its
//! events, `sealed` is what goes back to it unchanged, `asks` what a model may be asked for.

mod asks;
mod provider;
mod reader;
mod request;
mod sealed;
mod wire;

pub use provider::{AnthropicProvider, Thinking};

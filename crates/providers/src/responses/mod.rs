//! The dialect of OpenAI's Responses API, spoken without any state at the vendor: nothing is stored
//! there, and encrypted reasoning goes back with the next request.
//!
//! `request` writes the neutral request as JSON, `reader` reads the events, `sealed` is what goes back
//! unchanged.

mod asks;
mod provider;
mod reader;
mod request;
mod sealed;

pub use provider::ResponsesProvider;

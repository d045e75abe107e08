//! The dialect of Google's Gemini API (`generateContent`).
//!
//! `request` writes the neutral request as JSON, `parts` those of an earlier answer, `reader` reads the events, `sealed`
//! is what goes back unchanged.

mod parts;
mod provider;
mod reader;
mod request;
mod sealed;

pub use provider::GeminiProvider;

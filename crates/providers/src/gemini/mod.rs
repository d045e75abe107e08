//! The dialect of Google's Gemini API (`generateContent`).
//!
//! `request` writes the neutral request as JSON, `reader` reads the events, `sealed` is what goes back
//! unchanged, `asks` what a model may be asked for, `without` what stands in for what it does not take.

mod asks;
mod provider;
mod reader;
mod request;
mod sealed;
mod without;

pub use provider::GeminiProvider;

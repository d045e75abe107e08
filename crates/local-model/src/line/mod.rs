//! The line protocol: a short format in which small models call tools reliably.
//!
//! Every reply is `Action: tool {arguments}` or `Answer: text`. A grammar holds the first part of each
//! reply to that; the text of an answer is free. Everything is greedy, so the same request gets the same
//! reply. The prompt, its examples and the guards were found by measurement; change them only with a
//! measurement (`cargo xtask eval`).

mod action;
mod edit;
mod grammar;
mod guards;
mod prompt;
mod speaker;
mod transcript;

pub use action::{Action, Tool};
pub use speaker::LineSpeaker;

//! The fence around llama.cpp: the only place in this crate with `unsafe`.
//!
//! Safe, owning wrappers over the part of the C interface that Jamey uses. Pointers never leave this
//! folder; every wrapper frees what it opened, and a context cannot outlive its model.
#![allow(unsafe_code)]

mod chat;
mod context;
mod gguf;
mod logs;
mod model;
mod sampler;

pub use chat::{ChatTemplates, Rendered, Trigger};
pub use context::{Context, ContextOptions, DecodeError};
pub use gguf::{GgufFile, GgufProblem};
pub use logs::{last_complaint, quiet_logs};
pub use model::{Model, Token, version};
pub use sampler::{Grammar, GrammarError, Randomness, Sampler};

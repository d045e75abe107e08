//! Decides what happens next in a turn, and who may do what.
//!
//! Layout: `ports` is what the engine needs from outside (a model, tools, a journal, a clock);
//! `turn` is the pure state machine of one turn; `policy` says allow, ask or deny; `context` builds
//! the request for the model; `session` is the one task that owns a session and performs what the
//! machine decides. Invariant: no HTTP, no file system, no process here.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod context;
pub mod policy;
pub mod ports;
pub mod session;
pub mod turn;

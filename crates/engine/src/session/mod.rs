//! The one task that owns a session: it feeds the turn machine and performs what it decides.
//!
//! Invariants: only this task writes the session's events; an event is in the journal before
//! anybody hears of it; an op is on the disk before it is acknowledged; a tool's start is on the
//! disk before its process exists. No lock guards session state, since nobody else has it.

mod actor;
mod ask;
mod command;
mod feed;
mod fold;
mod handle;
mod open_turn;
mod ops;
mod parts;
mod perform;
mod recover;
mod tool_run;
pub mod trace;

pub use command::Subscription;
pub use feed::Frame;
pub use fold::{fold, fold_into};
pub use handle::{SessionHandle, spawn};
pub use parts::{ModelChoice, Models, Parts};
pub use recover::recover;

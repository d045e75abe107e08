//! One turn, as a pure state machine: signals in, actions out.
//!
//! No async, no clock, no I/O; ids come from the `Clock` that it is given, so a test can replay
//! it exactly. Invariants (property-tested over random orders of signals): exactly one finish;
//! every proposed call gets exactly one output; nothing runs without a verdict that allows it; no
//! action after the finish; after an interrupt nothing new is begun; a summary is made at most twice for a model call.

mod action;
mod answer;
mod calls;
mod compaction;
mod failure;
mod machine;
mod signal;
#[cfg(test)]
mod tests;

pub use action::{Action, Fit, Timer};
pub use failure::api_error;
pub use machine::Machine;
pub use signal::{Signal, Verdict};

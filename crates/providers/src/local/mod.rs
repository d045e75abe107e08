//! Models that run on this machine.
//!
//! `catalogue` says which weights there are and where they come from, `pull` fetches them, `machine`
//! what fits here, `launch` and `process` keep the child process that runs them, and `provider` speaks
//! to it through the same dialect as to any server.
//!
//! Invariants: a file under a model's final name is whole and has the right checksum; at most one child
//! runs at a time; a child inherits no secret and ends with this process, however that ends.

mod catalogue;
mod condition;
mod failure;
mod launch;
mod machine;
mod process;
mod provider;
pub mod pull;

/// A child with this flag opens no window that would flash at a person (Windows, `CreateProcessW`).
#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

pub use catalogue::{Catalogue, Entry, Protocol, Source, Wheel};
pub use condition::{LocalCondition, Unloaded};
pub use machine::{free_bytes, memory_bytes};
pub use provider::{LocalOptions, LocalProvider};

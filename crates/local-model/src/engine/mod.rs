//! The thread that owns the weights: it takes jobs one by one and answers them.

mod job;
mod prefix_store;
mod tape;
mod text;
mod worker;

pub use job::{Job, Outlet};
pub use prefix_store::{ModelIdentity, PrefixStore};
pub use tape::{End, Generated, Guidance, Tape};
pub use text::StopScanner;
pub use worker::{Engine, EngineOptions, Loaded};

//! Small tasks for a real model, judged by what is true afterwards.

mod judge;
mod task;

pub use judge::judge;
pub use task::{Task, load};

//! Commands: the shell that runs them, the environment they see, and the end of everything they began.
//!
//! Two ways to hold a command's processes together. With a guard (Unix): a small process between the
//! runtime and the shell that outlives neither, see [`guard`]. Without: the process group of the
//! command (Unix) or a job object (Windows).

mod environment;
mod exec;
pub mod guard;
mod program;
mod run;
mod start;
#[cfg(all(test, windows))]
mod tests;
#[cfg(target_os = "linux")]
mod tree;

pub(crate) use exec::Exec;

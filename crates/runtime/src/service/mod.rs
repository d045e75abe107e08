//! The runtime as a service of the system: what a service manager is given so that it starts the
//! runtime with the person's session (`way`, one file for each), and what it is told while the runtime
//! lives (`notify`).
//!
//! Invariants: everything is written for this person alone and without root, except what `--system`
//! asks for on Windows; what is written is shown first, and `uninstall` removes exactly that.

pub mod about;
pub mod autostart;
pub mod files;
pub mod keeper;
pub mod launchd;
pub mod machine;
pub mod notify;
pub mod part;
pub mod purge;
pub mod quote;
pub mod run_key;
#[cfg(windows)]
pub mod scm;
pub mod systemd;
pub mod task;
pub mod way;

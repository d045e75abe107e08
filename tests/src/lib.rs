//! The harness that drives the real binaries: a home of their own, a scripted model on loopback, and
//! a door client that shares no code with Jamey's.
//!
//! A test owns everything it starts: its folders, its ports (always chosen by the system), and every
//! process, which is ended by its id when the test is over. Waiting is always for something that
//! will happen, with a bound after which the test fails and says what it saw.

pub mod bins;
#[cfg(target_os = "linux")]
pub mod desktop;
#[cfg(unix)]
pub mod door;
pub mod eval;
pub mod fake;
pub mod home;
pub mod process;
#[cfg(unix)]
pub mod readonly;
#[cfg(unix)]
pub mod runtime;
pub mod seed;
#[cfg(target_os = "linux")]
pub mod soak;
#[cfg(unix)]
pub mod stranger;
pub mod tls;
pub mod verdict;
pub mod wait;

pub use fake::{Fake, Gate, Reply, Seen};
pub use home::Home;
pub use process::{Live, Ran};
#[cfg(unix)]
pub use {
    door::{Answer, Door, EventStream},
    readonly::ReadOnly,
    runtime::Runtime,
};

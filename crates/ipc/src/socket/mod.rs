//! The local socket: what the runtime listens on and what a client dials.
//!
//! A connection from a stranger is dropped inside `accept`, before one byte of it is read.

#[cfg(unix)]
mod passed;
mod refused;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use passed::Passed;
#[cfg(unix)]
pub use unix::{Listener, Mark, Stream, dial};
#[cfg(windows)]
pub use windows::{ClientStream, Listener, Mark, Stream, dial};

/// What `dial` gives.
#[cfg(unix)]
pub type ClientStream = Stream;

/// Nothing is passed on here.
#[cfg(windows)]
#[derive(Debug, Default)]
pub struct Passed;

#[cfg(windows)]
impl Passed {
    /// There never is one.
    ///
    /// # Errors
    /// None.
    pub fn take() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// The same once more.
    ///
    /// # Errors
    /// None.
    pub fn again(&self) -> std::io::Result<Self> {
        Ok(Self)
    }
}

//! The named pipe: for its user alone.
//!
//! Its access list names the person's own account and nobody else, so neither another account nor a
//! network logon can open it. Beyond that list each end looks who the other is: the listener before it
//! reads a byte, the client before it writes one.

mod access;
mod dial;
mod listener;
mod stream;

pub use dial::dial;
pub use listener::{Listener, Mark};
pub use stream::Stream;

/// The client's end of a connection.
pub type ClientStream = Stream;

#[cfg(test)]
mod tests;

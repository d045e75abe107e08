//! The one connection to the runtime: found or started, watched, and found again when it was lost.
//!
//! Nothing waits for it but what needs it: windows appear at once and are told how it stands. What tells
//! that it is lost is the end of the stream of all events, so nothing is asked in vain.

mod keeper;
mod link;
mod mend;
mod stand;

pub use keeper::{Listener, keep};
pub use link::{Knock, Link};
pub use stand::{Connection, ConnectionState};

//! Events on their way to the webview: at most one message a frame, never more than the page has taken, and
//! never one too many after a lost connection.

mod batch;
mod drain;
mod feed;
mod subscriptions;

pub use batch::Batch;
pub use drain::Drain;
pub use feed::{all, session};
pub use subscriptions::Subscriptions;

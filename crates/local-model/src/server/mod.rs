//! The socket, the queue and HTTP.

mod activity;
mod chat;
mod listener;
mod wire;

pub use activity::Activity;
pub use chat::{Door, router};
pub use listener::{Listener, listen};

//! The door of a runtime in this process, asked by a client that shares no code with it.
#![cfg(unix)]

mod events;
mod guard;
mod hostile;
mod life;
mod routes;
mod support;

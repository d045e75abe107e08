//! The door of a runtime in this process, asked by a client that shares no code with it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod events;
mod gifts;
mod guard;
mod health;
mod hostile;
mod keys;
mod life;
mod routes;
mod support;

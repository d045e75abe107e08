//! The real program with real weights (SmolLM2-135M). Run through `cargo xtask test`, which fetches them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_starts;
mod harness;
mod hostile;
mod lifetime;
mod prefixes;
mod protocol;
mod queue;

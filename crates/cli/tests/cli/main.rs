//! The command `jamey` against a runtime that is played: what it sends, shows and ends with.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod ask;
mod fake;
mod faults;
mod manage;

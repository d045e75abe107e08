//! The resident process: it hosts sessions, keeps them, and answers at the door.
//!
//! Layout: `host` wires sessions, models and tools together; `store` keeps everything; `config` is
//! what the person set; `health` looks after all of it; `api` is the HTTP door; `serve` starts and ends all of it in order; `service` is
//! what a service manager is given and told; `logs`
//! and `secrets` are what they say; `keys` are what providers want to see; `catalogue` is what is known of their models; `recent` remembers the log's last warnings, `redact` takes secrets out
//! of whatever is written; `rules` are what was allowed for good; `telemetry` sends traces where the person wants them; `support` makes the archive for whoever helps. Invariants:
//! nothing is acknowledged that is not kept; nobody but the owner is answered; no secret is stored, logged
//! or shown; an idle runtime does nothing at all.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod api;
pub mod args;
pub mod catalogue;
pub mod command;
pub mod config;
pub mod health;
pub mod host;
pub mod keys;
pub mod logs;
pub mod monitor;
pub mod recent;
pub mod redact;
pub mod rules;
pub mod secrets;
pub mod serve;
pub mod service;
pub mod store;
pub mod support;
pub mod telemetry;

pub use serve::{Options, Running, StartError, start};

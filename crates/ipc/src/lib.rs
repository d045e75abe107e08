//! The door between Jamey's runtime and its faces: where files lie, the local socket, who may
//! call, starting the runtime, and a typed client.
//!
//! Runtime and clients link this same crate, so they cannot disagree about a path or a check.
//! Layout: `path` decides folders; `instance` lets one runtime live; `socket` listens and refuses
//! strangers (`peer` says who calls) before a byte is read; `client` asks; `launch` starts the
//! runtime for a client. Nothing here reads the working folder.
#![cfg_attr(not(windows), forbid(unsafe_code))]
#![warn(missing_docs)]

pub mod client;
pub mod instance;
pub mod launch;
pub mod path;
pub mod peer;
pub mod socket;

pub use client::Client;
pub use path::Folders;

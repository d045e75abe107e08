//! What the runtime says about itself.

use serde::{Deserialize, Serialize};

/// The answer of `GET /v1/status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The runtime's version.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// Seconds since it started.
    pub uptime_seconds: u64,
    /// Where it listens: the socket, and the loopback address when that is open.
    pub listening: Vec<String>,
    /// Its folders.
    pub folders: Folders,
    /// Sessions in the store.
    pub sessions: u64,
    /// Sessions with a running turn.
    pub running: u64,
    /// Sessions that wait for a person.
    pub waiting: u64,
    /// Its resident memory in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
    /// Child processes it started that run now (name and process id).
    pub children: Vec<Child>,
    /// What happened at start that a person should know (recovered turns, a restored database).
    pub notices: Vec<String>,
}

/// A child process of the runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Child {
    /// What it is.
    pub name: String,
    /// Its process id.
    pub pid: u32,
}

/// Where things are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Folders {
    /// `runtime.toml`, `.env`.
    pub config: String,
    /// The database, backups, blobs.
    pub data: String,
    /// Logs and temporary files.
    pub cache: String,
    /// The weights.
    pub models: String,
}

//! The promise between client and runtime: within one major, only additions.

use serde::{Deserialize, Serialize};

/// Clients and runtimes with the same major always understand each other.
pub const PROTOCOL_MAJOR: u32 = 1;
/// Grows with every addition.
pub const PROTOCOL_MINOR: u32 = 1;
/// The response header that carries `major.minor` on every answer.
pub const PROTOCOL_HEADER: &str = "jamey-protocol";

/// The answer of `GET /v1/hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The runtime's own version.
    pub version: String,
    /// `major.minor` of the protocol.
    pub protocol: String,
    /// The runtime's process id.
    pub pid: u32,
    /// What this runtime can do beyond the protocol's first version.
    pub capabilities: Vec<String>,
}

impl Hello {
    /// Tells whether a client of this crate's version can talk to that runtime.
    #[must_use]
    pub fn is_compatible(&self) -> bool {
        self.protocol.split('.').next().and_then(|major| major.parse().ok()) == Some(PROTOCOL_MAJOR)
    }
}

//! Asking the runtime to end.

use serde::{Deserialize, Serialize};

/// The body of `POST /v1/shutdown`. An empty body means: interrupt and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Shutdown {
    /// What becomes of running turns.
    pub manner: Manner,
    /// How long `finish` waits for running turns, in seconds.
    pub grace_seconds: u64,
    /// Whether another runtime begins right after; people are then told so.
    pub restart: bool,
}

/// What becomes of running turns, the gentlest first. Of two requests the harsher one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Manner {
    /// They may finish; no new one begins. After the grace they are interrupted.
    Finish,
    /// They are interrupted and kept, and everything is closed in order.
    #[default]
    Interrupt,
    /// Nothing is waited for: what is not closed within half a second is closed by the next start.
    Now,
}

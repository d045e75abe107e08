//! How the calls of each provider went, over the last day.

use serde::{Deserialize, Serialize};

use crate::health::ProviderHealth;

/// The answer of `GET /v1/providers/health?hours=24&points=120`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ProvidersPast {
    /// Length of each span, in milliseconds: whole minutes.
    pub span_ms: i64,
    /// Beginning of the oldest span that is covered, in milliseconds since 1970.
    pub from: i64,
    /// End of the newest one: of the minute that it is now.
    pub to: i64,
    /// Every configured provider, the local model last.
    pub providers: Vec<ProviderPast>,
}

/// One provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ProviderPast {
    /// How it stands now.
    pub health: ProviderHealth,
    /// The spans in which it was called, oldest first. It is forgotten when the runtime ends.
    pub history: Vec<CallSpan>,
}

/// The calls of one span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct CallSpan {
    /// When it began, in milliseconds since 1970.
    pub at: i64,
    /// Calls that ended in it, answered or failed.
    pub calls: u32,
    /// Of those, failed through the provider's or the network's fault.
    pub failed: u32,
    /// Mean milliseconds to the first word, of the answers that began in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_word_ms: Option<u64>,
}

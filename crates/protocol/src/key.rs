//! Keys of providers: a face can give one, remove one and have one tried, and never gets to see one.

use serde::{Deserialize, Serialize};

use crate::ApiError;

/// The body of `PUT /v1/providers/{name}/key`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GiveKey {
    /// The key.
    pub key: String,
}

impl std::fmt::Debug for GiveKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GiveKey(…)")
    }
}

/// The answer of `PUT /v1/providers/{name}/key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct KeyKept {
    /// Where it is kept now: `keychain` or `.env OPENAI_API_KEY`.
    pub place: String,
    /// What outranks it, if anything does, so that it is not used: `environment OPENAI_API_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outranked_by: Option<String>,
}

/// The answer of `POST /v1/providers/{name}/test`: what came of the cheapest real call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ProviderTest {
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How many models it offers, if it told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<u64>,
    /// The model that was asked for one token, where a list was not proof enough of the key: `mine/some-model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
}

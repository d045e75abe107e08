//! Configuration as the door shows it. Secrets are never part of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer of `GET /v1/config`: every value that holds, and from where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ConfigView {
    /// The file that `set` changes.
    pub path: String,
    /// All values, as nested objects.
    pub values: Value,
    /// What was wrong with the file and is not in force.
    pub warnings: Vec<String>,
}

/// The body of `PATCH /v1/config`: one value, comments in the file stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetConfig {
    /// Dotted name, such as `models.default`.
    pub key: String,
    /// The new value; `null` puts the default back.
    pub value: Value,
}

//! Copies of the database.

use serde::{Deserialize, Serialize};

/// A verified copy of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// Where it is.
    pub path: String,
    /// Its name among the backups.
    pub name: String,
    /// When it was made, in milliseconds since 1970, as far as its file tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Its size.
    pub bytes: u64,
}

/// What a database holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    /// How many sessions.
    pub sessions: u64,
    /// When the last of them changed, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<i64>,
}

/// What a restore would do, or did. `jamey-runtime` tells `jamey` in this form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restore {
    /// The copy that comes.
    pub copy: Backup,
    /// What is in it.
    pub holds: Contents,
    /// What is in the database that goes, as far as it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<Contents>,
    /// Where the old database lies, once it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
}

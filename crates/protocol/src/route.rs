//! Answers of the plain routes that are no noun of their own.

use serde::{Deserialize, Serialize};

use crate::{Item, Session, SessionId};

/// A list with a cursor to what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Pass as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What `GET /v1/search` found: passages as `Page` has them, and sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    /// Messages that hold all words, the newest first.
    pub data: Vec<Hit>,
    /// Always absent: whoever wants more asks with a higher limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Sessions whose title holds all words, the last changed first. An older runtime finds none.
    #[serde(default)]
    pub sessions: Vec<Session>,
}

/// One hit of `GET /v1/search`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// Where it is.
    pub session: SessionId,
    /// What that session is called: its name or, failing that, its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The item that matches.
    pub item: Item,
    /// The passage, matches marked with `[` and `]`.
    pub snippet: String,
}

/// One hit of `GET /v1/files`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FoundFile {
    /// Its path below the folder, with `/` between names.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// How a provider stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// Its name in `provider/model`.
    pub name: String,
    /// The dialect it speaks.
    pub kind: String,
    /// Where it is asked; no key is ever part of it.
    pub base_url: Option<String>,
    /// Where its key comes from (`environment OPENAI_API_KEY`), never the key.
    pub key_source: Option<String>,
    /// Whether it can be asked, or why not.
    pub state: String,
    /// Whether a face may offer to give it a key (`PUT /v1/providers/{name}/key`).
    #[serde(default)]
    pub takes_key: bool,
    /// Whether that key lies where `DELETE /v1/providers/{name}/key` removes it: the keychain or `.env`.
    #[serde(default)]
    pub has_kept_key: bool,
}

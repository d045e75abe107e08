//! The one error shape of the door.

use serde::{Deserialize, Serialize};

/// Says what failed, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct ApiError {
    /// What a program may act on.
    pub code: ErrorCode,
    /// What failed and why, in the person's words, no period at the end.
    pub message: String,
    /// The next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whether the same request may succeed later without a change.
    #[serde(default)]
    pub retryable: bool,
}

impl ApiError {
    /// Makes an error without a hint that is not worth repeating.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, retryable: false }
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Marks the error as passing.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }
}

/// A code exists only if some client acts on it: each maps to an exit code or an HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request is malformed or a value is out of range (400, exit 2).
    BadRequest,
    /// The caller may not ask this (403, exit 1).
    Forbidden,
    /// No such session, turn, model or route (404, exit 1).
    NotFound,
    /// It contradicts the present state, such as a turn that already runs (409, exit 1).
    Conflict,
    /// The body or the prompt is too large (413, exit 2).
    TooLarge,
    /// A limit of turns, time or money was reached (429, exit 6).
    Limit,
    /// No usable key, or the vendor refused it (exit 5).
    Auth,
    /// The model or its vendor failed (exit 5).
    Provider,
    /// The request does not fit the model's context window (exit 5).
    ContextOverflow,
    /// No model is configured or downloaded (exit 5).
    NoModel,
    /// The database, the disk or a folder failed (507, exit 1).
    Storage,
    /// A configuration value is wrong (exit 78).
    Config,
    /// The runtime cannot be reached (exit 3).
    Unreachable,
    /// The versions of client and runtime do not fit (exit 3).
    Version,
    /// An approval was needed and nobody could give it (exit 4).
    ApprovalNeeded,
    /// The runtime is closing (503).
    ShuttingDown,
    /// A fault of ours (500, exit 1).
    Internal,
    /// A code of a later version.
    #[serde(other)]
    Unknown,
}

//! What was used and what it cost, from the ledger of all model calls.

use serde::{Deserialize, Serialize};

use crate::{SessionId, Usage};

/// What the rows of a report stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum UsageBy {
    /// One row for each day of the person's calendar and each model: what charts need.
    #[default]
    Day,
    /// One row for each model.
    Model,
    /// One row for each session.
    Session,
}

/// The answer of `GET /v1/usage?by=day&days=30`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct UsageReport {
    /// What its rows stand for.
    pub by: UsageBy,
    /// The first day that it covers, `2026-11-26` in the runtime's time zone.
    pub from: String,
    /// The last day, itself covered.
    pub to: String,
    /// Days from the newest; models and sessions from what cost, or was used, most.
    pub rows: Vec<UsageRow>,
    /// All rows together.
    pub total: UsageTotal,
    /// The limits that are set, and how far they are used.
    pub limits: Vec<LimitUse>,
}

/// One row of a report. What its kind of report does not tell apart is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct UsageRow {
    /// The day, `2026-11-26`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// `provider/model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The session's name; absent once it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was used.
    #[serde(flatten)]
    pub used: UsageTotal,
}

/// A sum of model calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct UsageTotal {
    /// Calls of a model, failed ones that used tokens included.
    pub calls: u64,
    /// Tokens.
    pub tokens: Usage,
    /// Cost in millionths of a US dollar, of the calls whose price is known.
    pub cost_micros: u64,
    /// Calls of models without a known price; the local model's price is known to be nothing.
    pub unpriced_calls: u64,
    /// Calls whose tokens nobody told, so that they are estimates.
    #[serde(default)]
    pub estimated_calls: u64,
}

/// One limit of `[limits]` and how far it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct LimitUse {
    /// The key that sets it, such as `limits.day_cost`.
    pub key: String,
    /// Used so far: tokens, or millionths of a US dollar.
    pub used: u64,
    /// The most there may be.
    pub most: u64,
}

//! A call of a tool, what it wants, and what came of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Access, CallId};

/// One call. Built-in and foreign tools have the same shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ToolCall {
    /// Names it.
    pub call_id: CallId,
    /// Which tool.
    pub tool: String,
    /// Its arguments as the model gave them; a string if they were no JSON object.
    pub arguments: Value,
    /// What it touches.
    #[serde(default)]
    pub accesses: Vec<Access>,
    /// Where it stands.
    pub status: CallStatus,
    /// What came of it, once it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<ToolOutput>,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum CallStatus {
    /// A person is asked.
    Waiting,
    /// It runs, or is about to.
    Running,
    /// It did what was asked.
    Succeeded,
    /// It said why not.
    Failed,
    /// A person or the rules said no; nothing ran.
    Denied,
    /// It was stopped.
    Cancelled,
    /// The runtime ended while it ran: it may have happened or not, and it is not run again by
    /// itself.
    OutcomeUnknown,
}

/// What a tool gave back, bounded by construction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ToolOutput {
    /// What the model reads: everything, or head, a mark with the omitted count, and tail.
    pub text: String,
    /// Bytes that `text` leaves out.
    #[serde(default)]
    pub omitted_bytes: u64,
    /// Where the whole output lies, if `text` leaves something out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spill_path: Option<String>,
    /// The program's exit code, for commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub took_ms: u64,
}

/// What a tool is, for `jamey tools` and for the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ToolDescription {
    /// Its name, as the model calls it.
    pub name: String,
    /// What it does and when to use it, for the model.
    pub description: String,
    /// JSON schema of its arguments.
    pub parameters: Value,
    /// Where it comes from: `built-in`, later also servers and folders.
    pub source: String,
    /// In words, what happens under the default mode (`runs inside the working folder`, `asks`).
    pub permission: String,
}

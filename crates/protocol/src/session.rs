//! One conversation and its settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Mode, SessionId};

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Names it.
    pub id: SessionId,
    /// The name that a person gave it, unique where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The beginning of the first message, for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The folder it works in; absolute.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cwd: PathBuf,
    /// What holds for its next turn.
    pub settings: Settings,
    /// What it is doing.
    pub status: SessionStatus,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When it last changed, in milliseconds since 1970.
    pub updated_at: i64,
    /// The newest `seq`.
    pub head: u64,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum SessionStatus {
    /// Takes the next prompt.
    #[default]
    Idle,
    /// A turn runs.
    Running,
    /// A turn waits for a person.
    Waiting,
}

/// Choices that hold for a turn. In requests a field left out means "as it is".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// `provider/model`; none means the configured default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How much may happen without asking; none means `ask`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Whether the model is offered tools; none means yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Instructions in front of the conversation, besides Jamey's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Most model calls in one turn; none means 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_turns: Option<u32>,
    /// Most seconds that one turn may take, waiting for a person included; none means no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_seconds: Option<u64>,
    /// A JSON schema, an object, that the answer must follow. The turn fails if the model answers with no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub schema: Option<Value>,
}

impl Settings {
    /// Lays `over` on top: its given fields win.
    #[must_use]
    pub fn overlaid(&self, over: &Self) -> Self {
        Self {
            model: over.model.clone().or_else(|| self.model.clone()),
            mode: over.mode.or(self.mode),
            tools: over.tools.or(self.tools),
            system: over.system.clone().or_else(|| self.system.clone()),
            max_turns: over.max_turns.or(self.max_turns),
            max_seconds: over.max_seconds.or(self.max_seconds),
            schema: over.schema.clone().or_else(|| self.schema.clone()),
        }
    }
}

/// Asks for a new session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSession {
    /// A client-made id, so that a repeat makes no second session; else the runtime makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// The person's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The folder it works in; absolute and there.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cwd: PathBuf,
    /// What holds for its turns.
    #[serde(default)]
    pub settings: Settings,
}

/// Changes a session; fields left out stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatchSession {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New settings, laid over the old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

//! How the connection stands.

use jamey_ipc::{client, launch};
use jamey_protocol::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};

/// What the connection is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum ConnectionState {
    /// It looks for a runtime.
    #[default]
    Connecting,
    /// None was there; one is being started.
    Starting,
    /// Everything can be asked.
    Ready,
    /// The runtime there works on its database; it will answer by itself, in minutes.
    Preparing,
    /// The runtime there is of an older protocol than this window.
    Incompatible,
    /// The runtime there is of a newer protocol than this window.
    Outdated,
    /// There is none that answers.
    Failed,
}

/// How the connection stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// What it is doing.
    pub state: ConnectionState,
    /// The version of the runtime, once one answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Why it failed, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
}

impl Connection {
    /// It is in this state, and there is no more to say.
    #[must_use]
    pub fn at(state: ConnectionState) -> Self {
        Self { state, ..Self::default() }
    }

    /// A runtime of this version answers.
    #[must_use]
    pub fn ready(version: String) -> Self {
        Self { version: Some(version), ..Self::at(ConnectionState::Ready) }
    }

    /// It works on its database.
    #[must_use]
    pub fn preparing() -> Self {
        Self { error: Some(launch::still_preparing()), ..Self::at(ConnectionState::Preparing) }
    }

    /// It failed.
    #[must_use]
    pub fn failed(error: ApiError) -> Self {
        let state = match error.code {
            _ if client::is_outdated(&error) => ConnectionState::Outdated,
            ErrorCode::Version => ConnectionState::Incompatible,
            _ => ConnectionState::Failed,
        };
        Self { error: Some(error), ..Self::at(state) }
    }

    /// Whether it may still come right by itself within seconds.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.state, ConnectionState::Connecting | ConnectionState::Starting)
    }
}

//! The question whether a call may run, and its answers.

use serde::{Deserialize, Serialize};

use crate::{Access, ApprovalId, CallId, ItemId};

/// A question that waits for a person. The first valid decision wins, from whichever face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Names this question.
    pub id: ApprovalId,
    /// The call that waits.
    pub call_id: CallId,
    /// The item that shows the call.
    pub item_id: ItemId,
    /// One sentence, made from the accesses and never from the model's prose.
    pub question: String,
    /// Exactly what the call wants.
    pub accesses: Vec<Access>,
    /// The answers that are offered.
    pub choices: Vec<Choice>,
}

/// An answer that may be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// This call, now.
    AllowOnce,
    /// This call, and the very same accesses again while the session is loaded.
    AllowForSession,
    /// This call, and the very same accesses of the same tool in the same folder from now on.
    AllowAlways,
    /// Not this call.
    Deny,
}

/// The answer that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Decision {
    /// Run this call once.
    AllowOnce,
    /// Run it, and the very same accesses again in this session without asking.
    AllowForSession,
    /// Run it, and never again ask about the very same accesses of the same tool in the same folder. It is kept
    /// in `permissions.toml` before anything runs.
    AllowAlways,
    /// Do not run it.
    Deny {
        /// What the model is told; may be empty.
        #[serde(default)]
        reason: String,
    },
}

impl Decision {
    /// The choice that it is an answer to.
    #[must_use]
    pub fn choice(&self) -> Choice {
        match self {
            Self::AllowOnce => Choice::AllowOnce,
            Self::AllowForSession => Choice::AllowForSession,
            Self::AllowAlways => Choice::AllowAlways,
            Self::Deny { .. } => Choice::Deny,
        }
    }

    /// Tells whether the call may run.
    #[must_use]
    pub fn allows(&self) -> bool {
        !matches!(self, Self::Deny { .. })
    }
}

//! What a face may ask of a session: imperative, and only what changes a turn. Queries are plain
//! HTTP.

use serde::{Deserialize, Serialize};

use crate::{ApprovalId, AttachmentId, Decision, OpId, Settings, TurnId};

/// An op with the id that its client made for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpRequest {
    /// A repeat of this id is a no-op that gets the first answer; with another op it is a conflict.
    pub op_id: OpId,
    /// What to do.
    pub op: Op,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Op {
    /// Begin a turn with what the person said. A conflict while one runs.
    StartTurn {
        /// The words.
        text: String,
        /// Files of this session to give along, in this order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentId>,
        /// Settings for this turn alone; fields left out are the session's.
        #[serde(default)]
        settings: Settings,
    },
    /// Say something more while a turn runs; the model sees it with its next call.
    Steer {
        /// The words.
        text: String,
        /// Files of this session to give along, in this order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentId>,
    },
    /// Stop the running turn. Nothing runs: a no-op.
    Interrupt,
    /// Answer a question.
    Decide {
        /// Which question.
        approval_id: ApprovalId,
        /// The answer.
        decision: Decision,
    },
    /// Let the model summarise what was said so far, as a turn of its own. A conflict while one runs.
    Compact {
        /// What the summary must keep above all, in the person's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<String>,
    },
    /// Change the session's settings from the next turn on; fields left out stay. A narrower mode holds at once, also
    /// for the rest of a turn that runs.
    Configure {
        /// The new values.
        settings: Settings,
    },
}

/// The answer to an accepted op: it is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OpAccepted {
    /// The turn it began or concerns, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<TurnId>,
    /// The session's newest `seq` after it.
    pub head: u64,
}

//! What the runtime tells: past tense, in one order per session.
//!
//! Every event but `ItemDelta`, `ConfigChanged` and `SessionDeleted` is durable and has a gap-free `seq`, the cursor a client resumes
//! by. A completed item is authoritative; deltas only let it be seen while it grows.

use serde::{Deserialize, Serialize};

use crate::{
    ApiError, Approval, ApprovalId, Decision, Item, ItemId, OpId, Session, SessionId, Settings, TurnId, Usage,
};

/// One thing that happened in one session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Where it happened.
    pub session: SessionId,
    /// Its place, from 1, without gaps; absent on what is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The turn it belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<TurnId>,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EventBody {
    /// The session was made or changed (name, settings), or its first words gave it a title.
    SessionUpdated {
        /// The session as it is now.
        session: Session,
    },
    /// A turn began; the person's message follows as an item, unless a summary was asked for.
    TurnStarted {
        /// The op that asked for it.
        op_id: OpId,
        /// The settings that hold for the whole turn.
        settings: Settings,
    },
    /// An item appeared. For a tool call that runs at once this is the durable mark before its
    /// process exists.
    ItemStarted {
        /// The item as it begins.
        item: Item,
    },
    /// An open item grew. Not kept.
    ItemDelta {
        /// Which item.
        item_id: ItemId,
        /// How it grew.
        delta: Delta,
    },
    /// An item is final.
    ItemCompleted {
        /// The item, whole.
        item: Item,
    },
    /// A call waits for a person.
    ApprovalRequested {
        /// The question.
        approval: Approval,
    },
    /// A question is closed. If it allows, this is the durable mark before the call's process
    /// exists.
    ApprovalResolved {
        /// Which question.
        approval_id: ApprovalId,
        /// The answer.
        decision: Decision,
    },
    /// Tokens were used.
    UsageUpdated {
        /// Sum over the turn so far.
        usage: Usage,
    },
    /// Something the person should know that is no item (a retry, a cut answer).
    Notice {
        /// How much it matters.
        level: Level,
        /// One sentence.
        text: String,
    },
    /// The turn is over; the session takes the next one.
    TurnEnded {
        /// How it ended.
        outcome: Outcome,
    },
    /// The runtime goes by this configuration now. It belongs to no session: `session` is the nil id, there is no
    /// `seq`, and nothing of it is kept. `GET /v1/events` alone has it, first of all and after each change.
    ConfigChanged {
        /// Whether everything is held: nothing is asked of a model, and no tool begins.
        paused: bool,
    },
    /// The session was deleted for good. There is no `seq`, and nothing of it is kept; `GET /v1/events` alone has it.
    SessionDeleted {},
    /// A kind of a later version; skip it.
    #[cfg_attr(feature = "specta", specta(skip))]
    #[serde(other)]
    Unknown,
}

/// Growth of an open item. `offset` is where the text belongs, in bytes of what came before, so a
/// client that attached in the middle can tell what it already has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Delta {
    /// The message or the reasoning.
    Text {
        /// Bytes before it.
        offset: u64,
        /// What was added.
        text: String,
    },
    /// What a running tool printed, for watching; its bounded output comes with completion.
    Output {
        /// Bytes before it.
        offset: u64,
        /// What was added.
        text: String,
    },
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Outcome {
    /// The model gave its answer.
    Completed,
    /// Somebody stopped it, or the runtime ended while it ran.
    Interrupted {
        /// Why, in one sentence.
        reason: String,
    },
    /// It could not go on.
    Failed {
        /// Why, and what to do.
        error: ApiError,
    },
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Good to know.
    Info,
    /// The result may differ from what was asked.
    Warn,
}

//! What the person sees and the model remembers.

use serde::{Deserialize, Serialize};

use crate::{Attachment, ItemId, ToolCall, TurnId};

/// One piece of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Names it.
    pub id: ItemId,
    /// The turn it belongs to.
    pub turn: TurnId,
    /// Which request to the model, of the turn's, made it, from 1; 0 for what the person said. Items of one step
    /// were one answer of the model and go back to it as one; a try that failed was another step.
    pub step: u32,
    /// When it began, in milliseconds since 1970.
    pub at: i64,
    /// What it is.
    pub body: ItemBody,
}

/// The kinds of item. Closed: a new tool or vendor needs no new kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ItemBody {
    /// What the person said.
    UserMessage {
        /// The words.
        text: String,
        /// The files given along.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
    },
    /// What the model said.
    AgentMessage {
        /// The words, as Markdown.
        text: String,
        /// `provider/model` that said it.
        model: String,
        /// The text ends where the stream broke or was stopped.
        #[serde(default)]
        partial: bool,
    },
    /// What the model thought aloud.
    Reasoning {
        /// Readable part.
        text: String,
        /// The vendor's signature or ciphertext, carried back byte for byte to the same vendor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opaque: Option<String>,
        /// `provider/model` that thought it.
        model: String,
    },
    /// A call of a tool, with its result once it has one.
    ToolCall {
        /// The call.
        call: ToolCall,
    },
    /// Stands for earlier items that no longer fit the model's window; they stay readable.
    Summary {
        /// What they said.
        text: String,
        /// So many items, counted from the session's first, are replaced for the model. Those that follow them
        /// go to it whole, also where they are older than this one.
        replaces: u64,
    },
}

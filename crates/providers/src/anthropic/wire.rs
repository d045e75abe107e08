//! What the vendor sends, as leniently as the world requires: unknown events, blocks and fields are
//! read past.

use serde::Deserialize;
use serde_json::Value;

use crate::dialect::{Text, tokens};

/// One event of a stream, or a whole message that came in one piece.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, default)]
    pub r#type: Option<Text<'a>>,
    /// In `message_start`.
    #[serde(default)]
    pub message: Option<Started>,
    /// Which block, in events of blocks.
    #[serde(default)]
    pub index: u64,
    #[serde(borrow, default)]
    pub content_block: Option<Block<'a>>,
    #[serde(borrow, default)]
    pub delta: Option<Delta<'a>>,
    #[serde(default)]
    pub usage: Option<Tokens>,
    #[serde(default)]
    pub error: Option<Value>,
    /// Of a message in one piece.
    #[serde(borrow, default)]
    pub content: Option<Vec<Block<'a>>>,
    #[serde(borrow, default)]
    pub stop_reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Started {
    #[serde(default)]
    pub usage: Option<Tokens>,
}

#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, default)]
    pub r#type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub thinking: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub signature: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub data: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    #[serde(default)]
    pub input: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    pub r#type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub thinking: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub signature: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub partial_json: Option<Text<'a>>,
    /// In `message_delta`.
    #[serde(borrow, default)]
    pub stop_reason: Option<Text<'a>>,
}

/// What an answer cost; counted from the start of the message, not added.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Tokens {
    #[serde(default, deserialize_with = "tokens")]
    pub input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    pub cache_read_input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    pub cache_creation_input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    pub output_tokens: Option<u64>,
    #[serde(default)]
    pub output_tokens_details: Option<OutputTokens>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct OutputTokens {
    #[serde(default, deserialize_with = "tokens")]
    pub thinking_tokens: Option<u64>,
}

/// `GET …/models`, one page.
#[derive(Deserialize)]
pub(super) struct ModelList {
    pub data: Vec<ListedModel>,
}

#[derive(Deserialize)]
pub(super) struct ListedModel {
    pub id: String,
    #[serde(default)]
    pub max_input_tokens: Option<u64>,
    /// What vLLM says instead.
    #[serde(default)]
    pub max_model_len: Option<u64>,
    #[serde(default)]
    pub capabilities: Option<Value>,
}

//! What servers send, as leniently as the world requires: any field may be missing or `null`, and
//! unknown ones are ignored. Text is borrowed from the event wherever it holds no escapes.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::dialect::{Text, tokens};

/// One event of a stream, or a whole answer that came in one piece.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, default)]
    pub choices: Option<Vec<Choice<'a>>>,
    #[serde(default)]
    pub usage: Option<Tokens>,
    /// A failure that came after the status line, in one of many shapes.
    #[serde(default)]
    pub error: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub index: Option<u64>,
    #[serde(borrow, default)]
    pub delta: Option<Delta<'a>>,
    /// In an answer that came in one piece.
    #[serde(borrow, default)]
    pub message: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub finish_reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    pub content: Option<Said<'a>>,
    #[serde(borrow, default)]
    pub reasoning_content: Option<Content<'a>>,
    #[serde(borrow, default)]
    pub reasoning: Option<Content<'a>>,
    #[serde(default)]
    pub reasoning_details: Option<Vec<Value>>,
    #[serde(borrow, default)]
    pub refusal: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub tool_calls: Option<Vec<CallPiece<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct CallPiece<'a> {
    #[serde(default)]
    pub index: Option<u64>,
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub function: Option<FunctionPiece<'a>>,
    #[serde(default)]
    pub extra_content: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct FunctionPiece<'a> {
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub arguments: Option<Content<'a>>,
}

/// A string; or a list of parts, whose text is joined; or an object where a string of JSON belongs,
/// which is written out.
pub(super) struct Content<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Said::deserialize(deserializer).map(|said| Content(said.text))
    }
}

/// The same where a list may hold thoughts too, as that of Mistral's models does
/// (<https://docs.mistral.ai/capabilities/reasoning>).
#[derive(Default)]
pub(super) struct Said<'a> {
    pub thought: String,
    pub text: Cow<'a, str>,
}

impl Said<'_> {
    fn owned(text: String) -> Self {
        Self { text: Cow::Owned(text), ..Self::default() }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor)
    }
}

struct SaidVisitor;

impl<'de> Visitor<'de> for SaidVisitor {
    type Value = Said<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Said { text: Cow::Borrowed(text), ..Said::default() })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Said::owned(text.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Said::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let (mut thought, mut text) = (String::new(), String::new());
        while let Some(part) = parts.next_element::<Part<'de>>()? {
            if let Some(piece) = part.thinking {
                thought.push_str(&piece.0);
            }
            if let Some(piece) = part.text {
                text.push_str(&piece.0);
            }
        }
        Ok(Said { thought, text: Cow::Owned(text) })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let value = Value::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Said::owned(value.to_string()))
    }
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    /// A list of parts of its own.
    #[serde(borrow, default)]
    thinking: Option<Content<'a>>,
}

/// What an answer cost, in the several vendors' words.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Tokens {
    #[serde(default, deserialize_with = "tokens")]
    pub prompt_tokens: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    pub completion_tokens: Option<u64>,
    #[serde(default, deserialize_with = "tokens")]
    pub total_tokens: Option<u64>,
    #[serde(default)]
    pub prompt_tokens_details: Option<PromptTokens>,
    #[serde(default)]
    pub completion_tokens_details: Option<CompletionTokens>,
    #[serde(default, deserialize_with = "tokens")]
    pub prompt_cache_hit_tokens: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct PromptTokens {
    #[serde(default, deserialize_with = "tokens")]
    pub cached_tokens: Option<u64>,
    /// What the cache charges for: OpenRouter's word, and OpenAI's
    /// (<https://openrouter.ai/docs/guides/best-practices/prompt-caching>).
    #[serde(default, deserialize_with = "tokens")]
    pub cache_write_tokens: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct CompletionTokens {
    #[serde(default, deserialize_with = "tokens")]
    pub reasoning_tokens: Option<u64>,
}

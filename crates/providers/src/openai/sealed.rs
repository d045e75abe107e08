//! What a thought of this dialect carries besides its words.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Packed into the opaque part of a thought.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// The field in which its words came, and go back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// OpenRouter's pieces, words included, as they are to go back:
    /// <https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks>.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasoning_details: Vec<Value>,
    /// What a call, by its place among those of the answer, came with: Gemini's signature in its imitation of this
    /// dialect (<https://ai.google.dev/gemini-api/docs/thought-signatures>).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_content: Vec<(usize, Value)>,
}

/// Where servers have readable thoughts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    /// DeepSeek's, llama-server's and others'.
    ReasoningContent,
    /// OpenRouter's, Groq's and newer vLLM's.
    Reasoning,
    /// Mistral's: a part of the content itself.
    Content,
}

/// Adds a piece of a stream. Words are cut anywhere; what is encrypted comes whole.
pub(super) fn join(details: &mut Vec<Value>, piece: Value) {
    const WORDS: [&str; 2] = ["text", "summary"];
    if let Some(last) = details.last_mut()
        && last["type"] == piece["type"]
        && last["index"] == piece["index"]
        && matches!(piece["type"].as_str(), Some("reasoning.text" | "reasoning.summary"))
        && last["signature"].is_null()
        && let (Some(last), Value::Object(piece)) = (last.as_object_mut(), &piece)
    {
        for (name, value) in piece.iter().filter(|(_, value)| !value.is_null()) {
            match (last.get_mut(name), value) {
                (Some(Value::String(so_far)), Value::String(more)) if WORDS.contains(&name.as_str()) => {
                    so_far.push_str(more);
                }
                _ => drop(last.insert(name.clone(), value.clone())),
            }
        }
        return;
    }
    if piece.is_object() {
        details.push(piece);
    }
}

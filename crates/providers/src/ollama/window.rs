//! How large a context a conversation needs, and how large the model's can be.
//!
//! Invariant: a conversation that cannot fit is refused before it is sent; one that may not fit is sent
//! with the order to fail rather than to cut.

use serde::Deserialize;
use serde_json::{Map, Value};

/// `POST /api/show`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    pub model_info: Map<String, Value>,
    #[serde(default)]
    pub capabilities: Option<Vec<String>>,
}

impl Shown {
    /// The most tokens that the model was made for.
    pub(super) fn context(&self) -> Option<u64> {
        let arch = self.model_info.get("general.architecture")?.as_str()?;
        self.model_info.get(&format!("{arch}.context_length"))?.as_u64()
    }

    pub(super) fn can(&self, what: &str) -> Option<bool> {
        self.capabilities.as_ref().map(|all| all.iter().any(|one| one == what))
    }
}

/// The smallest context that is asked for. Each other one makes Ollama load the model anew.
const SMALLEST: u64 = 8192;
/// Room for an answer whose limit nobody set.
const ANSWER: u64 = 4096;

/// The context to ask for: the next power of two above what a body of so many bytes may take, within the
/// model's own. `None` if it cannot fit.
pub(super) fn context(bytes: usize, max_output: Option<u64>, most: Option<u64>) -> Option<u64> {
    let bytes = bytes as u64;
    // Few tokens are shorter than two bytes on the average of a text, and hardly any text has more
    // than eight bytes a token.
    let (many, few) = (bytes / 2, bytes / 8);
    let most = most.unwrap_or(u64::MAX);
    if few > most {
        return None;
    }
    Some((many + max_output.unwrap_or(ANSWER)).next_power_of_two().max(SMALLEST).min(most))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Shown, context};

    #[test]
    fn the_context_grows_with_the_conversation_up_to_the_models_own() {
        assert_eq!(context(100, None, Some(131_072)), Some(8192));
        assert_eq!(context(30_000, None, Some(131_072)), Some(32_768));
        assert_eq!(context(400_000, None, Some(131_072)), Some(131_072));
        assert_eq!(context(100, None, Some(2048)), Some(2048));
        assert_eq!(context(100_000, None, Some(8192)), None);
    }

    #[test]
    fn the_models_own_context_is_found_under_its_architecture() {
        let shown: Shown = serde_json::from_value(json!({
            "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
            "capabilities": ["completion", "tools"],
        }))
        .unwrap();
        assert_eq!(
            (shown.context(), shown.can("tools"), shown.can("vision")),
            (Some(40960), Some(true), Some(false))
        );
        assert_eq!(Shown::default().context(), None);
    }
}

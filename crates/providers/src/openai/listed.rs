//! The list of models: OpenAI's own names them and no more, others say what they can and what they cost.

use jamey_engine::ports::ProviderError;
use jamey_protocol::{Model, model::Price};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    dialect::{Server, kinds::chats},
    http::with_path,
};

/// `GET …/models`.
#[derive(Deserialize)]
struct ModelList {
    data: Vec<ListedModel>,
}

/// A model of a list. Groq says `context_window` (<https://console.groq.com/docs/api-reference#models-list>), Mistral
/// `max_context_length` and `capabilities` (<https://docs.mistral.ai/api/endpoint/models>), OpenRouter the rest
/// (<https://openrouter.ai/docs/models>), vLLM `max_model_len`, llama-server `meta`.
#[derive(Deserialize)]
struct ListedModel {
    id: String,
    #[serde(default)]
    context_length: Option<u64>,
    #[serde(default)]
    context_window: Option<u64>,
    #[serde(default)]
    max_context_length: Option<u64>,
    #[serde(default)]
    max_model_len: Option<u64>,
    #[serde(default)]
    meta: Option<ModelMeta>,
    /// The most that it writes at once, as Groq says it.
    #[serde(default)]
    max_completion_tokens: Value,
    /// OpenRouter says there what the best of a model's servers allows.
    #[serde(default)]
    top_provider: Value,
    /// Groq lists models that are gone for some time.
    #[serde(default)]
    active: Option<bool>,
    // Other servers use these names for other things, so that a shape nobody knows is no failure.
    #[serde(default)]
    capabilities: Value,
    #[serde(default)]
    architecture: Value,
    #[serde(default)]
    supported_parameters: Value,
    #[serde(default)]
    pricing: Value,
}

#[derive(Deserialize)]
struct ModelMeta {
    #[serde(default)]
    n_ctx: Option<u64>,
    #[serde(default)]
    n_ctx_train: Option<u64>,
}

/// Asks for the models that chat, each name with the provider's in front.
pub(crate) async fn list(server: &Server) -> Result<Vec<Model>, ProviderError> {
    let url = with_path(&server.base, "models");
    let list: ModelList = server.fetch(&url, None, &server.peer).await?;
    Ok(list.data.iter().filter(|model| model.chats()).map(|model| model.named(&server.id)).collect())
}

impl ListedModel {
    fn chats(&self) -> bool {
        if self.active == Some(false) {
            return false;
        }
        let says_text = holds(&self.architecture["output_modalities"], "text");
        let says_chat = self.capabilities["completion_chat"].as_bool();
        says_text.or(says_chat).unwrap_or_else(|| chats(&self.id))
    }

    fn max_output(&self) -> Option<u64> {
        let of_router = &self.top_provider["max_completion_tokens"];
        self.max_completion_tokens.as_u64().or(of_router.as_u64()).filter(|tokens| *tokens > 0)
    }

    fn named(&self, provider: &str) -> Model {
        let of_meta = self.meta.as_ref().and_then(|meta| meta.n_ctx.or(meta.n_ctx_train));
        let context = self.context_length.or(self.context_window).or(self.max_context_length);
        let can = |what: &str| self.capabilities[what].as_bool();
        Model {
            id: format!("{provider}/{}", self.id),
            context: context.or(self.max_model_len).or(of_meta).filter(|tokens| *tokens > 0),
            tools: holds(&self.supported_parameters, "tools").or_else(|| can("function_calling")),
            vision: holds(&self.architecture["input_modalities"], "image").or_else(|| can("vision")),
            price: price(&self.pricing),
            max_output: self.max_output(),
            ..Model::default()
        }
    }
}

/// Whether a list holds a word; none where there is no list.
fn holds(list: &Value, word: &str) -> Option<bool> {
    Some(list.as_array()?.iter().any(|one| one == word))
}

/// OpenRouter's prices: dollars for one token, as text. A negative one means that it depends.
fn price(pricing: &Value) -> Option<Price> {
    let dollars = |name: &str| {
        let price = &pricing[name];
        let price = price.as_str().map_or_else(|| price.as_f64(), |text| text.parse().ok())?;
        // What 0.0000004 times a million is, without the last bits of it.
        (price.is_finite() && price >= 0.0).then(|| (price * 1e12).round() / 1e6)
    };
    let (input, output) = (dollars("prompt")?, dollars("completion")?);
    Some(Price {
        input,
        output,
        cached: dollars("input_cache_read").unwrap_or(input),
        cache_written: dollars("input_cache_write").unwrap_or(input),
        above: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn models(list: &Value) -> Vec<Model> {
        let list: Vec<ListedModel> = serde_json::from_value(list.clone()).unwrap();
        list.iter().filter(|model| model.chats()).map(|model| model.named("p")).collect()
    }

    #[test]
    fn each_vendor_says_in_its_own_words_what_a_model_takes_can_and_costs() {
        let found = models(&json!([
            {"id": "gpt-5", "object": "model", "owned_by": "openai"},
            {"id": "text-embedding-3-small"},
            {"id": "groq-a", "active": true, "context_window": 131_072, "max_completion_tokens": 32_768},
            {"id": "groq-gone", "active": false, "context_window": 8192},
            {"id": "mistral-a", "max_context_length": 32_768,
                "capabilities": {"completion_chat": true, "function_calling": true, "vision": false}},
            {"id": "mistral-ocr", "capabilities": {"completion_chat": false}},
            {"id": "vllm-a", "max_model_len": 4096, "capabilities": ["completion"]},
            {"id": "llama-a", "meta": {"n_ctx_train": 8192}},
        ]));
        let plain = |id: &str, context| Model { id: format!("p/{id}"), context, ..Model::default() };
        let mistral = Model { tools: Some(true), vision: Some(false), ..plain("mistral-a", Some(32_768)) };
        assert_eq!(
            found,
            [
                plain("gpt-5", None),
                Model { max_output: Some(32_768), ..plain("groq-a", Some(131_072)) },
                mistral,
                plain("vllm-a", Some(4096)),
                plain("llama-a", Some(8192)),
            ]
        );
    }

    #[test]
    fn openrouters_prices_are_for_a_million_tokens_and_what_depends_has_none() {
        let model = |id: &str, pricing: Value, output: &str| {
            json!({"id": id, "context_length": 1_000_000, "pricing": pricing,
                "top_provider": {"max_completion_tokens": 8192, "is_moderated": false},
                "supported_parameters": ["max_tokens", "tools"],
                "architecture": {"input_modalities": ["text", "image"], "output_modalities": [output]}})
        };
        let priced = json!({"prompt": "0.000003", "completion": "0.000015", "image": "0.0048", "request": "0",
            "input_cache_read": "0.0000003", "input_cache_write": "0.00000375"});
        let found = models(&json!([
            model("anthropic/claude", priced, "text"),
            model("openrouter/auto", json!({"prompt": "-1", "completion": "-1"}), "text"),
            model("x/free", json!({"prompt": "0", "completion": "0"}), "text"),
            model("x/draws", Value::Null, "image"),
            model("x/speaks-with-image-in-its-name", Value::Null, "text"),
        ]));
        let price = Price { input: 3.0, cached: 0.3, cache_written: 3.75, output: 15.0, above: None };
        let prices: Vec<_> = found.iter().map(|model| model.price).collect();
        assert_eq!(prices, [Some(price), None, Some(Price::default()), None]);
        assert!(found.iter().all(|model| model.max_output == Some(8192)));
        assert!(found.iter().all(|model| (model.tools, model.vision) == (Some(true), Some(true))));
    }
}

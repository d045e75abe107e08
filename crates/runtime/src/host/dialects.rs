//! Which dialect a provider is spoken to in, and the vendors that have a table of their own.

use std::sync::Arc;

use jamey_engine::ports::Provider;
use jamey_providers::{
    AnthropicProvider, AzureCredential, AzureOptions, ChatProvider, GeminiProvider, OllamaProvider,
    ResponsesProvider, ServerOptions, Thinking, http::AddressError,
};

use crate::{
    config::{Config, Named, OPENAI_BASE_URL},
    keys::{self, vendors::ENTRA_TOKEN},
};

/// What is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Chat Completions, as compatible servers do.
    Chat,
    /// The same with OpenAI itself.
    OpenAiChat,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Anthropic(Thinking),
    /// Google's `generateContent`.
    Gemini,
    /// OpenAI's at Azure's addresses.
    Azure {
        /// The version of the older addresses.
        api_version: Option<String>,
        /// Whether Responses is spoken, not Chat Completions.
        responses: bool,
        /// Its models, which Azure does not list.
        deployments: Vec<String>,
    },
    /// Ollama's own, with the context window that the person set.
    Ollama(Option<u64>),
}

impl Dialect {
    /// The dialect of the provider of that name at that address.
    #[must_use]
    pub fn of(name: &str, base_url: &str, config: &Config) -> Self {
        let vendors = &config.vendors;
        match (name, vendors.openai_api.as_str()) {
            ("openai", "responses") => Self::Responses,
            ("openai", "chat") if base_url == OPENAI_BASE_URL => Self::OpenAiChat,
            ("openai", "auto" | "") if base_url == OPENAI_BASE_URL => Self::Responses,
            ("anthropic", _) => Self::Anthropic(match vendors.anthropic_thinking.as_str() {
                "adaptive" => Thinking::Adaptive,
                "off" => Thinking::Off,
                _ => Thinking::AsTheModelLikes,
            }),
            ("gemini", _) => Self::Gemini,
            ("azure", _) => Self::Azure {
                api_version: vendors.azure_api_version.clone(),
                responses: vendors.azure_api == "responses",
                deployments: vendors.azure_deployments.clone(),
            },
            ("ollama", _) => Self::Ollama(vendors.ollama_context),
            _ => Self::Chat,
        }
    }

    /// The dialect of a provider that the person added.
    #[must_use]
    pub fn of_named(named: &Named, config: &Config) -> Self {
        match named.kind.as_str() {
            "openai" => Self::OpenAiChat,
            "openai-responses" => Self::Responses,
            "anthropic" => Self::of("anthropic", &named.base_url, config),
            "gemini" => Self::Gemini,
            "azure" => Self::Azure {
                api_version: named.api_version.clone(),
                responses: false,
                deployments: named.deployments.clone(),
            },
            "ollama" => Self::Ollama(named.context),
            _ => Self::Chat,
        }
    }

    /// The models that the person named, where the vendor's list is of something else.
    #[must_use]
    pub fn deployments(&self) -> Option<&[String]> {
        match self {
            Self::Azure { deployments, .. } => Some(deployments),
            _ => None,
        }
    }

    /// Its name in lists.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Chat => "openai-compatible",
            Self::OpenAiChat | Self::Responses => "openai",
            Self::Anthropic(_) => "anthropic",
            Self::Gemini => "gemini",
            Self::Azure { .. } => "azure",
            Self::Ollama(_) => "ollama",
        }
    }

    /// Makes the provider. `key_variable` is where its key was found.
    ///
    /// # Errors
    /// When its address is none, or may not be spoken to.
    pub fn make(
        &self,
        options: ServerOptions,
        key_variable: Option<&str>,
    ) -> Result<Arc<dyn Provider>, AddressError> {
        Ok(match self {
            Self::Chat => Arc::new(ChatProvider::new(options)?),
            Self::OpenAiChat => Arc::new(ChatProvider::new(options)?.of_vendor()),
            Self::Responses => Arc::new(ResponsesProvider::new(options)?),
            Self::Anthropic(thinking) => Arc::new(AnthropicProvider::new(options, *thinking)?),
            Self::Gemini => Arc::new(GeminiProvider::new(options)?),
            Self::Azure { api_version, responses, .. } => {
                let credential = match key_variable {
                    Some(ENTRA_TOKEN) => AzureCredential::Entra,
                    _ => AzureCredential::Key,
                };
                let azure = AzureOptions { server: options, api_version: api_version.clone(), credential };
                if *responses { Arc::new(azure.responses()?) } else { Arc::new(azure.chat()?) }
            }
            Self::Ollama(context) => Arc::new(OllamaProvider::new(options, *context)?),
        })
    }

    /// The same for a server whose list of models may prove nothing of a key.
    #[must_use]
    pub fn prover(&self, options: ServerOptions) -> Option<ChatProvider> {
        if *self == Self::Chat { ChatProvider::new(options).ok() } else { None }
    }

    /// The same for a server that can be told to fetch models.
    #[must_use]
    pub fn fetcher(&self, options: ServerOptions) -> Option<OllamaProvider> {
        match self {
            Self::Ollama(context) => OllamaProvider::new(options, *context).ok(),
            _ => None,
        }
    }
}

/// A vendor with a table of its own.
#[derive(Clone, Debug)]
pub struct Vendor<'a> {
    /// Its half of `provider/model`.
    pub name: &'static str,
    /// Where it is asked; empty if nobody said.
    pub base_url: &'a str,
    /// The variables that may hold its key, the usual one first.
    pub variables: &'static [&'static str],
    /// Whether somebody named an address, so that it may do without a key.
    pub is_placed: bool,
    /// Context window of its models in tokens, where the person said so.
    pub context: Option<u64>,
}

/// The model of each vendor when its key is set and nothing else was said, in the order of preference
/// behind OpenAI's.
pub const DEFAULTS: &[(&str, &str)] = &[("anthropic", "claude-sonnet-4-6"), ("gemini", "gemini-2.5-flash")];

/// All of them but OpenAI.
#[must_use]
pub fn vendors(config: &Config) -> [Vendor<'_>; 4] {
    let vendors = &config.vendors;
    let vendor = |name, base_url| {
        let key = format!("providers.{name}.base_url");
        let is_placed = config.values.get(&key).is_some_and(|it| it.source != crate::config::Source::Default);
        let variables = keys::vendors::find(name).map_or(&[][..], |known| known.variables);
        Vendor { name, base_url, variables, is_placed, context: None }
    };
    let azure = vendors.azure_base_url.as_deref().unwrap_or_default();
    let ollama = vendors.ollama_base_url.as_deref().unwrap_or_default();
    [
        vendor("anthropic", vendors.anthropic_base_url.as_str()),
        vendor("gemini", vendors.gemini_base_url.as_str()),
        vendor("azure", azure),
        Vendor { context: vendors.ollama_context, ..vendor("ollama", ollama) },
    ]
}

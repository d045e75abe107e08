//! What the tables of the vendors say.

use super::{View, schema};

/// What the tables of the vendors say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendors {
    /// `auto`, `responses` or `chat`: what OpenAI is spoken to in.
    pub openai_api: String,
    /// Where Anthropic is asked.
    pub anthropic_base_url: String,
    /// `model`, `adaptive` or `off`.
    pub anthropic_thinking: String,
    /// Where Gemini is asked.
    pub gemini_base_url: String,
    /// The endpoint of the Azure resource, if one is set.
    pub azure_base_url: Option<String>,
    /// The version for Azure's older addresses.
    pub azure_api_version: Option<String>,
    /// `chat` or `responses`.
    pub azure_api: String,
    /// The deployments of the Azure resource, where the person named them.
    pub azure_deployments: Vec<String>,
    /// Where Ollama is asked, if somebody said so.
    pub ollama_base_url: Option<String>,
    /// Context window of its models in tokens, if not the one that is needed.
    pub ollama_context: Option<u64>,
    /// Names of those whose address may be plain HTTP on another machine.
    pub plain_http: Vec<&'static str>,
}

impl Vendors {
    pub(super) fn of(view: &View<'_>) -> Self {
        let text = |name: &str| view.text(name).unwrap_or_default();
        let plain = |name: &&&'static str| view.flag(&format!("providers.{name}.plain_http"));
        Self {
            openai_api: text("providers.openai.api"),
            anthropic_base_url: text("providers.anthropic.base_url"),
            anthropic_thinking: text("providers.anthropic.thinking"),
            gemini_base_url: text("providers.gemini.base_url"),
            azure_base_url: view.text("providers.azure.base_url"),
            azure_api_version: view.text("providers.azure.api_version"),
            azure_api: text("providers.azure.api"),
            azure_deployments: view.names("providers.azure.deployments"),
            ollama_base_url: view.text("providers.ollama.base_url").map(|host| ollama(&host)),
            ollama_context: view.positive("providers.ollama.context"),
            plain_http: schema::BUILT_IN.iter().filter(plain).copied().collect(),
        }
    }
}

/// The port that Ollama listens on when nothing else is said.
const OLLAMA_PORT: u16 = 11434;

/// Reads Ollama's own way to name a host: maybe without a scheme, without a port, or the address that a
/// server listens on instead of the one it is reached at.
pub(super) fn ollama(host: &str) -> String {
    let host = host.trim();
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    let (place, path) =
        rest.split_once('/').map_or((rest, String::new()), |(place, path)| (place, format!("/{path}")));
    let place = place.replacen("0.0.0.0", "127.0.0.1", 1);
    let place = if place.starts_with(':') { format!("127.0.0.1{place}") } else { place };
    let has_port = place.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port || host.contains("://") {
        format!("{scheme}://{place}{path}")
    } else {
        format!("{scheme}://{place}:{OLLAMA_PORT}{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::ollama;

    #[test]
    fn ollamas_host_is_read_as_ollama_reads_it() {
        for (written, meant) in [
            ("127.0.0.1", "http://127.0.0.1:11434"),
            ("0.0.0.0:8000", "http://127.0.0.1:8000"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            (":5000", "http://127.0.0.1:5000"),
            ("http://localhost:11434", "http://localhost:11434"),
            ("https://models.example/ollama", "https://models.example/ollama"),
        ] {
            assert_eq!(ollama(written), meant, "{written}");
        }
    }
}

//! Names that can be given a key before anything else is known of them: a key makes the provider exist.

/// A vendor that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Its half of `provider/model`.
    pub name: &'static str,
    /// Where it is asked; none where each person has an address of their own.
    pub base_url: Option<&'static str>,
    /// The variables that hold its key, the vendor's own names, the usual one first.
    pub variables: &'static [&'static str],
}

const fn vendor(name: &'static str, base_url: &'static str, variables: &'static [&'static str]) -> Vendor {
    Vendor { name, base_url: Some(base_url), variables }
}

/// The variable that holds a token of Entra instead of a key of Azure.
pub const ENTRA_TOKEN: &str = "AZURE_OPENAI_AD_TOKEN";

/// All of them.
pub const VENDORS: &[Vendor] = &[
    vendor("openai", crate::config::OPENAI_BASE_URL, &["OPENAI_API_KEY"]),
    vendor("anthropic", "https://api.anthropic.com", &["ANTHROPIC_API_KEY"]),
    vendor("gemini", "https://generativelanguage.googleapis.com", &["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
    Vendor { name: "azure", base_url: None, variables: &["AZURE_OPENAI_API_KEY", ENTRA_TOKEN] },
    vendor("ollama", "http://127.0.0.1:11434", &["OLLAMA_API_KEY"]),
    vendor("openrouter", "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"]),
    vendor("mistral", "https://api.mistral.ai/v1", &["MISTRAL_API_KEY"]),
    vendor("groq", "https://api.groq.com/openai/v1", &["GROQ_API_KEY"]),
    vendor("deepseek", "https://api.deepseek.com/v1", &["DEEPSEEK_API_KEY"]),
    vendor("xai", "https://api.x.ai/v1", &["XAI_API_KEY"]),
];

/// Finds one by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.name == name)
}

/// The variable of `.env` in which a provider's key is kept that has no name for it: `my-server` has
/// `MY_SERVER_API_KEY`.
#[must_use]
pub fn own_variable(provider: &str) -> String {
    let upper: String = provider
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    let digit = upper.starts_with(|c: char| c.is_ascii_digit());
    format!("{}{upper}_API_KEY", if digit { "_" } else { "" })
}

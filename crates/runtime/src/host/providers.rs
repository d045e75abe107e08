//! The providers that the configuration names, made anew only where something about them changed,
//! so that open connections are kept.

use std::sync::Arc;

use jamey_engine::ports::Provider;
use jamey_protocol::route::ProviderView;
use jamey_providers::{PlainHttp, Proxy, Secret, ServerOptions};

use super::dialects::{Dialect, vendors};
use crate::config::{Config, Environment, OPENAI_BASE_URL, Origin, Source};

/// One configured provider.
#[derive(Clone)]
pub struct Entry {
    spec: Spec,
    /// It, or why it cannot be asked and what to do.
    pub provider: Result<Arc<dyn Provider>, (String, String)>,
}

/// Everything that a provider is made from.
#[derive(Clone, Debug, PartialEq)]
struct Spec {
    name: String,
    base_url: String,
    key: Option<Secret>,
    key_source: Option<String>,
    key_env: Option<String>,
    context: Option<u64>,
    plain_http: bool,
    proxy: Option<(Secret, Option<String>)>,
    dialect: Dialect,
}

impl Entry {
    /// Its half of `provider/model`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// Context window of its models in tokens, where the person said so.
    #[must_use]
    pub fn context(&self) -> Option<u64> {
        self.spec.context
    }

    /// Tells whether it is asked where OpenAI itself is.
    #[must_use]
    pub fn is_openai_itself(&self) -> bool {
        self.spec.name == "openai" && self.spec.base_url == OPENAI_BASE_URL
    }

    /// Tells whether somebody set it up for use: a key, or an address of one's own.
    #[must_use]
    pub fn is_set_up(&self) -> bool {
        self.spec.key.is_some() || !self.is_openai_itself()
    }

    /// How it stands, without its key.
    #[must_use]
    pub fn view(&self) -> ProviderView {
        let state = match (&self.provider, &self.spec.key, &self.spec.key_env) {
            (Err((why, hint)), ..) => format!("{why}; {hint}"),
            (Ok(_), None, Some(variable)) if self.needs_key() => {
                format!("no key; set {variable} in the environment or in .env")
            }
            (Ok(_), ..) => "ready".to_owned(),
        };
        ProviderView {
            name: self.spec.name.clone(),
            kind: self.spec.dialect.name().to_owned(),
            base_url: Some(self.spec.base_url.clone()),
            key_source: self.spec.key_source.clone(),
            state,
            takes_key: false,
            has_kept_key: false,
        }
    }

    /// A server on this machine that nobody configured.
    pub(super) fn nearby(name: &str, base_url: &str, dialect: Dialect) -> Self {
        Self::new(Spec {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            key: None,
            key_source: None,
            key_env: None,
            context: None,
            plain_http: false,
            proxy: None,
            dialect,
        })
    }

    /// Tells whether it is of no use without a key.
    fn needs_key(&self) -> bool {
        match self.spec.name.as_str() {
            "openai" => self.is_openai_itself(),
            "ollama" => false,
            _ => true,
        }
    }

    /// Where it is asked.
    pub(super) fn base_url(&self) -> &str {
        &self.spec.base_url
    }

    /// Tells whether it has a key.
    pub(super) fn has_key(&self) -> bool {
        self.spec.key.is_some()
    }

    fn new(spec: Spec) -> Self {
        let options = ServerOptions {
            id: spec.name.clone(),
            base_url: spec.base_url.clone(),
            key: spec.key.clone(),
            key_name: spec.key_env.clone(),
            plain_http: if spec.plain_http { PlainHttp::Anywhere } else { PlainHttp::Loopback },
            proxy: spec.proxy.clone().map(|(url, except)| Proxy { url, except }),
            ..ServerOptions::default()
        };
        let provider = spec.dialect.make(options, spec.key_env.as_deref());
        let provider = provider.map_err(|error| (error.to_string(), error.hint().to_owned()));
        Self { spec, provider }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("spec", &self.spec).finish_non_exhaustive()
    }
}

/// The proxy that the environment names for https.
#[must_use]
pub fn proxy(environment: &Environment) -> Option<Proxy> {
    let first =
        |names: [&str; 2]| names.into_iter().find_map(|name| environment.get(name)).map(|(text, _)| text);
    let url = first(["HTTPS_PROXY", "https_proxy"])?;
    Some(Proxy { url: Secret::new(url), except: first(["NO_PROXY", "no_proxy"]).map(str::to_owned) })
}

/// Makes the providers that `config` names, taking over those of `before` that did not change.
#[must_use]
pub fn configured(config: &Config, environment: &Environment, before: &[Entry]) -> Vec<Entry> {
    let proxy = proxy(environment).map(|proxy| (proxy.url, proxy.except));
    let spec = |name: &str, base_url: &str, key_env: Option<&str>, context, plain_http| {
        let key = key_env.and_then(|variable| Some((variable, environment.get(variable)?)));
        Spec {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            key: key.map(|(_, (key, _))| Secret::new(key)),
            key_source: key.map(|(variable, (_, origin))| match origin {
                Origin::Process => format!("environment {variable}"),
                Origin::DotEnv => format!(".env {variable}"),
            }),
            key_env: key_env.map(str::to_owned),
            context,
            plain_http,
            proxy: proxy.clone(),
            dialect: Dialect::of(name, base_url, config),
        }
    };
    let mut specs = Vec::new();
    let (base_url, source) = &config.openai_base_url;
    let openai = spec("openai", base_url, Some("OPENAI_API_KEY"), None, config.openai_plain_http);
    let said = base_url != OPENAI_BASE_URL && *source != Source::Default;
    if openai.key.is_some() || said {
        specs.push(openai);
    }
    for vendor in vendors(config) {
        let is_set = |variable: &&&str| environment.get(variable).is_some();
        let variable = vendor.variables.iter().find(is_set).or(vendor.variables.first());
        let plain_http = config.vendors.plain_http.contains(&vendor.name);
        let made = spec(vendor.name, vendor.base_url, variable.copied(), vendor.context, plain_http);
        if !vendor.base_url.is_empty() && (made.key.is_some() || vendor.is_placed) {
            specs.push(made);
        }
    }
    for named in &config.named {
        specs.push(spec(
            &named.name,
            &named.base_url,
            named.key_env.as_deref(),
            named.context,
            named.plain_http,
        ));
    }
    let make = |spec: Spec| {
        before.iter().find(|entry| entry.spec == spec).cloned().unwrap_or_else(|| Entry::new(spec))
    };
    specs.into_iter().map(make).collect()
}

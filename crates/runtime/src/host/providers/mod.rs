//! The providers that the configuration names, made anew only where something about them changed,
//! so that open connections are kept.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jamey_engine::ports::{ErrorKind, Provider, ProviderError};
use jamey_protocol::{Model, route::ProviderView};
use jamey_providers::{
    ChatProvider, OllamaProvider, PlainHttp, Proxy, Secret, ServerOptions, Timeouts, http::is_on_this_machine,
};

use super::{
    dialects::{self, Dialect},
    listed::{HOLDS, Listed},
    models::ask,
};
use crate::{
    config::{Config, Environment, OPENAI_BASE_URL, Source},
    keys::{self, Kept, Variables, vendors},
};

/// One configured provider.
#[derive(Clone)]
pub struct Entry {
    spec: Spec,
    listed: Arc<Listed>,
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
    /// Why there is no key although one is kept.
    key_fault: Option<String>,
    has_kept_key: bool,
    variables: Variables,
    context: Option<u64>,
    plain_http: bool,
    proxy: Option<(Secret, Option<String>)>,
    dialect: Dialect,
}

impl Spec {
    /// The variable in which its key was found, or is looked for first.
    fn key_variable(&self) -> Option<&str> {
        let found = self.key_source.as_deref().and_then(|source| source.split_once(' '));
        found.map(|(_, variable)| variable).or(self.variables.named.first().map(String::as_str))
    }

    /// How long it is waited for. A model of one's own may read a long prompt for minutes before its first word; an
    /// address on this machine, one without TLS and one that a person named as compatible may all be such.
    fn timeouts(&self) -> Timeouts {
        if self.is_own() { Timeouts::local() } else { Timeouts::default() }
    }

    /// Whether it may be a server of one's own.
    fn is_own(&self) -> bool {
        let is_named = self.dialect == Dialect::Chat && vendors::find(&self.name).is_none();
        let is_near = self.plain_http || is_on_this_machine(&self.base_url);
        matches!(self.dialect, Dialect::Ollama(_)) || is_named || is_near
    }

    fn options(&self) -> ServerOptions {
        ServerOptions {
            timeouts: self.timeouts(),
            id: self.name.clone(),
            base_url: self.base_url.clone(),
            key: self.key.clone(),
            key_name: self.key_variable().map(str::to_owned),
            plain_http: if self.plain_http { PlainHttp::Anywhere } else { PlainHttp::Loopback },
            proxy: self.proxy.clone().map(|(url, except)| Proxy { url, except }),
            ..ServerOptions::default()
        }
    }
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

    /// Tells whether it is asked where the vendor of its name is, so that what is known of the vendor's models
    /// holds for it.
    #[must_use]
    pub fn is_the_vendor(&self) -> bool {
        let vendor = vendors::find(&self.spec.name).and_then(|vendor| vendor.base_url);
        vendor.is_some_and(|base_url| keys::origin(base_url) == keys::origin(&self.spec.base_url))
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

    /// Its models; a vendor's list is kept for some minutes. Azure lists what could be deployed and not what is, so that
    /// its models are those that the person named.
    ///
    /// # Errors
    /// When it cannot be made or asked, or does not answer soon.
    pub async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        if let Some(deployments) = self.deployments() {
            let id = |name: &String| format!("{}/{name}", self.spec.name);
            return Ok(deployments.iter().map(|name| Model { id: id(name), ..Model::default() }).collect());
        }
        self.listed.get(Instant::now(), || self.ask()).await
    }

    /// Looks what it lists, for a turn whose model is not known well enough. Nothing is said where it cannot be asked,
    /// and it is not asked again for some minutes.
    pub(super) async fn look_at_models(&self, note: impl FnOnce(&[Model])) {
        let look = || async {
            match self.models().await {
                Ok(models) => note(&models),
                Err(error) => tracing::info!(provider = self.name(), "no model list for a turn: {error}"),
            }
        };
        self.listed.look(Instant::now(), look).await;
    }

    /// Tells whether its list may say more of a model of which so much is known. One's own server names no prices, and
    /// Ollama is asked about each model when that is asked.
    pub(super) fn may_tell_more(&self, known: &Model) -> bool {
        let is_worth_it = known.context.is_none() || (known.price.is_none() && !self.spec.is_own());
        let is_asked_else = matches!(self.spec.dialect, Dialect::Ollama(_)) || self.deployments().is_some();
        is_worth_it && !is_asked_else && self.is_set_up()
    }

    /// What it lists now.
    ///
    /// # Errors
    /// As with [`Self::models`].
    pub async fn ask_models(&self) -> Result<Vec<Model>, ProviderError> {
        self.listed.forget().await;
        self.listed.get(Instant::now(), || self.ask()).await
    }

    async fn ask(&self) -> Result<Vec<Model>, ProviderError> {
        let provider = self.provider.as_ref().map_err(|(why, hint)| {
            ProviderError::new(ErrorKind::BadRequest, why.clone()).hint(hint.clone())
        })?;
        ask(&**provider).await
    }

    /// Its models as the person named them, where they are deployments.
    #[must_use]
    pub fn deployments(&self) -> Option<&[String]> {
        self.spec.dialect.deployments()
    }

    /// Lets its list be asked for again.
    pub async fn forget_models(&self) {
        self.listed.forget().await;
    }

    /// Where its key comes from.
    #[must_use]
    pub fn key_source(&self) -> Option<&str> {
        self.spec.key_source.as_deref()
    }

    /// The variables that may hold its key, and where it is asked.
    #[must_use]
    pub fn key_place(&self) -> (&Variables, &str) {
        (&self.spec.variables, &self.spec.base_url)
    }

    /// How it stands, without its key.
    #[must_use]
    pub fn view(&self) -> ProviderView {
        let state = match (&self.provider, &self.spec.key, self.spec.variables.named.first()) {
            (Err((why, hint)), ..) => format!("{why}; {hint}"),
            (Ok(_), None, _) if self.spec.key_fault.is_some() => {
                self.spec.key_fault.clone().unwrap_or_default()
            }
            (Ok(_), None, Some(variable)) if self.needs_key() => no_key(&self.spec.name, variable),
            (Ok(_), ..) => "ready".to_owned(),
        };
        ProviderView {
            name: self.spec.name.clone(),
            kind: self.spec.dialect.name().to_owned(),
            base_url: Some(self.spec.base_url.clone()),
            key_source: self.spec.key_source.clone(),
            state,
            takes_key: true,
            has_kept_key: self.spec.has_kept_key,
        }
    }

    /// A server on this machine that nobody configured.
    pub(super) fn nearby(name: &str, base_url: &str, dialect: Dialect) -> Self {
        Self::new(Spec {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            key: None,
            key_source: None,
            key_fault: None,
            has_kept_key: false,
            variables: Variables::default(),
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

    /// The same server as one that can be told to fetch models, where it is of that kind.
    pub(super) fn fetcher(&self) -> Option<OllamaProvider> {
        self.spec.dialect.fetcher(self.spec.options())
    }

    /// The same server as one that can be asked about the key itself, where it is of that kind.
    pub(super) fn prover(&self) -> Option<ChatProvider> {
        self.spec.dialect.prover(self.spec.options())
    }

    /// Tells whether who can read its list of models has shown a key that works, or needs none.
    pub(super) fn shows_its_key_by_listing(&self) -> bool {
        let is_known = self.is_the_vendor() && self.spec.name != "ollama";
        let is_azure = matches!(self.spec.dialect, Dialect::Azure { .. });
        !self.has_key() || is_known || is_azure
    }

    /// Tells whether it may be a server of one's own.
    pub(super) fn is_own(&self) -> bool {
        self.spec.is_own()
    }

    /// Tells whether it has a key.
    pub(super) fn has_key(&self) -> bool {
        self.spec.key.is_some()
    }

    fn new(spec: Spec) -> Self {
        let provider = spec.dialect.make(spec.options(), spec.key_variable());
        let provider = provider.map_err(|error| (error.to_string(), error.hint().to_owned()));
        // What one's own server has changes whenever one likes.
        let holds = if spec.is_own() { Duration::ZERO } else { HOLDS };
        Self { spec, listed: Arc::new(Listed::for_a(holds)), provider }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("spec", &self.spec).finish_non_exhaustive()
    }
}

fn no_key(name: &str, variable: &str) -> String {
    format!(
        "no key; give one with: jamey providers login {name}, or set {variable} in the environment or in .env"
    )
}

/// Vendors that nothing is known of yet but their names, as far as a key alone makes them usable.
pub fn offers(config: &Config, entries: &[Entry]) -> impl Iterator<Item = ProviderView> {
    let is_offered = |vendor: &&vendors::Vendor| {
        vendor.name != "ollama" && entries.iter().all(|entry| entry.name() != vendor.name)
    };
    vendors::VENDORS.iter().filter(is_offered).filter_map(|vendor| {
        let base_url = vendor.base_url?;
        Some(ProviderView {
            name: vendor.name.to_owned(),
            kind: Dialect::of(vendor.name, base_url, config).name().to_owned(),
            base_url: Some(base_url.to_owned()),
            key_source: None,
            state: format!("no key; give one with: jamey providers login {}", vendor.name),
            takes_key: true,
            has_kept_key: false,
        })
    })
}

/// The proxy that the environment names for https.
#[must_use]
pub fn proxy(environment: &Environment) -> Option<Proxy> {
    let first =
        |names: [&str; 2]| names.into_iter().find_map(|name| environment.get(name)).map(|(text, _)| text);
    let url = first(["HTTPS_PROXY", "https_proxy"])?;
    Some(Proxy { url: Secret::new(url), except: first(["NO_PROXY", "no_proxy"]).map(str::to_owned) })
}

/// Makes the providers that `config` names and those whose keys are kept, taking over those of `before` that
/// did not change.
#[must_use]
pub fn configured(config: &Config, environment: &Environment, kept: &Kept, before: &[Entry]) -> Vec<Entry> {
    let proxy = proxy(environment).map(|proxy| (proxy.url, proxy.except));
    let spec = |name: &str, base_url: &str, variables: Variables, context, plain_http| {
        let found = keys::find(environment, kept, name, &variables, base_url);
        Spec {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            key_fault: match (found.elsewhere, kept.fault()) {
                _ if found.key.is_some() => None,
                (Some(origin), _) => Some(format!(
                    "no key for this address: the one that is kept belongs to {origin} and is sent nowhere \
                     else; give another with: jamey providers login {name}"
                )),
                (None, Some(why)) if kept.lists(name) => {
                    Some(format!("no key: it lies in the keychain, which could not be read: {why}"))
                }
                (None, None) if kept.lists(name) => {
                    Some("no key yet: it lies in the keychain, which is being read".to_owned())
                }
                _ => None,
            },
            key: found.key,
            key_source: found.source,
            has_kept_key: kept.lists(name) || keys::has_line(environment, name, &variables),
            variables,
            context,
            plain_http,
            proxy: proxy.clone(),
            dialect: Dialect::of(name, base_url, config),
        }
    };
    let mut specs = Vec::new();
    let (base_url, source) = &config.openai_base_url;
    let openai = spec("openai", base_url, Variables::of(["OPENAI_API_KEY"]), None, config.openai_plain_http);
    let said = base_url != OPENAI_BASE_URL && *source != Source::Default;
    if openai.key.is_some() || openai.has_kept_key || said {
        specs.push(openai);
    }
    for vendor in dialects::vendors(config) {
        let variables = Variables::of(vendor.variables.iter().copied());
        let plain_http = config.vendors.plain_http.contains(&vendor.name);
        let made = spec(vendor.name, vendor.base_url, variables, vendor.context, plain_http);
        let is_wanted = made.key.is_some() || made.has_kept_key || vendor.is_placed;
        if !vendor.base_url.is_empty() && is_wanted {
            specs.push(made);
        }
    }
    for named in &config.named {
        let variables = Variables::of(named.key_env.as_deref());
        let made = spec(&named.name, &named.base_url, variables, named.context, named.plain_http);
        specs.push(Spec { dialect: Dialect::of_named(named, config), ..made });
    }
    for vendor in vendors::VENDORS {
        let Some(base_url) = vendor.base_url else { continue };
        let is_known = vendor.name == "openai" || specs.iter().any(|spec| spec.name == vendor.name);
        let kept = spec(vendor.name, base_url, Variables::of(vendor.variables.iter().copied()), None, false);
        if !is_known && (kept.key.is_some() || kept.has_kept_key) {
            specs.push(kept);
        }
    }
    let make = |spec: Spec| {
        before.iter().find(|entry| entry.spec == spec).cloned().unwrap_or_else(|| Entry::new(spec))
    };
    specs.into_iter().map(make).collect()
}

#[cfg(test)]
mod tests;

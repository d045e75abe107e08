//! Which model answers: resolves `provider/model`, chooses the default, lists what there is.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use jamey_engine::{
    ports::{ErrorKind, Provider, ProviderError},
    session::{ModelChoice, Models},
};
use jamey_protocol::{
    ApiError, ErrorCode, Model, Settings, health::ProviderHealth, route::ProviderView, status::Child,
};

use super::{
    advice::{Advised, nearest_of},
    budget::{Budget, TurnMeter},
    calls::{CallBook, Gate},
    dialects::DEFAULTS,
    local::Local,
    metered::Metered,
    nearby::Nearby,
    providers::{Entry, configured, offers},
};
use crate::{
    catalogue::{Catalogue, Facts},
    config::{Config, Live, nearest},
    keys::{Kept, Keyring, vendors},
};

/// The model when OpenAI's key is set and nothing else was said.
pub const OPENAI_DEFAULT: &str = "gpt-5-mini";

/// How long a provider may take to say what it has.
const LIST_PATIENCE: Duration = Duration::from_secs(3);

/// Every model of every provider.
pub struct ModelBook {
    pub(super) live: Arc<Live>,
    pub(super) keys: Arc<Keyring>,
    local: Local,
    budget: Arc<Budget>,
    calls: CallBook,
    nearby: Nearby,
    made: Mutex<Option<Made>>,
}

/// Providers, and the configuration and the keys that they follow from.
#[derive(Clone)]
pub(super) struct Made {
    config: Arc<Config>,
    kept: Arc<Kept>,
    pub(super) entries: Arc<Vec<Entry>>,
}

impl ModelBook {
    /// Follows the live configuration.
    #[must_use]
    pub fn new(live: Arc<Live>, keys: Arc<Keyring>, local: Local, budget: Arc<Budget>) -> Self {
        Self {
            live,
            keys,
            local,
            budget,
            calls: CallBook::default(),
            nearby: Nearby::default(),
            made: Mutex::default(),
        }
    }

    /// The embedded model.
    #[must_use]
    pub fn local(&self) -> &Local {
        &self.local
    }

    /// What may be spent.
    #[must_use]
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// How every provider stands. Nobody is asked.
    #[must_use]
    pub fn views(&self) -> Vec<ProviderView> {
        let mut views: Vec<_> = self.made().entries.iter().map(Entry::view).collect();
        views.push(self.local.view());
        views
    }

    /// The same, with the vendors that a key alone would make usable behind them.
    #[must_use]
    pub fn views_and_offers(&self) -> Vec<ProviderView> {
        let mut views = self.views();
        let made = self.made();
        views.extend(offers(&made.config, &made.entries));
        views
    }

    /// How the calls of every provider went. Nobody is asked.
    #[must_use]
    pub fn health(&self) -> Vec<ProviderHealth> {
        let made = self.made();
        let names = made.entries.iter().map(Entry::name).chain(["local"]);
        names.map(|name| self.calls.calls(name).health(name)).collect()
    }

    /// Asks each provider whose last calls failed, and whose time it is, whether it is back. Returns how many
    /// were asked.
    pub async fn ask_failed(&self, now: Instant) -> usize {
        let made = self.made();
        let due = made.entries.iter().filter(|entry| self.calls.calls(entry.name()).wants_question(now));
        join_all(due.map(|entry| self.ask_noted(entry, now))).await.len()
    }

    /// Asks every provider for its list of models, each for at most three seconds. Returns how many it named,
    /// or why it did not.
    pub async fn ask_all(&self, now: Instant) -> Vec<(String, Result<usize, ProviderError>)> {
        let made = self.made();
        join_all(made.entries.iter().map(|entry| self.ask_noted(entry, now))).await
    }

    async fn ask_noted(&self, entry: &Entry, now: Instant) -> (String, Result<usize, ProviderError>) {
        let name = entry.name().to_owned();
        let answer = match &entry.provider {
            Ok(provider) => ask(&**provider).await.map(|models| models.len()),
            Err((why, hint)) => {
                Err(ProviderError::new(ErrorKind::BadRequest, why.clone()).hint(hint.clone()))
            }
        };
        let outcome = answer.as_ref().map(|_| ()).map_err(|error| error.kind);
        if self.calls.calls(&name).was_asked(outcome, now) {
            tracing::info!(provider = name, "a provider that had failed can be reached again");
        }
        (name, answer)
    }

    /// Child processes that run now.
    #[must_use]
    pub fn children(&self) -> Vec<Child> {
        self.local.children()
    }

    /// Lists every model. Configured providers are asked, and left out if they do not answer soon; so are
    /// those that run on this machine.
    pub async fn list(&self) -> Vec<Model> {
        let made = &self.made();
        let nearby = self.nearby(made).await;
        let asked = made.entries.iter().chain(&nearby).map(|entry| async move {
            let provider = entry.provider.as_ref().ok()?;
            let models = ask(&**provider).await;
            let models =
                models.inspect_err(|error| tracing::info!(provider = entry.name(), "no model list: {error}"));
            Some(models.ok()?.into_iter().map(move |model| made.completed(entry, model)))
        });
        let (remote, mut models) = tokio::join!(join_all(asked), self.local.models());
        models.extend(remote.into_iter().flatten().flatten());
        let default = self.resolve(None).await.ok().map(|choice| choice.id);
        for model in &mut models {
            model.default = default.as_deref() == Some(model.id.as_str());
        }
        // The default may be one that no list names.
        if let Some(id) = default.filter(|id| models.iter().all(|model| model.id != *id)) {
            let model = Model { id, default: true, ..Model::default() };
            let entry = made.entries.iter().find(|entry| model.id.split('/').next() == Some(entry.name()));
            let model = match entry {
                Some(entry) => made.completed(entry, model),
                None => model,
            };
            models.insert(0, model);
        }
        models
    }

    /// Servers on this machine that nobody configured, where they are wanted.
    pub(super) async fn nearby(&self, made: &Made) -> Vec<Entry> {
        if made.config.discover { self.nearby.entries(&made.entries).await } else { Vec::new() }
    }

    pub(super) fn made(&self) -> Made {
        let config = self.live.now();
        let kept = self.keys.kept();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some(made) if Arc::ptr_eq(&made.config, &config) && Arc::ptr_eq(&made.kept, &kept) => {
                made.clone()
            }
            before => {
                let before = before.as_ref().map(|made| made.entries.as_slice()).unwrap_or_default();
                let entries = configured(&config, &self.live.environment(), &kept, before);
                made.insert(Made { config, kept, entries: Arc::new(entries) }).clone()
            }
        }
    }

    /// Counts how the calls of this model go and holds them to the limits. One that is `gated` is not waited
    /// for while it fails again and again.
    fn watched(&self, made: &Made, choice: ModelChoice, gated: bool) -> ModelChoice {
        let provider =
            if gated { self.calls.gated(choice.provider) } else { self.calls.counted(choice.provider) };
        if provider.id() == "local" {
            return ModelChoice { provider, ..choice };
        }
        let entry = made.entries.iter().find(|entry| entry.name() == provider.id());
        let metered = Metered {
            budget: Arc::clone(&self.budget),
            turn: TurnMeter::default(),
            price: choice.price,
            max_output: entry.and_then(|entry| made.facts(entry, &choice.id).max_output),
            inner: provider,
        };
        ModelChoice { provider: Arc::new(metered), ..choice }
    }

    fn choice(&self, made: &Made, entry: &Entry, model: &str) -> Result<ModelChoice, ApiError> {
        let provider = entry.provider.as_ref().map_err(|(why, hint)| {
            let message = format!("the provider {} cannot be asked: {why}", entry.name());
            ApiError::new(ErrorCode::Config, message).hint(hint.clone())
        })?;
        let id = format!("{}/{model}", entry.name());
        let known = made.completed(entry, Model { id: id.clone(), ..Model::default() });
        Ok(ModelChoice {
            provider: Arc::new(Advised::new(Arc::clone(provider), entry.key_source())),
            model: model.to_owned(),
            context: known.context,
            vision: known.vision,
            price: known.price,
            id,
        })
    }

    async fn named(&self, made: &Made, name: &str) -> Result<ModelChoice, ApiError> {
        let name = made.unaliased(name);
        let Some((provider, model)) = name.split_once('/').filter(|(p, m)| !p.is_empty() && !m.is_empty())
        else {
            return Err(self.no_such_name(made, name));
        };
        if let Some(entry) = made.entries.iter().find(|entry| entry.name() == provider) {
            return self.choice(made, entry, model);
        }
        if provider == "local" {
            return self.local.choice(model).await;
        }
        if self.nearby.knows(provider)
            && let Some(entry) = self.nearby(made).await.iter().find(|entry| entry.name() == provider)
        {
            return self.choice(made, entry, model);
        }
        let needs_key = |vendor: &&vendors::Vendor| vendor.base_url.is_some() && vendor.name != "ollama";
        if let Some(vendor) = vendors::find(provider).filter(needs_key) {
            let variable = vendor.variables.first().copied().unwrap_or_default();
            return Err(ApiError::new(ErrorCode::Auth, format!("there is no key for {provider}")).hint(format!(
                "give one with: jamey providers login {provider}, or set {variable} in the environment or in \
                 the .env of the config folder"
            )));
        }
        let names = made.entries.iter().map(Entry::name).chain(["openai", "local"]);
        let hint = match nearest(provider, names.clone()) {
            Some(close) => format!("did you mean {close}/{model}?"),
            None => {
                let mut names: Vec<_> = names.collect();
                names.sort_unstable();
                names.dedup();
                format!(
                    "there are {}; others can be added to runtime.toml as [providers.NAME]",
                    names.join(", ")
                )
            }
        };
        let message = format!("there is no provider \"{}\"", shown(provider));
        Err(ApiError::new(ErrorCode::NotFound, message).hint(hint))
    }

    fn no_such_name(&self, made: &Made, name: &str) -> ApiError {
        let error = ApiError::new(ErrorCode::BadRequest, format!("\"{}\" names no model", shown(name)));
        let built_in = Catalogue::built_in();
        let short = made.config.aliases.keys().chain(built_in.aliases.keys()).map(String::as_str);
        // A name without its provider is as near as can be.
        let whole = built_in.models.keys().chain(made.config.catalogue.keys());
        let whole: Vec<&str> = whole
            .filter(|id| id.split_once('/').is_some_and(|(_, model)| model == name))
            .map(String::as_str)
            .collect();
        let close = if whole.is_empty() { nearest_of(name, short) } else { whole };
        if close.is_empty() {
            return error
                .hint("name it as provider/model, such as openai/gpt-5-mini; `jamey models` lists them");
        }
        error.hint(format!(
            "did you mean {}? Others are named as provider/model; `jamey models` lists them",
            close.join(" or ")
        ))
    }

    async fn default(&self, made: &Made) -> Result<ModelChoice, ApiError> {
        if let Some(name) = &made.config.default_model {
            return self.named(made, name).await;
        }
        if let Some(entry) = made.entries.iter().find(|entry| entry.name() == "openai" && entry.is_set_up()) {
            if entry.is_openai_itself() {
                return self.choice(made, entry, OPENAI_DEFAULT);
            }
            if let Some(only) = only_model(entry).await {
                return self.choice(made, entry, &only);
            }
        }
        for (vendor, model) in DEFAULTS {
            let has_key = |entry: &&Entry| entry.name() == *vendor && entry.has_key();
            if let Some(entry) = made.entries.iter().find(has_key) {
                return self.choice(made, entry, model);
            }
        }
        if let Some(choice) = self.local.best().await? {
            return Ok(choice);
        }
        // A server of one's own with one model leaves no doubt either.
        for entry in made.entries.iter() {
            if let Some(only) = only_model(entry).await {
                return self.choice(made, entry, &only);
            }
        }
        Err(ApiError::new(ErrorCode::NoModel, "no model is chosen and none is installed").hint(
            "fetch one with `jamey models pull`, or give a key with `jamey providers login openai` or as \
             OPENAI_API_KEY, or name one with `jamey models default`",
        ))
    }
}

impl Made {
    /// What a short name stands for: the person's own, then the built-in ones; else the name itself.
    fn unaliased<'a>(&'a self, name: &'a str) -> &'a str {
        let own = self.config.aliases.get(name);
        own.or_else(|| Catalogue::built_in().aliases.get(name)).map_or(name, String::as_str)
    }

    /// What is known of a model of a provider.
    fn facts(&self, entry: &Entry, id: &str) -> Facts {
        let built_in = Catalogue::built_in().get(id).filter(|_| entry.is_the_vendor());
        let known = built_in.copied().unwrap_or_default();
        self.config.catalogue.get(id).map_or(known, |own| known.overlaid(own))
    }

    /// A model with what its provider says of it, what the person does, and what is known anyway.
    fn completed(&self, entry: &Entry, mut model: Model) -> Model {
        if let Some(own) = self.config.catalogue.get(&model.id) {
            // What the person says counts more than what the provider does.
            model.context = own.context.or(model.context);
            model.tools = own.tools.or(model.tools);
            model.vision = own.vision.or(model.vision);
            model.price = own.price().or(model.price);
        }
        model.context = model.context.or(entry.context());
        self.facts(entry, &model.id).complete(&mut model);
        model
    }
}

/// The model of a server that has just one.
async fn only_model(entry: &Entry) -> Option<String> {
    let models = ask(&**entry.provider.as_ref().ok()?).await.ok()?;
    let [one] = models.as_slice() else { return None };
    one.id.split_once('/').map(|(_, model)| model.to_owned())
}

async fn ask(provider: &dyn Provider) -> Result<Vec<Model>, ProviderError> {
    tokio::time::timeout(LIST_PATIENCE, provider.models())
        .await
        .unwrap_or_else(|_| Err(ProviderError::new(ErrorKind::Timeout, "no answer within 3 s")))
}

/// A name as it may stand in a message.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[async_trait::async_trait]
impl Models for ModelBook {
    async fn resolve(&self, name: Option<&str>) -> Result<ModelChoice, ApiError> {
        let made = self.made();
        let wanted = name.map(|name| made.unaliased(name));
        let wanted = wanted.and_then(|name| name.split_once('/')).map(|(provider, _)| provider);
        if wanted.is_none_or(|provider| self.keys.kept().lists(provider)) {
            self.keys.settle().await;
        }
        let made = self.made();
        let choice = match name {
            Some(name) => self.named(&made, name).await,
            None => self.default(&made).await,
        }?;
        // Where others can go on, one that fails again and again is not waited for.
        let is_gated = !made.config.fallback.is_empty() && choice.provider.id() != "local";
        Ok(self.watched(&made, choice, is_gated))
    }

    async fn another(&self, tried: &[String]) -> Option<ModelChoice> {
        let made = self.made();
        if made.config.fallback.is_empty() {
            return None;
        }
        let now = Instant::now();
        let mut left_alone = None;
        for name in &made.config.fallback {
            let choice = match self.named(&made, name).await {
                Ok(choice) if !tried.contains(&choice.id) => choice,
                Ok(_) => continue,
                Err(error) => {
                    tracing::info!(model = name, "no model to go on with: {}", error.message);
                    continue;
                }
            };
            match self.calls.calls(choice.provider.id()).gate(now) {
                Gate::Open(_) => left_alone = left_alone.or(Some(choice)),
                Gate::Closed | Gate::HalfOpen => return Some(self.watched(&made, choice, false)),
            }
        }
        let embedded = self.local.best().await.ok().flatten().filter(|choice| !tried.contains(&choice.id));
        embedded.or(left_alone).map(|choice| self.watched(&made, choice, false))
    }

    fn defaults(&self) -> Settings {
        let config = self.live.now();
        Settings {
            mode: Some(config.mode),
            max_turns: Some(config.max_turns),
            max_seconds: config.wall.map(|wall| wall.as_secs()),
            ..Settings::default()
        }
    }
}

impl std::fmt::Debug for ModelBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelBook").finish_non_exhaustive()
    }
}

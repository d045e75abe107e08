//! Every model of every provider: how they stand, how their calls went, and what there is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use jamey_engine::{
    ports::{ErrorKind, Provider, ProviderError, TurnMeter},
    session::Models,
};
use jamey_protocol::{
    Model,
    calls::{ProviderPast, ProvidersPast},
    health::ProviderHealth,
    route::ProviderView,
    status::Child,
};

pub(super) use super::naming::shown;
use super::{
    budget::Budget,
    calls::{CallBook, MINUTE},
    local::Local,
    made::Made,
    nearby::Nearby,
    providers::{Entry, configured, offers},
};
use crate::{config::Live, keys::Keyring};

/// The model when OpenAI's key is set and nothing else was said.
pub const OPENAI_DEFAULT: &str = "gpt-5-mini";

/// How long a provider may take to say what it has.
const LIST_PATIENCE: Duration = Duration::from_secs(3);

/// Every model of every provider.
pub struct ModelBook {
    pub(super) live: Arc<Live>,
    pub(super) keys: Arc<Keyring>,
    pub(super) local: Local,
    pub(super) budget: Arc<Budget>,
    pub(super) calls: CallBook,
    pub(super) nearby: Nearby,
    /// What each model takes, can and costs, as its provider said when it was last asked.
    told: Mutex<HashMap<String, Model>>,
    made: Mutex<Option<Made>>,
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
            told: Mutex::default(),
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

    /// The same, with the last `hours` in at most `points` spans.
    #[must_use]
    pub fn past(&self, now: i64, hours: u32, points: u32) -> ProvidersPast {
        let (asked, points) = (i64::from(hours) * 60, i64::from(points.max(1)));
        // Rounded up, so that there are never more spans than were asked for.
        let minutes = (asked + points - 1).div_euclid(points);
        let span_ms = minutes * MINUTE;
        let to = now - now.rem_euclid(MINUTE) + MINUTE;
        let from = to - span_ms * asked.div_euclid(minutes);
        let health = self.health().into_iter();
        let providers = health.map(|health| {
            let history = self.calls.calls(&health.name).spans(from, to, span_ms);
            ProviderPast { health, history }
        });
        ProvidersPast { span_ms, from, to, providers: providers.collect() }
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
        // Whether it is back now, not whether it was here some minutes ago.
        let answer = entry.ask_models().await.map(|models| {
            self.note(&models);
            models.len()
        });
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
            let models = entry.models().await;
            let models =
                models.inspect_err(|error| tracing::info!(provider = entry.name(), "no model list: {error}"));
            let models = models.ok()?;
            self.note(&models);
            Some(models.into_iter().map(move |model| made.completed(entry, model)))
        });
        let (remote, mut models) = tokio::join!(join_all(asked), self.local.models());
        models.extend(remote.into_iter().flatten().flatten());
        let default = self.resolve(None, &TurnMeter::default()).await.ok().map(|choice| choice.id);
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

    /// Remembers what a provider said of its models.
    pub(super) fn note(&self, models: &[Model]) {
        let says_more = |model: &&Model| {
            let is_bounded = model.context.is_some() || model.max_output.is_some();
            is_bounded || model.price.is_some() || model.vision.is_some()
        };
        let told = models.iter().filter(says_more).map(|model| (model.id.clone(), model.clone()));
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
    }

    /// A model with what its provider said of it.
    pub(super) fn told(&self, id: &str) -> Model {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        told.unwrap_or_else(|| Model { id: id.to_owned(), ..Model::default() })
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
}

pub(super) async fn ask(provider: &dyn Provider) -> Result<Vec<Model>, ProviderError> {
    tokio::time::timeout(LIST_PATIENCE, provider.models())
        .await
        .unwrap_or_else(|_| Err(ProviderError::new(ErrorKind::Timeout, "no answer within 3 s")))
}

impl std::fmt::Debug for ModelBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelBook").finish_non_exhaustive()
    }
}

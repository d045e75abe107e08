//! Giving keys to providers, taking them away, and trying whether one works.

use std::{sync::Arc, time::Instant};

use futures_util::StreamExt as _;
use jamey_engine::{
    ports::{ErrorKind, Message, ProviderError, Request, TurnMeter},
    session::Models as _,
};
use jamey_protocol::{
    ApiError, ErrorCode,
    key::{KeyKept, ProviderTest},
};
use tokio_util::sync::CancellationToken;

use super::{
    advice::{about_key, nearest_of},
    models::{ModelBook, shown},
    providers::Entry,
};
use crate::keys::{Variables, origin, vendors};

/// How long a provider that is tried may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

impl ModelBook {
    /// Keeps a key for a provider at its present address. It holds from the next model call on.
    ///
    /// # Errors
    /// When there is no such provider, it has no address, the text is no key, or it can be kept nowhere.
    pub async fn give_key(&self, name: &str, text: &str) -> Result<KeyKept, ApiError> {
        // Before anything else, so that no error can repeat it.
        crate::redact::Redactor::shared().learn([text]);
        let (variables, base_url) = self.key_place(name)?;
        self.check_address(name)?;
        let Some(origin) = origin(&base_url) else {
            return Err(ApiError::new(ErrorCode::Config, format!("{name} is asked at no usable address"))
                .hint(format!("put providers.{name}.base_url right, then give the key again")));
        };
        let environment = self.live.environment();
        let kept = self.keys.give(&environment, name, &variables, &origin, text).await?;
        self.read_anew().await;
        tracing::info!(provider = name, place = kept.place, origin, "a key is kept");
        Ok(kept)
    }

    /// Removes the key of a provider from where a person gave it.
    ///
    /// # Errors
    /// When there is no such provider, none is kept, or the place cannot be changed.
    pub async fn remove_key(&self, name: &str) -> Result<(), ApiError> {
        let (variables, _) = self.key_place(name)?;
        let environment = self.live.environment();
        if !self.keys.remove(&environment, name, &variables).await? {
            let entries = self.made().entries;
            let source = entries.iter().find(|entry| entry.name() == name).and_then(Entry::key_source);
            let error = ApiError::new(ErrorCode::NotFound, format!("no key of {name} is kept"));
            return Err(match source {
                Some(source) => error.hint(format!("it comes from: {source}; take it away there")),
                None => error.hint("`jamey providers` shows where each key comes from"),
            });
        }
        self.read_anew().await;
        tracing::info!(provider = name, "a key was removed");
        Ok(())
    }

    /// Asks a provider for its models, which costs nothing and shows whether it takes the key. Where it has no list,
    /// one of its models is asked for an answer of one token.
    ///
    /// # Errors
    /// When there is no such provider. That it cannot be asked is part of the answer.
    pub async fn test(&self, name: &str) -> Result<ProviderTest, ApiError> {
        if name == "local" {
            let models = self.local().models().await;
            let here =
                models.iter().filter(|model| model.weights.as_ref().is_some_and(|w| w.installed)).count();
            let error = (here == 0).then(|| {
                ApiError::new(ErrorCode::NoModel, "no local model is installed")
                    .hint("fetch one with: jamey models pull")
            });
            return Ok(ProviderTest { took_ms: 0, models: Some(here as u64), error });
        }
        if self.keys.kept().lists(name) {
            self.keys.settle().await;
        }
        let entries = self.made().entries;
        let Some(entry) = entries.iter().find(|entry| entry.name() == name) else {
            self.key_place(name)?;
            return Err(ApiError::new(ErrorCode::Auth, format!("there is no key for {name}"))
                .hint(format!("give one with: jamey providers login {name}")));
        };
        entry.forget_models().await;
        let began = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, self.tried(entry)).await.unwrap_or_else(|_| {
            let message = format!("no answer within {} s", PATIENCE.as_secs());
            Err(ProviderError::new(ErrorKind::Timeout, message))
        });
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (models, error) = match answer {
            Ok(models) => (models, None),
            Err(error) => {
                let error = about_key(error, name, entry.key_source());
                (None, Some(jamey_engine::turn::api_error(&error, 1)))
            }
        };
        Ok(ProviderTest { took_ms, models, error })
    }

    /// How many models it lists; none if it has no list but answers.
    async fn tried(&self, entry: &Entry) -> Result<Option<u64>, ProviderError> {
        let provider = entry.provider.as_ref().map_err(|(why, hint)| {
            ProviderError::new(ErrorKind::BadRequest, why.clone()).hint(hint.clone())
        })?;
        match provider.models().await {
            Ok(models) => {
                if let Some(prover) = entry.prover() {
                    prover.prove_key().await?;
                }
                Ok(Some(models.len() as u64))
            }
            // Some have no list. A wrong base URL has none either, and only an answer tells them apart.
            Err(error) if error.kind == ErrorKind::NotFound => match self.model_of(entry.name()) {
                Some(model) => self.answers(&model).await.map(|()| None),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// A model of the provider that the configuration names.
    fn model_of(&self, provider: &str) -> Option<String> {
        let made = self.made();
        let config = &made.config;
        let named = config.default_model.iter().chain(&config.fallback).chain(config.aliases.values());
        let mut named =
            named.map(|name| made.unaliased(name)).chain(config.catalogue.keys().map(String::as_str));
        named.find(|id| id.split_once('/').is_some_and(|(at, _)| at == provider)).map(str::to_owned)
    }

    /// Asks a model for one token. That it has more to say, or to think, is an answer too.
    async fn answers(&self, model: &str) -> Result<(), ProviderError> {
        let choice = self.resolve(Some(model), &TurnMeter::default()).await;
        let choice = choice.map_err(|error| ProviderError::new(ErrorKind::BadRequest, error.message))?;
        let request = Request {
            model: choice.model,
            messages: vec![Message::user("Say yes.")],
            max_output: Some(1),
            ..Request::default()
        };
        let mut answer = choice.provider.stream(request, CancellationToken::new());
        while let Some(item) = answer.next().await {
            match item {
                Err(error) if matches!(error.kind, ErrorKind::Empty | ErrorKind::NoRoom) => return Ok(()),
                item => drop(item?),
            }
        }
        Ok(())
    }

    /// Refuses to take a key for an address that it must not be sent to.
    fn check_address(&self, name: &str) -> Result<(), ApiError> {
        let entries = self.made().entries;
        let entry = entries.iter().find(|entry| entry.name() == name);
        let Some(Err((why, hint))) = entry.map(|entry| &entry.provider) else { return Ok(()) };
        Err(ApiError::new(ErrorCode::Config, format!("no key is kept for {name}: {why}")).hint(hint.clone()))
    }

    /// The variables of a provider's key and the address at which it is asked.
    fn key_place(&self, name: &str) -> Result<(Variables, String), ApiError> {
        let entries = self.made().entries;
        if let Some(entry) = entries.iter().find(|entry| entry.name() == name) {
            let (variables, base_url) = entry.key_place();
            return Ok((variables.clone(), base_url.to_owned()));
        }
        if name == "local" {
            return Err(ApiError::new(ErrorCode::BadRequest, "the local model takes no key")
                .hint("it runs on this machine"));
        }
        if let Some(vendor) = vendors::find(name) {
            let variables = Variables::of(vendor.variables.iter().copied());
            return match vendor.base_url {
                Some(_) if name == "openai" => Ok((variables, self.live.now().openai_base_url.0.clone())),
                Some(base_url) => Ok((variables, base_url.to_owned())),
                None => {
                    let message = format!("{name} has no address yet, and a key belongs to one");
                    Err(ApiError::new(ErrorCode::Config, message)
                        .hint(format!("set providers.{name}.base_url first, then give the key")))
                }
            };
        }
        let names: Vec<&str> = entries
            .iter()
            .map(Entry::name)
            .chain(vendors::VENDORS.iter().map(|vendor| vendor.name))
            .collect();
        let error = ApiError::new(ErrorCode::NotFound, format!("there is no provider \"{}\"", shown(name)));
        Err(match nearest_of(name, names.iter().copied()).first() {
            Some(close) => error.hint(format!("did you mean {close}?")),
            None => {
                error.hint("`jamey providers` lists them; add others to runtime.toml as [providers.NAME]")
            }
        })
    }

    /// Lets what changed in `.env` hold now.
    async fn read_anew(&self) {
        let live = Arc::clone(&self.live);
        let read = tokio::task::spawn_blocking(move || live.reload()).await;
        if let Ok(Err(fault)) = read {
            tracing::warn!("{fault}");
        }
    }
}

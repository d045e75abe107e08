//! Trying whether a provider can be asked, as cheaply as its key can be shown to work.
//!
//! A list of models that everybody may read proves nothing of a key. There one model is asked for one token: a call
//! like any other, which the limits and the ledger count.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use jamey_engine::ports::{Chunk, Count, ErrorKind, Message, ProviderError, Request, Spent, TurnMeter};
use jamey_protocol::{ApiError, ErrorCode, Model, Usage, key::ProviderTest};
use tokio_util::sync::CancellationToken;

use super::{advice::about_key, budget::input_of, models::ModelBook, providers::Entry};

/// How long a provider that is tried may take for its list, and for its token.
const PATIENCE: Duration = Duration::from_secs(10);
/// And how long one's own server, which may have to load the model first; less than a face waits for an answer.
const OWN_PATIENCE: Duration = Duration::from_secs(40);

/// What came of a trial.
#[derive(Default)]
struct Tried {
    /// How many models it lists, if it does.
    models: Option<u64>,
    /// The model that was asked for a token.
    asked: Option<String>,
}

impl ModelBook {
    /// Asks a provider for its models, which costs nothing. Where it has no list, or one that proves nothing of the
    /// key, one of its models is asked for an answer of one token.
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
            return Ok(ProviderTest { took_ms: 0, models: Some(here as u64), asked: None, error });
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
        let mut tried = Tried::default();
        let error = self
            .tried(entry, &mut tried)
            .await
            .err()
            .map(|error| jamey_engine::turn::api_error(&about_key(error, name, entry.key_source()), 1));
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let models = tried.models.filter(|_| error.is_none());
        Ok(ProviderTest { took_ms, models, asked: tried.asked, error })
    }

    async fn tried(&self, entry: &Entry, tried: &mut Tried) -> Result<(), ProviderError> {
        let provider = entry.provider.as_ref().map_err(|(why, hint)| {
            ProviderError::new(ErrorKind::BadRequest, why.clone()).hint(hint.clone())
        })?;
        let list = async {
            let models = provider.models().await?;
            let is_proved = match entry.prover() {
                Some(prover) => prover.prove_key().await?,
                None => false,
            };
            Ok((models, is_proved))
        };
        let model = match tokio::time::timeout(PATIENCE, list).await.unwrap_or_else(|_| Err(late(PATIENCE))) {
            Ok((models, is_proved)) => {
                tried.models = Some(models.len() as u64);
                if is_proved || entry.shows_its_key_by_listing() {
                    return Ok(());
                }
                match self.model_of(entry.name()).or_else(|| cheapest(&models)) {
                    Some(model) => model,
                    None => return Ok(()),
                }
            }
            // Some have no list. A wrong base URL has none either, and only an answer tells them apart.
            Err(error) if error.kind == ErrorKind::NotFound => self.model_of(entry.name()).ok_or(error)?,
            Err(error) => return Err(error),
        };
        match self.answers(entry, &model, tried).await {
            // The key was taken, and the list is there; that this one model answers nothing says nothing of either.
            Err(error) if error.of_model && tried.models.is_some() => Ok(()),
            ended => ended,
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
    async fn answers(&self, entry: &Entry, model: &str, tried: &mut Tried) -> Result<(), ProviderError> {
        let made = self.made();
        let choice = self.named(&made, model).await;
        let choice = choice.map_err(|error| ProviderError::new(ErrorKind::BadRequest, error.message))?;
        // Asked also where turns leave it alone: whoever tries it wants to know.
        let choice = self.watched(&made, choice, false, &TurnMeter::default());
        let patience = if entry.is_own() { OWN_PATIENCE } else { PATIENCE };
        tried.asked = Some(model.to_owned());
        let request = Request {
            model: choice.model,
            messages: vec![Message::user("Say yes.")],
            max_output: Some(1),
            ..Request::default()
        };
        let sent = input_of(&request);
        let mut answer = choice.provider.stream(request, CancellationToken::new());
        let mut used = None;
        let ended = tokio::time::timeout(patience, async {
            while let Some(item) = answer.next().await {
                match item {
                    Ok(Chunk::Usage(told)) => used = Some((told, Count::Told)),
                    Ok(Chunk::Estimate(guess)) => used = Some((guess, Count::Estimated)),
                    Err(error) if matches!(error.kind, ErrorKind::Empty | ErrorKind::NoRoom) => return Ok(()),
                    item => drop(item?),
                }
            }
            Ok(())
        });
        let ended = ended.await.unwrap_or_else(|_| Err(late(patience)));
        // What was answered without a word of its use was sent all the same.
        let nothing_told = || (Usage { input: sent, ..Usage::default() }, Count::Estimated);
        if let Some((used, count)) = used.or_else(|| ended.is_ok().then(nothing_told)) {
            let cost_micros = choice.price.map(|price| price.micros(&used));
            self.budget.note(Spent { model: choice.id, used, count, cost_micros }).await;
        }
        ended
    }
}

fn late(patience: Duration) -> ProviderError {
    ProviderError::new(ErrorKind::Timeout, format!("no answer within {} s", patience.as_secs()))
}

/// The model that a token costs least of, as far as that is known; else the first.
fn cheapest(models: &[Model]) -> Option<String> {
    let price = |model: &Model| model.price.map_or(f64::INFINITY, |price| price.input + price.output);
    models.iter().min_by(|a, b| price(a).total_cmp(&price(b))).map(|model| model.id.clone())
}

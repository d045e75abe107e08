//! The model of a turn, watched and metered, and the one that goes on where it fails.

use std::{sync::Arc, time::Instant};

use jamey_engine::{
    ports::TurnMeter,
    session::{ModelChoice, Models},
};
use jamey_protocol::{ApiError, ErrorCode, Settings};

use crate::config::Limits;

use super::{calls::Gate, made::Made, metered::Metered, models::ModelBook};

impl ModelBook {
    /// Counts how the calls of this model go and holds them to the limits. One that is `gated` is not waited
    /// for while it fails again and again.
    fn watched(&self, made: &Made, choice: ModelChoice, gated: bool, meter: &TurnMeter) -> ModelChoice {
        let caution = unheld(&made.config.limits, &choice);
        let provider =
            if gated { self.calls.gated(choice.provider) } else { self.calls.counted(choice.provider) };
        if provider.id() == "local" {
            return ModelChoice { provider, ..choice };
        }
        let entry = made.entries.iter().find(|entry| entry.name() == provider.id());
        let metered = Metered {
            budget: Arc::clone(&self.budget),
            turn: meter.clone(),
            price: choice.price,
            max_output: entry
                .and_then(|entry| made.facts(entry, &choice.id).max_output)
                .or_else(|| self.told(&choice.id).max_output),
            inner: provider,
        };
        ModelChoice { provider: Arc::new(metered), caution, ..choice }
    }

    /// The next model where the default one is at a server that does not run, and nobody named it for this turn.
    async fn instead(&self, error: ApiError, meter: &TurnMeter) -> Result<ModelChoice, ApiError> {
        if error.code != ErrorCode::Provider {
            return Err(error);
        }
        let Some(choice) = self.another(&[], meter).await else { return Err(error) };
        let why =
            format!("The default model cannot be asked: {}; going on with {}.", error.message, choice.id);
        let caution = choice.caution.map_or_else(|| why.clone(), |caution| format!("{why} {caution}"));
        Ok(ModelChoice { caution: Some(caution), ..choice })
    }
}

/// What to say where limits in dollars are set that say nothing of a model, since nobody knows what it costs.
fn unheld(limits: &Limits, choice: &ModelChoice) -> Option<String> {
    let set = [("turn", limits.turn), ("day", limits.day), ("month", limits.month)];
    let set: Vec<String> = set
        .into_iter()
        .filter(|(_, bounds)| bounds.micros.is_some())
        .map(|(span, _)| format!("limits.{span}_cost"))
        .collect();
    if set.is_empty() || choice.price.is_some() {
        return None;
    }
    Some(format!(
        "What {id} costs is not known, so {} cannot be held for it. Give its price in runtime.toml: [models.catalogue] \
         \"{id}\" = {{ input = …, output = … }}, in US dollars for a million tokens.",
        set.join(" and "),
        id = choice.id,
    ))
}

#[async_trait::async_trait]
impl Models for ModelBook {
    async fn resolve(&self, name: Option<&str>, meter: &TurnMeter) -> Result<ModelChoice, ApiError> {
        let made = self.made();
        let wanted = name.map(|name| made.unaliased(name));
        let wanted = wanted.and_then(|name| name.split_once('/')).map(|(provider, _)| provider);
        if wanted.is_none_or(|provider| self.keys.kept().lists(provider)) {
            self.keys.settle().await;
        }
        let made = self.made();
        let choice = match name {
            Some(name) => self.named(&made, name).await,
            None => match self.default(&made).await {
                Ok(choice) => Ok(choice),
                Err(error) => return self.instead(error, meter).await,
            },
        }?;
        // Where others can go on, one that fails again and again is not waited for.
        let is_gated = !made.config.fallback.is_empty() && choice.provider.id() != "local";
        Ok(self.watched(&made, choice, is_gated, meter))
    }

    async fn another(&self, tried: &[String], meter: &TurnMeter) -> Option<ModelChoice> {
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
                Gate::Closed | Gate::HalfOpen => return Some(self.watched(&made, choice, false, meter)),
            }
        }
        let embedded = self.local.best().await.ok().flatten().filter(|choice| !tried.contains(&choice.id));
        embedded.or(left_alone).map(|choice| self.watched(&made, choice, false, meter))
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

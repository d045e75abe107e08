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
    pub(super) fn watched(
        &self,
        made: &Made,
        choice: ModelChoice,
        gated: bool,
        meter: &TurnMeter,
    ) -> ModelChoice {
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
            let calls = self.calls.calls(choice.provider.id());
            match calls.gate(now) {
                Gate::HalfOpen if calls.is_tried() => left_alone = left_alone.or(Some(choice)),
                Gate::Open(_) => left_alone = left_alone.or(Some(choice)),
                // Of the turns that come here while it is half open one asks it; the others go on to the next.
                Gate::HalfOpen => return Some(self.watched(&made, choice, true, meter)),
                Gate::Closed => return Some(self.watched(&made, choice, false, meter)),
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use futures_util::{
        FutureExt as _, StreamExt as _,
        stream::{self, BoxStream},
    };
    use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
    use jamey_ipc::Folders;
    use jamey_protocol::Model;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{
        config::{Environment, Live, Paths},
        host::{budget::Budget, local::Local},
        keys::{Keyring, NoChain},
        store::{Store, StorePaths},
    };

    /// A book whose turns go on with `a/m`, then with `b/m`, both at `port`.
    async fn book(folder: &Path, port: u16) -> ModelBook {
        let place = |name: &str| folder.join(name);
        let folders = Folders {
            config: place("config"),
            data: place("data"),
            cache: place("cache"),
            models: place("models"),
            run: place("run"),
        };
        folders.create().unwrap();
        let paths = Paths {
            file: folder.join("runtime.toml"),
            dot_env: folder.join(".env"),
            last_good: folder.join("last-good"),
            schema: None,
        };
        let provider = |name: &str| {
            format!(
                "[providers.{name}]\nkind = \"openai-compatible\"\nbase_url = \"http://127.0.0.1:{port}/v1\"\n"
            )
        };
        let text = format!("[models]\nfallback = [\"a/m\", \"b/m\"]\n{}{}", provider("a"), provider("b"));
        std::fs::write(&paths.file, text).unwrap();
        let live = Arc::new(Live::open(paths, Environment::of(&[]), Vec::new()).unwrap());
        let store = Store::open(StorePaths::of(&folders)).await.unwrap().0;
        let (keys, local) = (Keyring::new(&folders, Arc::new(NoChain)), Local::new(&folders, live.clone()));
        ModelBook::new(live.clone(), keys, local, Budget::new(live, store))
    }

    /// The first of them, as it fails.
    struct Broken;

    #[async_trait::async_trait]
    impl Provider for Broken {
        fn id(&self) -> &str {
            "a"
        }
        async fn models(&self) -> Result<Vec<Model>, ProviderError> {
            Ok(Vec::new())
        }
        fn stream(
            &self,
            _: Request,
            _: CancellationToken,
        ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
            stream::iter([Err(ProviderError::new(ErrorKind::Overloaded, "broken"))]).boxed()
        }
    }

    fn ask(choice: &ModelChoice) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        choice.provider.stream(Request::default(), CancellationToken::new())
    }

    #[tokio::test]
    async fn of_the_turns_that_go_on_with_one_that_may_be_back_one_asks_it() {
        let folder = tempfile::tempdir().unwrap();
        // It takes connections, and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let book = book(folder.path(), silent.local_addr().unwrap().port()).await;
        let meter = TurnMeter::default();
        let calls = book.calls.calls("a");
        for _ in 0..3 {
            let broken = book.calls.counted(Arc::new(Broken));
            broken.stream(Request::default(), CancellationToken::new()).collect::<Vec<_>>().await;
        }
        assert_eq!(book.another(&[], &meter).await.unwrap().id, "b/m", "it is left alone");
        calls.was_asked(Ok(()), Instant::now());
        let choices = [book.another(&[], &meter).await.unwrap(), book.another(&[], &meter).await.unwrap()];
        assert_eq!(choices.each_ref().map(|choice| choice.id.as_str()), ["a/m", "a/m"]);
        let mut probe = ask(&choices[0]);
        assert!(probe.next().now_or_never().is_none(), "it is asked");
        let told = ask(&choices[1]).next().now_or_never().flatten().unwrap().unwrap_err();
        assert!(told.message.contains("left alone"), "{told}");
        let next = book.another(&["a/m".to_owned()], &meter).await.unwrap();
        assert_eq!(next.id, "b/m");
        drop(probe);
        assert!(ask(&choices[1]).next().now_or_never().is_none(), "nobody asks it now");
    }
}

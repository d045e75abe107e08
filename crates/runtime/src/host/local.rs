//! The embedded model as the host offers it: what is installed, fetching and removing it, its child.

use std::{path::PathBuf, sync::Arc};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use jamey_engine::{ports::Provider, session::ModelChoice};
use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode, Model, Pull, model::Price, route::ProviderView, status::Child};
use jamey_providers::{
    LocalOptions, LocalProvider,
    local::{Entry, LocalCondition, Unloaded, pull::PullOptions},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::providers::proxy;
use crate::config::Live;

/// Messages of a download that may wait for a slow reader.
const BACKLOG: usize = 64;

/// The embedded model.
#[derive(Debug)]
pub struct Local {
    provider: Arc<LocalProvider>,
    models_dir: PathBuf,
    live: Arc<Live>,
}

impl Local {
    /// Sets it up; nothing is started. Its settings hold until the runtime ends.
    #[must_use]
    pub fn new(folders: &Folders, live: Arc<Live>) -> Self {
        let set = live.now();
        let options = LocalOptions {
            models_dir: folders.models.clone(),
            cache_dir: folders.cache.join("prefixes"),
            run_dir: folders.run.clone(),
            binary: binary(),
            idle: set.local.idle.unwrap_or_default(),
            context: set.local.context,
            threads: set.local.threads,
            extra: Vec::new(),
        };
        Self { provider: Arc::new(LocalProvider::new(options)), models_dir: folders.models.clone(), live }
    }

    /// How it stands.
    #[must_use]
    pub fn view(&self) -> ProviderView {
        let installed =
            self.provider.catalogue().entries().iter().filter(|entry| entry.is_installed(&self.models_dir));
        let state = match installed.count() {
            0 => "no model is installed; fetch one with `jamey models pull`".to_owned(),
            1 => "ready, 1 model installed".to_owned(),
            more => format!("ready, {more} models installed"),
        };
        ProviderView {
            name: "local".to_owned(),
            kind: "local".to_owned(),
            base_url: None,
            key_source: None,
            state,
            takes_key: false,
            has_kept_key: false,
        }
    }

    /// Child processes that run now.
    #[must_use]
    pub fn children(&self) -> Vec<Child> {
        self.provider.children()
    }

    /// Everything in the catalogue.
    pub async fn models(&self) -> Vec<Model> {
        let mut models = self.provider.models().await.unwrap_or_default();
        for model in &mut models {
            // It runs here, and none of the catalogue sees.
            (model.vision, model.price) = (Some(false), Some(Price::default()));
        }
        models
    }

    /// The model of that name, without `local/`.
    ///
    /// # Errors
    /// When there is none, or its weights are not here.
    pub async fn choice(&self, name: &str) -> Result<ModelChoice, ApiError> {
        let entry = self.entry(name)?;
        if !entry.is_installed(&self.models_dir) {
            return Err(ApiError::new(
                ErrorCode::NoModel,
                format!("the model local/{} is not on this machine", entry.name),
            )
            .hint(format!("fetch it with: jamey models pull {}", entry.name)));
        }
        let id = format!("local/{}", entry.name);
        let known = self.models().await.into_iter().find(|model| model.id == id);
        Ok(ModelChoice {
            provider: self.provider.clone(),
            model: entry.name.clone(),
            id,
            context: known.and_then(|model| model.context),
            vision: Some(false),
            price: Some(Price::default()),
            caution: None,
        })
    }

    /// The best one that is installed and fits the machine.
    ///
    /// # Errors
    /// Never yet; the signature is that of a choice.
    pub async fn best(&self) -> Result<Option<ModelChoice>, ApiError> {
        match self.provider.default_model() {
            Some(name) => self.choice(&name).await.map(Some),
            None => Ok(None),
        }
    }

    /// Fetches weights. Dropping the stream stops it; what was fetched stays for the next try.
    ///
    /// # Errors
    /// When the catalogue has no such model.
    pub fn pull(&self, name: &str) -> Result<BoxStream<'static, Pull>, ApiError> {
        let name = self.entry(name)?.name.clone();
        let options = PullOptions {
            endpoint: self.live.now().local.endpoint.clone(),
            proxy: proxy(&self.live.environment()),
            ..PullOptions::into_folder(self.models_dir.clone())
        };
        let (progress, messages) = mpsc::channel(BACKLOG);
        let cancel = CancellationToken::new();
        let ends_with_the_stream = cancel.clone().drop_guard();
        let provider = Arc::clone(&self.provider);
        tokio::spawn(async move {
            // The last message says the same to whoever listens.
            if let Err(error) = provider.pull(&name, &options, progress, cancel).await {
                tracing::info!(model = name, "a download stopped: {error}");
            }
        });
        let state = (messages, ends_with_the_stream);
        Ok(stream::unfold(state, |mut state| async { state.0.recv().await.map(|message| (message, state)) })
            .boxed())
    }

    /// Removes weights from this machine.
    ///
    /// # Errors
    /// When they are not here or cannot be removed.
    pub async fn remove(&self, name: &str) -> Result<(), ApiError> {
        let name = self.entry(name)?.name.clone();
        self.provider.remove(&name).await
    }

    /// How it stands with the child, and with its program.
    #[must_use]
    pub fn condition(&self) -> LocalCondition {
        self.provider.condition()
    }

    /// How many models are installed.
    #[must_use]
    pub fn installed(&self) -> usize {
        let catalogue = self.provider.catalogue();
        catalogue.entries().iter().filter(|entry| entry.is_installed(&self.models_dir)).count()
    }

    /// Whether the weights of that model, without `local/`, are here; nothing for one that is not known.
    #[must_use]
    pub fn is_installed(&self, name: &str) -> Option<bool> {
        Some(self.provider.catalogue().get(name)?.is_installed(&self.models_dir))
    }

    /// Ends the child unless it is in the middle of an answer.
    pub async fn make_room(&self) -> Unloaded {
        self.provider.unload_if_idle().await
    }

    /// Ends the child.
    pub async fn close(&self) {
        self.provider.unload().await;
    }

    fn entry(&self, name: &str) -> Result<&Entry, ApiError> {
        let bare = name.strip_prefix("local/").unwrap_or(name);
        let catalogue = self.provider.catalogue();
        catalogue.get(bare).ok_or_else(|| {
            let shown: String = bare.chars().filter(|c| !c.is_control()).take(80).collect();
            ApiError::new(ErrorCode::NotFound, format!("there is no local model \"{shown}\""))
                .hint(format!("there are {}", catalogue.names()))
        })
    }
}

/// The program that runs weights: beside our own, where both were installed.
fn binary() -> PathBuf {
    let name = format!("jamey-local-model{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().and_then(std::fs::canonicalize).unwrap_or_default();
    own.with_file_name(name)
}

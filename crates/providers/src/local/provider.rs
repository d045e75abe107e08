//! The provider `local`: the catalogue as its models, the child as its server.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream, stream::BoxStream};
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
use jamey_protocol::{ApiError, ErrorCode, Model, Pull, status};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Catalogue, Entry, LocalCondition, Unloaded,
    failure::{not_here, unknown},
    free_bytes, memory_bytes,
    process::{Lease, Supervisor},
    pull::{self, PullError, PullOptions},
};

/// Tokens of room when nobody says otherwise; what the child itself would take.
const USUAL_CONTEXT: u64 = 8192;

/// How local models are kept and run.
#[derive(Clone, Debug)]
pub struct LocalOptions {
    /// Where the weights lie.
    pub models_dir: PathBuf,
    /// Where computed prefixes are kept, a folder for each model.
    pub cache_dir: PathBuf,
    /// Where sockets go; a short path, open to this user only.
    pub run_dir: PathBuf,
    /// The program `jamey-local-model`.
    pub binary: PathBuf,
    /// The child ends after so long without a request; zero for never.
    pub idle: Duration,
    /// Tokens of room, or the usual.
    pub context: Option<u32>,
    /// Threads, or one for each physical core.
    pub threads: Option<u32>,
    /// Entries of the person's own.
    pub extra: Vec<Entry>,
}

/// Models on this machine.
#[derive(Clone, Debug)]
pub struct LocalProvider {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: LocalOptions,
    catalogue: Catalogue,
    supervisor: Supervisor,
}

impl LocalProvider {
    /// Reads the catalogue. Nothing is started.
    #[must_use]
    pub fn new(options: LocalOptions) -> Self {
        let catalogue = Catalogue::with(options.extra.clone());
        let supervisor = Supervisor::new(options.clone());
        Self { inner: Arc::new(Inner { options, catalogue, supervisor }) }
    }

    /// What there is.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.inner.catalogue
    }

    /// The best model that is installed and that this machine can hold; without the prefix `local/`.
    #[must_use]
    pub fn default_model(&self) -> Option<String> {
        let folder = &self.inner.options.models_dir;
        let installed: Vec<&Entry> =
            self.inner.catalogue.entries().iter().filter(|entry| entry.is_installed(folder)).collect();
        let memory = memory_bytes();
        installed
            .iter()
            .find(|entry| entry.memory_bytes <= memory / 3 * 2)
            .or(installed.last())
            .map(|entry| entry.name.clone())
    }

    /// What a first run should fetch: entries that fit this machine, best first; the next is for when the
    /// one before cannot be reached.
    #[must_use]
    pub fn candidates(&self) -> Vec<Entry> {
        let free = free_bytes(&self.inner.options.models_dir);
        self.inner.catalogue.fitting(memory_bytes(), free).into_iter().cloned().collect()
    }

    /// Fetches a model by name. The last message is `Done` or `Failed`.
    ///
    /// # Errors
    /// When there is no such model, or it cannot be fetched.
    pub async fn pull(
        &self,
        name: &str,
        options: &PullOptions,
        progress: mpsc::Sender<Pull>,
        cancel: CancellationToken,
    ) -> Result<PathBuf, ApiError> {
        let entry = self.entry(name)?;
        pull::pull(entry, options, progress, cancel).await.map_err(|error| PullError::api(&error))
    }

    /// Deletes a model's weights, what a pull left of them, and its computed prefixes.
    ///
    /// # Errors
    /// When there is no such model here, it is the person's own file, or the disk refuses.
    pub async fn remove(&self, name: &str) -> Result<(), ApiError> {
        let entry = self.entry(name)?;
        if entry.is_foreign() {
            let message = format!("{} is your own file {}", entry.name, entry.file.display());
            return Err(
                ApiError::new(ErrorCode::BadRequest, message).hint("delete it yourself if you want to")
            );
        }
        self.inner.supervisor.unload(Some(&entry.name)).await;
        let path = entry.path(&self.inner.options.models_dir);
        let mut found = false;
        for path in pull::leftovers(&path).into_iter().chain([path]) {
            let gone =
                if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            match gone {
                Ok(()) => found = true,
                Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
                Err(why) => {
                    let message = format!("{} cannot be deleted: {why}", path.display());
                    return Err(ApiError::new(ErrorCode::Storage, message));
                }
            }
        }
        let _ = std::fs::remove_dir_all(self.inner.options.cache_dir.join(&entry.name));
        if found {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::NotFound, format!("the model {} is not on this machine", entry.name)))
    }

    /// Ends the child and frees its memory; the next request starts it again.
    pub async fn unload(&self) {
        self.inner.supervisor.unload(None).await;
    }

    /// Ends the child if no answer is under way; the next request starts it again.
    pub async fn unload_if_idle(&self) -> Unloaded {
        self.inner.supervisor.unload_if_idle().await
    }

    /// How it stands with the child.
    #[must_use]
    pub fn condition(&self) -> LocalCondition {
        let has_program = self.inner.options.binary.is_file();
        LocalCondition { has_program, ..self.inner.supervisor.condition() }
    }

    /// The child processes that run now.
    #[must_use]
    pub fn children(&self) -> Vec<status::Child> {
        self.inner.supervisor.child().into_iter().collect()
    }

    fn entry(&self, name: &str) -> Result<&Entry, ApiError> {
        self.inner.catalogue.get(name).ok_or_else(|| {
            ApiError::new(ErrorCode::NotFound, format!("there is no local model `{name}`"))
                .hint(format!("the local models are {}", self.inner.catalogue.names()))
        })
    }
}

impl Inner {
    async fn lease(&self, model: &str) -> Result<Lease, ProviderError> {
        let Some(entry) = self.catalogue.get(model) else {
            return Err(unknown(model, &self.catalogue.names()));
        };
        if !entry.is_installed(&self.options.models_dir) {
            return Err(not_here(&entry.name));
        }
        self.supervisor.lease(entry).await
    }
}

#[async_trait::async_trait]
impl Provider for LocalProvider {
    fn id(&self) -> &'static str {
        "local"
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let inner = &self.inner;
        let wanted = inner.options.context.map_or(USUAL_CONTEXT, u64::from);
        let candidates = self.candidates();
        let rank = |name: &str| {
            candidates.iter().zip(1..).find(|(entry, _)| entry.name == name).map(|(_, rank)| rank)
        };
        let models = inner.catalogue.entries().iter().map(|entry| {
            let context = inner.supervisor.context(&entry.name).unwrap_or(wanted.min(entry.context));
            let mut model = entry.model(&inner.options.models_dir, context);
            if let Some(weights) = &mut model.weights {
                weights.rank = rank(&entry.name);
            }
            model
        });
        Ok(models.collect())
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let state = Asking::Start(self.inner.clone(), Box::new(request), cancel);
        stream::unfold(state, |mut state| async move { Some((state.next().await?, state)) }).boxed()
    }
}

enum Asking {
    Start(Arc<Inner>, Box<Request>, CancellationToken),
    Answer(Lease, BoxStream<'static, Result<Chunk, ProviderError>>),
    Over,
}

impl Asking {
    async fn next(&mut self) -> Option<Result<Chunk, ProviderError>> {
        if let Self::Start(inner, request, cancel) = &mut *self {
            match cancel.run_until_cancelled(inner.lease(&request.model)).await {
                Some(Ok(lease)) => {
                    let answer = lease.chat.stream(std::mem::take(request), cancel.clone());
                    *self = Self::Answer(lease, answer);
                }
                Some(Err(error)) => {
                    *self = Self::Over;
                    return Some(Err(error));
                }
                None => {
                    *self = Self::Over;
                    return Some(Err(ProviderError::new(ErrorKind::Cancelled, "the request was cancelled")));
                }
            }
        }
        let Self::Answer(lease, answer) = self else { return None };
        match answer.next().await {
            Some(Err(error)) => {
                let error = lease.explain(error).await;
                *self = Self::Over;
                Some(Err(error))
            }
            Some(Ok(end @ Chunk::End(_))) => {
                lease.succeeded();
                *self = Self::Over;
                Some(Ok(end))
            }
            other => other,
        }
    }
}

//! The provider.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt as _, StreamExt as _,
    future::{self, join_all},
    stream::{self, BoxStream},
};
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
use jamey_protocol::Model;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    reader::LineReader,
    request::body,
    window::{Shown, context},
};
use crate::{
    ServerOptions,
    dialect::{Call, Framing, Server, begin, failed, kinds::chats, unwritable},
    http::{AddressError, with_path},
};

/// So long a list waits for what is shown of its models. It shows them one after the other, and not at all while it loads
/// one; whoever lists gives up after three seconds.
const SHOWS: Duration = Duration::from_secs(2);

/// A server of Ollama.
#[derive(Clone, Debug)]
pub struct OllamaProvider {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) server: Server,
    /// The context that the person set, if not the one that the conversation needs.
    context: Option<u64>,
    /// What was shown of each model, by its digest: a name may stand for another model once it is fetched anew.
    shown: Mutex<HashMap<String, Arc<Shown>>>,
}

/// `GET /api/tags`.
#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    #[serde(default)]
    digest: Option<String>,
}

/// `GET /api/ps`: what is in its memory.
#[derive(Deserialize)]
struct Running {
    #[serde(default)]
    models: Vec<Loaded>,
}

#[derive(Deserialize)]
struct Loaded {
    name: String,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    context_length: Option<u64>,
}

impl OllamaProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet. `context` is the person's own
    /// choice of a context window in tokens.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ServerOptions, context: Option<u64>) -> Result<Self, AddressError> {
        let mut server = Server::new(options, &[])?;
        // People know the address of the other dialect too.
        let path = server.base.path().trim_end_matches('/');
        let path = path.strip_suffix("/v1").or_else(|| path.strip_suffix("/api")).unwrap_or(path).to_owned();
        server.set_path(&path);
        Ok(Self { inner: Arc::new(Inner { server, context, shown: Mutex::default() }) })
    }

    /// Whether it is there and has any model; nothing is asked of the models themselves.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn has_models(&self) -> Result<bool, ProviderError> {
        Ok(!self.inner.tags().await?.models.is_empty())
    }
}

impl Inner {
    /// What the server knows of a model; asked once where it has a digest, and else each time.
    async fn show(&self, model: &str, digest: Option<&str>) -> Result<Arc<Shown>, ProviderError> {
        let all = || self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = digest.and_then(|digest| all().get(digest).cloned()) {
            return Ok(known);
        }
        let url = with_path(&self.server.base, "api/show");
        let body = json!({ "model": model }).to_string().into_bytes();
        let shown = self.server.fetch(&url, Some(body), &self.server.peer(model)).await;
        let shown: Shown = shown.map_err(|error| match error.kind {
            ErrorKind::NotFound => {
                let name = format!("{}/{model}", self.server.id);
                error.hint(format!("fetch it with: jamey models pull {name}"))
            }
            _ => error,
        })?;
        let shown = Arc::new(shown);
        if let Some(digest) = digest {
            all().insert(digest.to_owned(), Arc::clone(&shown));
        }
        Ok(shown)
    }

    async fn tags(&self) -> Result<Tags, ProviderError> {
        self.server.fetch(&with_path(&self.server.base, "api/tags"), None, &self.server.peer).await
    }

    /// Whether a model is in memory already, with which context, and which one it is.
    async fn standing(&self, model: &str) -> (Option<Loaded>, Option<String>) {
        let url = with_path(&self.server.base, "api/ps");
        // With a context that the person set, what is in memory decides nothing.
        let running = async {
            if self.context.is_some() {
                return None;
            }
            self.server.fetch::<Running>(&url, None, &self.server.peer).await.ok()
        };
        // Where one of them cannot be had, what follows says why.
        let (running, tags) = future::join(running, self.tags()).await;
        let is_it = |name: &str| {
            name.strip_suffix(":latest").unwrap_or(name) == model.strip_suffix(":latest").unwrap_or(model)
        };
        let loaded = running.and_then(|all| all.models.into_iter().find(|one| is_it(&one.name)));
        let tag = tags.ok().and_then(|all| all.models.into_iter().find(|one| is_it(&one.name)));
        (loaded, tag.and_then(|tag| tag.digest))
    }

    async fn prepare(&self, request: &Request) -> Result<Call, ProviderError> {
        let server = &self.server;
        let mut body = body(request, &server.id);
        let (loaded, digest) = self.standing(&request.model).await;
        let most = self.show(&request.model, digest.as_deref()).await?.context();
        let written = serde_json::to_vec(&body).map_err(|error| unwritable(&error))?;
        // Images take tokens of their own number, whatever their bytes.
        let images: usize = body["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|line| line["images"].to_string().len())
            .sum();
        let bytes = written.len().saturating_sub(images);
        let limit = self.context.or(most);
        let Some(needed) = context(bytes, request.max_output, limit) else {
            let message = format!(
                "the session no longer fits the context window of model `{}` ({} tokens)",
                request.model,
                limit.unwrap_or(0)
            );
            return Err(ProviderError::new(ErrorKind::ContextOverflow, message).hint(
                "choose a model with a larger window with -m, or begin a new session; nothing is lost",
            ));
        };
        // Asking for the context that it has keeps it in memory, unless it was fetched anew meanwhile.
        let loaded =
            loaded.filter(|loaded| digest.is_none() || loaded.digest.is_none() || loaded.digest == digest);
        let loaded = loaded.and_then(|loaded| loaded.context_length).filter(|loaded| *loaded >= needed);
        let chosen = self.context.or(loaded).unwrap_or(needed);
        let mut options = json!({ "num_ctx": chosen });
        if let Some(most) = request.max_output {
            options["num_predict"] = most.into();
        }
        body["options"] = options;
        let body = serde_json::to_vec(&body).map_err(|error| unwritable(&error))?;
        server.call(with_path(&server.base, "api/chat"), request, body, Framing::Lines, LineReader::default())
    }
}

#[async_trait::async_trait]
impl Provider for OllamaProvider {
    fn id(&self) -> &str {
        &self.inner.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let server = &self.inner.server;
        let tags = self.inner.tags().await?;
        let patience = SHOWS.min(server.timeouts.first_byte);
        let named = tags.models.into_iter().map(|tag| async move {
            // A server that lists but does not show, or not soon, still has its models.
            let shown = timeout(patience, self.inner.show(&tag.name, tag.digest.as_deref())).await;
            let shown = shown.ok().and_then(Result::ok);
            let shown = shown.as_deref();
            if !shown.and_then(|it| it.can("completion")).unwrap_or_else(|| chats(&tag.name)) {
                return None;
            }
            Some(Model {
                id: format!("{}/{}", server.id, tag.name),
                context: self.inner.context.or(shown.and_then(Shown::context)),
                tools: shown.and_then(|it| it.can("tools")),
                vision: shown.and_then(|it| it.can("vision")),
                ..Model::default()
            })
        });
        Ok(join_all(named).await.into_iter().flatten().collect())
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let inner = Arc::clone(&self.inner);
        let begun = async move {
            match cancel.run_until_cancelled(inner.prepare(&request)).await {
                Some(call) => begin(call, cancel),
                None => failed(ProviderError::new(ErrorKind::Cancelled, "the request was cancelled")),
            }
        };
        stream::once(begun.boxed()).flatten().boxed()
    }
}

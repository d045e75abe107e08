//! The provider over one base URL.

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::{
    answer::ChatReader,
    request::{Extension, Limit, body},
    wire::{ListedModel, ModelList},
};
use crate::{
    ServerOptions,
    dialect::{Call, Framing, Server, begin, unwritable},
    http::{AddressError, with_path},
};

/// A server that speaks Chat Completions.
#[derive(Debug)]
pub struct ChatProvider {
    server: Server,
    extension: Extension,
    limit: Limit,
    /// The path names the model, as Azure's older addresses have it.
    by_deployment: bool,
}

impl ChatProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ServerOptions) -> Result<Self, AddressError> {
        Ok(Self {
            server: Server::new(options, &[])?,
            extension: Extension::None,
            limit: Limit::MaxTokens,
            by_deployment: false,
        })
    }

    /// Speaks to OpenAI itself or to Azure, which know some fields by newer names.
    #[must_use]
    pub fn of_vendor(mut self) -> Self {
        self.limit = Limit::MaxCompletionTokens;
        self
    }

    /// Names the deployment in the path, as Azure's older addresses want it.
    pub(crate) fn by_deployment(mut self) -> Self {
        self.by_deployment = true;
        self
    }

    /// Calls the server `who` in errors and tells it the session's folder: for the embedded model.
    pub(crate) fn embedded(mut self, who: String) -> Self {
        self.server.peer.who = who;
        self.extension = Extension::Folder;
        self
    }

    fn prepare(&self, request: &Request) -> Result<Call, ProviderError> {
        let server = &self.server;
        let route = if self.by_deployment {
            format!("deployments/{}/chat/completions", request.model)
        } else {
            "chat/completions".to_owned()
        };
        let body = body(request, self.extension, self.limit).map_err(|error| unwritable(&error))?;
        server.call(with_path(&server.base, &route), &request.model, body, Framing::Events, ChatReader)
    }
}

#[async_trait::async_trait]
impl Provider for ChatProvider {
    fn id(&self) -> &str {
        &self.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        list(&self.server).await
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        begin(self.prepare(&request), cancel)
    }
}

/// `GET …/models`, each name with the provider's in front.
pub(crate) async fn list(server: &Server) -> Result<Vec<Model>, ProviderError> {
    let url = with_path(&server.base, "models");
    let list: ModelList = server.fetch(&url, None, &server.peer).await?;
    Ok(list.data.into_iter().map(|model| named(&server.id, &model)).collect())
}

fn named(provider: &str, model: &ListedModel) -> Model {
    let of_meta = model.meta.as_ref().and_then(|meta| meta.n_ctx.or(meta.n_ctx_train));
    Model {
        id: format!("{provider}/{}", model.id),
        context: model.context_length.or(model.max_model_len).or(model.max_context_length).or(of_meta),
        ..Model::default()
    }
}

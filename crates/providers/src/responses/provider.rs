//! The provider.

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::{reader::ResponseReader, request::body};
use crate::{
    ServerOptions,
    dialect::{Call, Framing, Server, begin, unwritable},
    http::{AddressError, with_path},
    openai,
};

/// OpenAI, or Azure's part of it.
#[derive(Debug)]
pub struct ResponsesProvider {
    server: Server,
}

impl ResponsesProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ServerOptions) -> Result<Self, AddressError> {
        Ok(Self { server: Server::new(options, &[])? })
    }

    fn prepare(&self, request: &Request) -> Result<Call, ProviderError> {
        let server = &self.server;
        let body = serde_json::to_vec(&body(request, &server.id)).map_err(|error| unwritable(&error))?;
        let url = with_path(&server.base, "responses");
        server.call(url, &request.model, body, Framing::Events, ResponseReader::default())
    }
}

#[async_trait::async_trait]
impl Provider for ResponsesProvider {
    fn id(&self) -> &str {
        &self.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        openai::list(&self.server).await
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        begin(self.prepare(&request), cancel)
    }
}

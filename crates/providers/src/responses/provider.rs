//! The provider.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::{asks::Asks, reader::ResponseReader, request::body};
use crate::{
    ServerOptions,
    dialect::{Call, Framing, Learned, Server, begin, unwritable},
    http::{AddressError, with_path},
    openai,
};

/// OpenAI, or Azure's part of it.
#[derive(Debug)]
pub struct ResponsesProvider(Arc<Responses>);

#[derive(Debug)]
struct Responses {
    server: Server,
    /// It is OpenAI or Azure, whose cache takes the session's name.
    keeps_sessions: bool,
    learned: Learned<Asks>,
}

impl ResponsesProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ServerOptions) -> Result<Self, AddressError> {
        let mut server = Server::new(options, &[])?;
        server.peer.version = Some("v1");
        let keeps_sessions = server.base.host_str() == Some("api.openai.com");
        Ok(Self(Arc::new(Responses { server, keeps_sessions, learned: Learned::default() })))
    }

    /// Speaks to Azure, which knows what OpenAI does.
    pub(crate) fn of_azure(mut self) -> Self {
        if let Some(responses) = Arc::get_mut(&mut self.0) {
            responses.keeps_sessions = true;
        }
        self
    }
}

impl Responses {
    /// A request that asks for less each time the vendor refuses something of it.
    fn prepare(self: &Arc<Self>, request: Request, asks: Asks) -> Result<Call, ProviderError> {
        let server = &self.server;
        let body =
            serde_json::to_vec(&body(&request, &server.id, asks)).map_err(|error| unwritable(&error))?;
        let url = with_path(&server.base, "responses");
        let call = server.call(url, &request, body, Framing::Events, ResponseReader::default())?;
        let vendor = Arc::clone(self);
        let amend = Box::new(move |kind, refusal: &[u8]| {
            let has_schema = request.schema.is_some();
            let left = asks.after(refusal, has_schema).filter(|_| kind == ErrorKind::BadRequest)?;
            let model = request.model.clone();
            let second = vendor.prepare(request, left);
            Some(second.map(|call| call.once_taken(move || vendor.learned.keep(&model, left))))
        });
        Ok(Call { amend: Some(amend), ..call })
    }
}

#[async_trait::async_trait]
impl Provider for ResponsesProvider {
    fn id(&self) -> &str {
        &self.0.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        openai::list(&self.0.server).await
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let asks = self
            .0
            .learned
            .of(&request.model)
            .unwrap_or_else(|| Asks::of(&request.model, self.0.keeps_sessions));
        begin(self.0.prepare(request, asks), cancel)
    }
}

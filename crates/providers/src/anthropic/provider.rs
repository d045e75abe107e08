//! The provider.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::{
    asks::Asks,
    reader::MessageReader,
    request::body,
    wire::{ListedModel, ModelList},
};
use crate::{
    KeyHeader, ServerOptions,
    dialect::{Call, Framing, Learned, Server, begin, unwritable},
    http::{AddressError, with_path},
};

/// Whether the model thinks before it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// What the model does when nothing is asked.
    #[default]
    AsTheModelLikes,
    /// The model decides each time; only newer models know this.
    Adaptive,
    /// Never; models that always think refuse this.
    Off,
}

/// Anthropic, or a server that speaks like it.
#[derive(Debug)]
pub struct AnthropicProvider(Arc<Messages>);

#[derive(Debug)]
struct Messages {
    server: Server,
    thinking: Thinking,
    learned: Learned<Asks>,
}

impl AnthropicProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ServerOptions, thinking: Thinking) -> Result<Self, AddressError> {
        let options = ServerOptions { key_header: KeyHeader::Own("x-api-key"), ..options };
        let mut server = Server::new(options, &[("anthropic-version", "2023-06-01")])?;
        server.ends_in("v1", &["messages"]);
        Ok(Self(Arc::new(Messages { server, thinking, learned: Learned::default() })))
    }
}

impl Messages {
    /// A request that asks for less if the vendor refuses something of it.
    fn prepare(self: &Arc<Self>, request: Request, asks: Asks) -> Result<Call, ProviderError> {
        let server = &self.server;
        let body = body(&request, &server.id, self.thinking, asks);
        let body = serde_json::to_vec(&body).map_err(|error| unwritable(&error))?;
        let url = with_path(&server.base, "messages");
        let call = server.call(url, &request, body, Framing::Events, MessageReader::default())?;
        let vendor = Arc::clone(self);
        let amend = Box::new(move |kind, refusal: &[u8]| {
            let is_of_the_schema = kind == ErrorKind::BadRequest && request.schema.is_some();
            let left = asks.after(refusal).filter(|_| is_of_the_schema)?;
            let model = request.model.clone();
            let second = vendor.prepare(request, left);
            Some(second.map(|call| call.once_taken(move || vendor.learned.keep(&model, left))))
        });
        Ok(Call { amend: Some(amend), ..call })
    }
}

#[async_trait::async_trait]
impl Provider for AnthropicProvider {
    fn id(&self) -> &str {
        &self.0.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let server = &self.0.server;
        let mut url = with_path(&server.base, "models");
        url.query_pairs_mut().append_pair("limit", "1000");
        let list: ModelList = server.fetch(&url, None, &server.peer).await?;
        Ok(list.data.iter().map(|model| named(&server.id, model)).collect())
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let asks = self.0.learned.of(&request.model).unwrap_or_default();
        begin(self.0.prepare(request, asks), cancel)
    }
}

fn named(provider: &str, model: &ListedModel) -> Model {
    let vision = model.capabilities.as_ref().and_then(|all| all["image_input"]["supported"].as_bool());
    Model {
        id: format!("{provider}/{}", model.id),
        context: model.max_input_tokens.or(model.max_model_len).filter(|tokens| *tokens > 0),
        tools: Some(true),
        vision,
        ..Model::default()
    }
}

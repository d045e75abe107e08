//! The provider.

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::{
    reader::MessageReader,
    request::body,
    wire::{ListedModel, ModelList},
};
use crate::{
    KeyHeader, ServerOptions,
    dialect::{Call, Framing, Server, begin, unwritable},
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
pub struct AnthropicProvider {
    server: Server,
    thinking: Thinking,
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
        Ok(Self { server, thinking })
    }

    fn prepare(&self, request: &Request) -> Result<Call, ProviderError> {
        let server = &self.server;
        let body = body(request, &server.id, self.thinking);
        let body = serde_json::to_vec(&body).map_err(|error| unwritable(&error))?;
        let url = with_path(&server.base, "messages");
        server.call(url, &request.model, body, Framing::Events, MessageReader::default())
    }
}

#[async_trait::async_trait]
impl Provider for AnthropicProvider {
    fn id(&self) -> &str {
        &self.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let mut url = with_path(&self.server.base, "models");
        url.query_pairs_mut().append_pair("limit", "1000");
        let list: ModelList = self.server.fetch(&url, None, &self.server.peer).await?;
        Ok(list.data.iter().map(|model| named(&self.server.id, model)).collect())
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        begin(self.prepare(&request), cancel)
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

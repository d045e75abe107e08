//! The provider.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, Provider, ProviderError, Request};
use jamey_protocol::Model;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{asks::Asks, reader::ContentReader, request::body};
use crate::{
    KeyHeader, ServerOptions,
    dialect::{Call, Framing, Learned, Server, begin, kinds::chats, unwritable},
    http::{AddressError, with_path},
};

/// Gemini, or a server that speaks like it.
#[derive(Debug)]
pub struct GeminiProvider(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    server: Server,
    learned: Learned<Asks>,
}

impl GeminiProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ServerOptions) -> Result<Self, AddressError> {
        let options = ServerOptions { key_header: KeyHeader::Own("x-goog-api-key"), ..options };
        let mut server = Server::new(options, &[])?;
        // `openai` is the vendor's imitation of the other dialect.
        server.ends_in("v1beta", &["openai", "models"]);
        Ok(Self(Arc::new(Contents { server, learned: Learned::default() })))
    }
}

impl Contents {
    /// A request that asks for less each time the vendor refuses something of it.
    fn prepare(self: &Arc<Self>, request: Request, asks: Asks) -> Result<Call, ProviderError> {
        let server = &self.server;
        // The URL type escapes whatever a model's name may hold besides.
        let model = request.model.strip_prefix("models/").unwrap_or(&request.model);
        let mut url = with_path(&server.base, &format!("models/{model}:streamGenerateContent"));
        url.query_pairs_mut().append_pair("alt", "sse");
        let body = body(&request, &server.id, asks);
        let body = serde_json::to_vec(&body).map_err(|error| unwritable(&error))?;
        let call = server.call(url, &request, body, Framing::Events, ContentReader::default())?;
        let vendor = Arc::clone(self);
        let amend = Box::new(move |refusal: &[u8]| {
            let left = asks.after(refusal, &request)?;
            let model = request.model.clone();
            let second = vendor.prepare(request, left);
            Some(second.map(|call| call.once_taken(move || vendor.learned.keep(&model, left))))
        });
        Ok(Call { amend: Some(amend), ..call })
    }
}

/// One page of `GET …/models`.
#[derive(Deserialize)]
struct ModelList {
    #[serde(default)]
    models: Vec<ListedModel>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedModel {
    name: String,
    #[serde(default)]
    input_token_limit: Option<u64>,
    #[serde(default)]
    supported_generation_methods: Vec<String>,
}

#[async_trait::async_trait]
impl Provider for GeminiProvider {
    fn id(&self) -> &str {
        &self.0.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let server = &self.0.server;
        let mut url = with_path(&server.base, "models");
        url.query_pairs_mut().append_pair("pageSize", "1000");
        let list: ModelList = server.fetch(&url, None, &server.peer).await?;
        let answers = list.models.iter().filter(|model| {
            let methods = &model.supported_generation_methods;
            chats(&model.name)
                && (methods.is_empty() || methods.iter().any(|method| method == "generateContent"))
        });
        let named = answers.map(|model| Model {
            id: format!("{}/{}", server.id, model.name.strip_prefix("models/").unwrap_or(&model.name)),
            context: model.input_token_limit,
            ..Model::default()
        });
        Ok(named.collect())
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

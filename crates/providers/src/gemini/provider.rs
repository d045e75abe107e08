//! The provider.

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, Provider, ProviderError, Request};
use jamey_protocol::Model;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{reader::ContentReader, request::body};
use crate::{
    KeyHeader, ServerOptions,
    dialect::{Call, Framing, Server, begin, kinds::chats, unwritable},
    http::{AddressError, with_path},
};

/// Gemini, or a server that speaks like it.
#[derive(Debug)]
pub struct GeminiProvider {
    server: Server,
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
        Ok(Self { server })
    }

    fn prepare(&self, request: &Request) -> Result<Call, ProviderError> {
        let server = &self.server;
        // The URL type escapes whatever a model's name may hold besides.
        let model = request.model.strip_prefix("models/").unwrap_or(&request.model);
        let mut url = with_path(&server.base, &format!("models/{model}:streamGenerateContent"));
        url.query_pairs_mut().append_pair("alt", "sse");
        let body = serde_json::to_vec(&body(request, &server.id)).map_err(|error| unwritable(&error))?;
        server.call(url, request, body, Framing::Events, ContentReader::default())
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
        &self.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let mut url = with_path(&self.server.base, "models");
        url.query_pairs_mut().append_pair("pageSize", "1000");
        let list: ModelList = self.server.fetch(&url, None, &self.server.peer).await?;
        let answers = list.models.iter().filter(|model| {
            let methods = &model.supported_generation_methods;
            chats(&model.name)
                && (methods.is_empty() || methods.iter().any(|method| method == "generateContent"))
        });
        let named = answers.map(|model| Model {
            id: format!("{}/{}", self.server.id, model.name.strip_prefix("models/").unwrap_or(&model.name)),
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
        begin(self.prepare(&request), cancel)
    }
}

//! The provider over one base URL.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::{
    answer::ChatReader,
    habits::{Cache, Habits, Schema, room_left},
    listed::list,
    request::{Extension, Limit, Style, body},
};
use crate::{
    ServerOptions,
    dialect::{Call, Framing, Learned, Server, begin, unwritable},
    http::{AddressError, with_path},
};

/// A server that refuses more of one request contradicts itself.
const MOST_CHANGES: u8 = 4;

/// A server that speaks Chat Completions.
#[derive(Debug)]
pub struct ChatProvider(Arc<Chat>);

#[derive(Debug)]
struct Chat {
    server: Server,
    extension: Extension,
    limit: Limit,
    /// The path names the model, as Azure's older addresses have it.
    by_deployment: bool,
    /// What is known of the server beforehand, and what it taught since.
    habits: Habits,
    learned: Learned<Habits>,
}

impl ChatProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ServerOptions) -> Result<Self, AddressError> {
        let mut server = Server::new(options, &[])?;
        server.peer.version = Some("v1");
        Ok(Self(Arc::new(Chat {
            habits: if is_openrouter(&server) { Habits::of_openrouter() } else { Habits::at(&server.base) },
            server,
            extension: Extension::None,
            limit: Limit::MaxTokens,
            by_deployment: false,
            learned: Learned::default(),
        })))
    }

    /// Speaks to OpenAI itself or to Azure, which know some fields by newer names.
    #[must_use]
    pub fn of_vendor(self) -> Self {
        self.but(|chat| {
            chat.limit = Limit::MaxCompletionTokens;
            chat.habits.schema = Schema::Strict;
            chat.habits.cache = Cache::BySession;
            chat.habits.bridged = false;
        })
    }

    /// Names the deployment in the path, as Azure's older addresses want it.
    pub(crate) fn by_deployment(self) -> Self {
        self.but(|chat| {
            chat.by_deployment = true;
            chat.server.peer.version = None;
            // Versions of the API that are as old do not know it.
            chat.habits.cache = Cache::Unasked;
        })
    }

    /// Calls the server `who` in errors and tells it the session's folder: for the embedded model.
    pub(crate) fn embedded(self, who: String) -> Self {
        self.but(|chat| {
            chat.server.peer.who = who;
            chat.extension = Extension::Folder;
            chat.habits.schema = Schema::Both;
            chat.habits.bridged = false;
        })
    }

    /// Asks about the key itself where the list of models proves nothing: OpenRouter's is for everybody. Tells whether
    /// there was such a question.
    /// See <https://openrouter.ai/docs/api/api-reference/api-keys/get-current-key>.
    ///
    /// # Errors
    /// When the key is not taken, or the server cannot be asked.
    pub async fn prove_key(&self) -> Result<bool, ProviderError> {
        let server = &self.0.server;
        if !is_openrouter(server) {
            return Ok(false);
        }
        let key = with_path(&server.base, "key");
        server.fetch::<serde_json::Value>(&key, None, &server.peer).await.map(|_| true)
    }

    /// Changes it before anybody else has it.
    fn but(mut self, change: impl FnOnce(&mut Chat)) -> Self {
        if let Some(chat) = Arc::get_mut(&mut self.0) {
            change(chat);
        }
        self
    }
}

fn is_openrouter(server: &Server) -> bool {
    server.id == "openrouter" || server.base.host_str() == Some("openrouter.ai")
}

impl Chat {
    /// A request that is changed each time the server does not understand it and says why.
    fn prepare(
        self: &Arc<Self>,
        request: Request,
        habits: Habits,
        changes: u8,
    ) -> Result<Call, ProviderError> {
        let call = self.call(&request, habits)?;
        let limit = habits.limit(&request);
        let chat = Arc::clone(self);
        let amend = Box::new(move |kind, refusal: &[u8]| {
            if kind == ErrorKind::ContextOverflow {
                // A bound of this answer, and not of the next, before which other words stand.
                let room = room_left(refusal, limit?).filter(|_| changes < MOST_CHANGES)?;
                let model = request.model.clone();
                let second = chat.prepare(Request { max_output: Some(room), ..request }, habits, changes + 1);
                // What an earlier refusal taught is true if this one is taken.
                return Some(second.map(|call| match changes {
                    0 => call,
                    _ => call.once_taken(move || chat.learned.keep(&model, habits)),
                }));
            }
            let learned = habits.after(refusal, limit).filter(|_| changes < MOST_CHANGES)?;
            let model = request.model.clone();
            let second = chat.prepare(request, learned, changes + 1);
            Some(second.map(|call| call.once_taken(move || chat.learned.keep(&model, learned))))
        });
        Ok(Call { amend: Some(amend), ..call })
    }

    fn call(&self, request: &Request, habits: Habits) -> Result<Call, ProviderError> {
        let server = &self.server;
        let route = if self.by_deployment {
            format!("deployments/{}/chat/completions", request.model)
        } else {
            "chat/completions".to_owned()
        };
        let style = Style { provider: &server.id, extension: self.extension, limit: self.limit, habits };
        let body = body(request, style).map_err(|error| unwritable(&error))?;
        let url = with_path(&server.base, &route);
        server.call(url, request, body, Framing::Events, ChatReader::default())
    }
}

#[async_trait::async_trait]
impl Provider for ChatProvider {
    fn id(&self) -> &str {
        &self.0.server.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        list(&self.0.server).await
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let habits = self.0.learned.of(&request.model).unwrap_or(self.0.habits);
        begin(self.0.prepare(request, habits, 0), cancel)
    }
}

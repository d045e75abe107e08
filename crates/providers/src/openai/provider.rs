//! The provider over one base URL.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use futures_util::stream::BoxStream;
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
use jamey_protocol::Model;
use reqwest::{Url, header::HeaderValue};
use tokio_util::sync::CancellationToken;

use super::{
    error::Peer,
    models,
    request::{Extension, body},
    stream,
};
use crate::{
    PlainHttp, Proxy, Secret, Timeouts,
    http::{AddressError, Transport, base_url, with_path},
};

/// How a server is spoken to.
#[derive(Clone, Debug, Default)]
pub struct ChatOptions {
    /// The provider's name in `provider/model`.
    pub id: String,
    /// Where the API begins, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The key, if the server wants one.
    pub key: Option<Secret>,
    /// Where a person sets that key, for hints: `OPENAI_API_KEY`.
    pub key_name: Option<String>,
    /// A Unix socket (a named pipe on Windows) behind which the server listens, instead of TCP.
    pub socket: Option<PathBuf>,
    /// Whether unencrypted HTTP may leave this machine.
    pub plain_http: PlainHttp,
    /// The proxy for https.
    pub proxy: Option<Proxy>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// A server that speaks Chat Completions.
#[derive(Debug)]
pub struct ChatProvider {
    id: String,
    base: Url,
    key: Option<Secret>,
    socket: Option<PathBuf>,
    proxy: Option<Proxy>,
    timeouts: Timeouts,
    peer: Peer,
    extension: Extension,
    /// Made with the first request, since TLS reads the system's certificates.
    transport: OnceLock<Result<Arc<Transport>, String>>,
}

impl ChatProvider {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    ///
    /// # Errors
    /// When the base URL is none, or may not be spoken to.
    pub fn new(options: ChatOptions) -> Result<Self, AddressError> {
        let ChatOptions { id, base_url: text, key, key_name, socket, plain_http, proxy, timeouts } = options;
        let on_socket = socket.is_some();
        let base = if on_socket && text.is_empty() {
            base_url("http://localhost/v1", plain_http)?
        } else {
            base_url(&text, plain_http)?
        };
        let who = if on_socket { id.clone() } else { host_of(&base) };
        let mut shown = base.clone();
        shown.set_query(None);
        let key = key.filter(|key| !key.is_empty());
        let peer = Peer { who, base: shown.to_string(), model: String::new(), key: key.clone(), key_name };
        let extension = Extension::None;
        Ok(Self { id, base, key, socket, proxy, timeouts, peer, extension, transport: OnceLock::new() })
    }

    /// Calls the server `who` in errors and tells it the session's folder: for the embedded model.
    pub(crate) fn embedded(mut self, who: String) -> Self {
        self.peer.who = who;
        self.extension = Extension::Folder;
        self
    }

    fn transport(&self) -> Result<Arc<Transport>, ProviderError> {
        let make = || {
            let (socket, proxy) = (self.socket.clone(), self.proxy.clone());
            Transport::new(&self.base, socket, proxy, self.timeouts.connect).map(Arc::new)
        };
        self.transport.get_or_init(make).clone().map_err(|why| {
            let message = format!("no connection to {} can be set up: {why}", self.peer.who);
            ProviderError::new(ErrorKind::Transport, message)
        })
    }

    fn authorization(&self) -> Result<Option<HeaderValue>, ProviderError> {
        let Some(key) = &self.key else { return Ok(None) };
        let mut value = HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(|_| {
            let name = self.peer.key_name.as_deref().unwrap_or("the key of this provider");
            ProviderError::new(
                ErrorKind::Auth,
                format!("the key for {} holds characters no key has", self.peer.who),
            )
            .hint(format!("check {name}"))
        })?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    fn prepare(&self, request: &Request) -> Result<stream::Call, ProviderError> {
        let body = body(request, self.extension).map_err(|error| {
            ProviderError::new(
                ErrorKind::BadRequest,
                format!("the request cannot be written as JSON: {error}"),
            )
        })?;
        Ok(stream::Call {
            transport: self.transport()?,
            url: with_path(&self.base, "chat/completions"),
            authorization: self.authorization()?,
            body,
            timeouts: self.timeouts,
            peer: Arc::new(Peer { model: request.model.clone(), ..self.peer.clone() }),
        })
    }
}

#[async_trait::async_trait]
impl Provider for ChatProvider {
    fn id(&self) -> &str {
        &self.id
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let url = with_path(&self.base, "models");
        models::list(&*self.transport()?, url, self.authorization()?, &self.peer, &self.id).await
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        match self.prepare(&request) {
            Ok(call) => stream::run(call, cancel),
            Err(error) => stream::failed(error),
        }
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

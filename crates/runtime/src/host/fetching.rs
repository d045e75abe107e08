//! Models that are fetched: weights for this machine's own use, and those that a server fetches for itself.

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use jamey_engine::turn::api_error;
use jamey_protocol::{ApiError, ErrorCode, Pull};
use jamey_providers::OllamaProvider;
use tokio::sync::mpsc;

use super::models::{ModelBook, shown};

/// Messages that a slow reader may be behind.
const BACKLOG: usize = 64;

impl ModelBook {
    /// Fetches a model, named as `provider/model`, or local weights by their name alone. Dropping the stream
    /// stops it; what was fetched stays for the next try.
    ///
    /// # Errors
    /// When there is no such model, or its provider fetches none.
    pub async fn pull(&self, name: &str) -> Result<BoxStream<'static, Pull>, ApiError> {
        let Some((server, model)) = self.fetcher(name).await? else { return self.local().pull(name) };
        let (progress, messages) = mpsc::channel(BACKLOG);
        tokio::spawn(async move { server.pull(&model, progress).await });
        let next = |mut messages: mpsc::Receiver<Pull>| async move {
            messages.recv().await.map(|message| (message, messages))
        };
        Ok(stream::unfold(messages, next).boxed())
    }

    /// Removes a model from where it was fetched to.
    ///
    /// # Errors
    /// When it is not there, or cannot be removed.
    pub async fn remove(&self, name: &str) -> Result<(), ApiError> {
        let Some((server, model)) = self.fetcher(name).await? else { return self.local().remove(name).await };
        server.remove(&model).await.map_err(|error| api_error(&error, 1))
    }

    /// The server that a name is about, and the model there; none for local weights.
    async fn fetcher(&self, name: &str) -> Result<Option<(OllamaProvider, String)>, ApiError> {
        let Some((provider, model)) = name.split_once('/').filter(|(provider, _)| *provider != "local")
        else {
            return Ok(None);
        };
        let made = self.made();
        let nearby = self.nearby(&made).await;
        let Some(entry) = made.entries.iter().chain(&nearby).find(|entry| entry.name() == provider) else {
            if provider != "ollama" {
                return Ok(None);
            }
            return Err(ApiError::new(ErrorCode::Provider, "no Ollama answers on this machine")
                .hint("start it with: ollama serve, or set providers.ollama.base_url to where it runs"));
        };
        let Some(server) = entry.fetcher() else {
            let message =
                format!("the models of {} run where they are and cannot be fetched", shown(provider));
            return Err(ApiError::new(ErrorCode::BadRequest, message)
                .hint("`jamey models` shows which are local weights; a server of Ollama fetches its own"));
        };
        Ok(Some((server, model.to_owned())))
    }
}

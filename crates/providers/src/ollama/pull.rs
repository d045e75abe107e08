//! Lets the server fetch a model, and tells how far it is.
//!
//! The server keeps what it has fetched: when the connection closes it stops, and the next try goes on where
//! it was. What it says of each layer is added up, since a person waits for all of them.

use std::{collections::BTreeMap, time::Duration};

use jamey_engine::{
    ports::{ErrorKind, ProviderError},
    turn::api_error,
};
use jamey_protocol::Pull;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::OllamaProvider;
use crate::{dialect::Peer, http::with_path};

/// Checking a large file may take the server so long without a word.
const IDLE: Duration = Duration::from_secs(600);

/// Real models have about ten.
const MOST_LAYERS: usize = 1_000;
/// A digest has 71 bytes.
const LONGEST_NAME: usize = 256;

/// One line of `POST /api/pull`.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    status: String,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    total: u64,
    #[serde(default)]
    completed: u64,
    #[serde(default)]
    error: Option<Value>,
}

/// What was said so far.
#[derive(Debug, Default)]
struct Fetching {
    /// Bytes that are here, and bytes in all, of each layer.
    layers: BTreeMap<String, (u64, u64)>,
    is_done: bool,
}

impl OllamaProvider {
    /// Lets the server fetch a model, named without the provider. The last message says how it ended; dropping
    /// the other end of `messages` stops it.
    pub async fn pull(&self, model: &str, messages: mpsc::Sender<Pull>) {
        let server = &self.inner.server;
        let peer = server.peer(model);
        let (url, body) = (with_path(&server.base, "api/pull"), json!({ "model": model, "stream": true }));
        let mut fetching = Fetching::default();
        let source = peer.who.clone();
        let asked = server.lines(&url, body.to_string().into_bytes(), &peer, IDLE, |line| {
            if let Some(message) = fetching.take(line, &peer, &source)? {
                // Whoever reads slowly misses a step and no more; only the last one counts.
                let _ = messages.try_send(message);
            }
            Ok(())
        });
        let ended = tokio::select! {
            ended = asked => ended,
            () = messages.closed() => return,
        };
        let last = match ended {
            Ok(()) if fetching.is_done => Pull::Done { model: format!("{}/{model}", server.id) },
            Ok(()) => failed(&peer.malformed("no word on how the download ended")),
            Err(error) => failed(&error),
        };
        let _ = messages.send(last).await;
    }

    /// Lets the server delete a model, named without the provider.
    ///
    /// # Errors
    /// When it has none of that name, or cannot be asked.
    pub async fn remove(&self, model: &str) -> Result<(), ProviderError> {
        let server = &self.inner.server;
        let url = with_path(&server.base, "api/delete");
        server.delete(&url, json!({ "model": model }).to_string().into_bytes(), &server.peer(model)).await
    }
}

fn failed(error: &ProviderError) -> Pull {
    let mut error = api_error(error, 1);
    error.hint = Some(match error.hint {
        Some(hint) => format!("{hint}; what was fetched stays for the next try"),
        None => "what was fetched stays for the next try".to_owned(),
    });
    Pull::Failed { error }
}

impl Fetching {
    fn take(&mut self, line: &[u8], peer: &Peer, source: &str) -> Result<Option<Pull>, ProviderError> {
        let line: Line = serde_json::from_slice(line).map_err(|error| peer.not_the_protocol(line, &error))?;
        if let Some(error) = line.error.filter(|error| !error.is_null()) {
            let why = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
            let message = format!("{} could not fetch {}: {}", peer.who, peer.model, peer.clean(&why));
            return Err(ProviderError::new(ErrorKind::NotFound, message).hint(
                "check the name (https://ollama.com/library lists them) and that machine's network and disk",
            ));
        }
        if line.status == "success" {
            self.is_done = true;
            return Ok(None);
        }
        if line.status.starts_with("verifying") {
            return Ok(Some(Pull::Verifying));
        }
        let Some(digest) = line.digest.filter(|_| line.total > 0) else { return Ok(None) };
        if digest.len() > LONGEST_NAME
            || (self.layers.len() >= MOST_LAYERS && !self.layers.contains_key(&digest))
        {
            return Err(peer.malformed("more layers than any model has"));
        }
        // A layer that begins again says less than before.
        self.layers.insert(digest, (line.completed.min(line.total), line.total));
        let (done, total) = self.layers.values().fold((0_u64, 0_u64), |(done, total), layer| {
            (done.saturating_add(layer.0), total.saturating_add(layer.1))
        });
        Ok(Some(Pull::Progress { done, total, source: source.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_are_one_download_and_the_end_is_what_the_server_says() {
        let (peer, mut fetching) = (Peer { who: "here".into(), ..Peer::default() }, Fetching::default());
        let mut take = |line: Value| fetching.take(line.to_string().as_bytes(), &peer, "here");
        assert_eq!(take(json!({"status": "pulling manifest"})), Ok(None));
        let layer = |name: &str, done: Option<u64>| json!({"status": "pulling x", "digest": name, "total": 100, "completed": done});
        let progress = |done, total| Ok(Some(Pull::Progress { done, total, source: "here".into() }));
        let begun = json!({"status": "pulling x", "digest": "a", "total": 100});
        assert_eq!(take(begun), progress(0, 100));
        assert_eq!(take(layer("a", Some(100))), progress(100, 100));
        assert_eq!(take(layer("b", Some(7))), progress(107, 200));
        assert_eq!(take(json!({"status": "verifying sha256 digest"})), Ok(Some(Pull::Verifying)));
        assert_eq!(take(json!({"status": "success"})), Ok(None));
        assert!(take(json!({"error": "pull model manifest: file does not exist"})).is_err());
        assert!(fetching.is_done);
    }

    #[test]
    fn a_server_that_names_layers_without_end_is_not_listened_to() {
        let (peer, mut fetching) = (Peer { who: "here".into(), ..Peer::default() }, Fetching::default());
        let mut take = |name: &str| {
            let line = json!({"status": "pulling x", "digest": name, "total": 100});
            fetching.take(line.to_string().as_bytes(), &peer, "here")
        };
        for number in 0..MOST_LAYERS {
            take(&number.to_string()).unwrap();
        }
        take("0").unwrap();
        assert!(take("one more").unwrap_err().message.contains("more layers"));
        assert!(take(&"x".repeat(LONGEST_NAME + 1)).is_err());
        assert_eq!(fetching.layers.len(), MOST_LAYERS);
    }
}

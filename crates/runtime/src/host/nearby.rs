//! Servers of models that run on this machine without anybody having said so.
//!
//! Invariants: nothing but loopback is asked, only when somebody lists models or names one of theirs, and
//! not again for some seconds; a provider of the same name or at the same port that is configured stands
//! for itself.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::{sync::Mutex, time::timeout};

use super::{dialects::Dialect, providers::Entry};

/// Their usual ports.
const PLACES: [(&str, u16, Dialect); 3] = [
    ("ollama", 11434, Dialect::Ollama(None)),
    ("lmstudio", 1234, Dialect::Chat),
    ("llama-server", 8080, Dialect::Chat),
];

/// A server on this machine that does not answer by then is none of these.
const PATIENCE: Duration = Duration::from_millis(400);
/// So long an answer holds, and so does silence.
const HOLDS: Duration = Duration::from_secs(5);

/// What was found, and when.
#[derive(Debug)]
pub struct Nearby {
    places: Vec<Entry>,
    found: Mutex<Option<(Instant, Vec<Entry>)>>,
}

impl Default for Nearby {
    fn default() -> Self {
        Self::at(PLACES)
    }
}

impl Nearby {
    fn at(places: impl IntoIterator<Item = (&'static str, u16, Dialect)>) -> Self {
        let entry = |(name, port, dialect)| {
            let path = if dialect == Dialect::Chat { "/v1" } else { "" };
            Entry::nearby(name, &format!("http://127.0.0.1:{port}{path}"), dialect)
        };
        Self { places: places.into_iter().map(entry).collect(), found: Mutex::default() }
    }

    /// Tells whether a server of that name may be found, without asking.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.places.iter().any(|place| place.name() == name)
    }

    /// Where a server of that name would be found, such as `127.0.0.1:11434`.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<&str> {
        let place = self.places.iter().find(|place| place.name() == name)?;
        place.base_url().split("://").nth(1)?.split('/').next()
    }

    /// Those that answer now and are not among `configured`.
    pub async fn entries(&self, configured: &[Entry]) -> Vec<Entry> {
        // Held while asking, so that several who want to know ask once.
        let mut found = self.found.lock().await;
        let all = match &*found {
            Some((at, all)) if at.elapsed() < HOLDS => all.clone(),
            _ => {
                let all = self.ask().await;
                found.insert((Instant::now(), all)).1.clone()
            }
        };
        all.into_iter().filter(|one| configured.iter().all(|other| !is_same(one, other))).collect()
    }

    async fn ask(&self) -> Vec<Entry> {
        let asked = self.places.iter().map(|place| async move {
            timeout(PATIENCE, has_models(place)).await.ok().filter(|has| *has).map(|_| place.clone())
        });
        join_all(asked).await.into_iter().flatten().collect()
    }
}

/// Whether a server is there and lists any model. Ollama is not asked about each of them, which takes its time.
async fn has_models(place: &Entry) -> bool {
    if let Some(ollama) = place.fetcher() {
        return ollama.has_models().await.unwrap_or(false);
    }
    let Ok(provider) = &place.provider else { return false };
    provider.models().await.is_ok_and(|models| !models.is_empty())
}

/// Whether two are one server, or would have one name.
fn is_same(one: &Entry, other: &Entry) -> bool {
    let place = |entry: &Entry| {
        let rest = entry.base_url().split_once("://").map_or(entry.base_url(), |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        host.replace("localhost", "127.0.0.1").replace("[::1]", "127.0.0.1")
    };
    one.name() == other.name() || place(one) == place(other)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server that lists one model, and the number of questions that it got.
    async fn server() -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let body = "{\"data\":[{\"id\":\"m\"}]}";
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (port, asked)
    }

    /// A server of Ollama that lists a model at once and never shows it.
    async fn slow_ollama() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or_default();
                if request[..read].starts_with(b"GET /api/tags ") {
                    let body = "{\"models\":[{\"name\":\"m\",\"digest\":\"d\"}]}";
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all((head + body).as_bytes()).await;
                } else {
                    held.push(stream);
                }
            }
        });
        port
    }

    #[tokio::test]
    async fn an_ollama_that_takes_its_time_to_show_its_models_is_found() {
        let nearby = Nearby::at([("ollama", slow_ollama().await, Dialect::Ollama(None))]);
        assert_eq!(names(&nearby.entries(&[]).await), ["ollama"]);
    }

    fn names(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(Entry::name).collect()
    }

    #[tokio::test]
    async fn who_answers_is_found_once_and_who_does_not_is_no_wait() {
        let (port, asked) = server().await;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let deaf = silent.local_addr().unwrap().port();
        let nearby = Nearby::at([("lmstudio", port, Dialect::Chat), ("llama-server", deaf, Dialect::Chat)]);
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody is asked before somebody wants to know");
        for _ in 0..3 {
            assert_eq!(names(&nearby.entries(&[]).await), ["lmstudio"]);
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert!(nearby.knows("llama-server") && !nearby.knows("openai"));
    }

    #[tokio::test]
    async fn what_is_configured_stands_for_itself() {
        let (port, _) = server().await;
        let nearby = Nearby::at([("lmstudio", port, Dialect::Chat)]);
        let same_place = Entry::nearby("mine", &format!("http://localhost:{port}/v1"), Dialect::Chat);
        let same_name = Entry::nearby("lmstudio", "http://127.0.0.1:1/v1", Dialect::Chat);
        assert!(nearby.entries(&[same_place]).await.is_empty());
        assert!(nearby.entries(&[same_name]).await.is_empty());
        let other = Entry::nearby("mine", "http://127.0.0.1:1/v1", Dialect::Chat);
        assert_eq!(names(&nearby.entries(&[other]).await), ["lmstudio"]);
    }
}

//! A runtime in this process, a bare client of its door, and a scripted model.

use std::{path::PathBuf, sync::Arc, time::Duration};

use jamey_ipc::Folders;
use jamey_protocol::{OpId, SessionId};
use jamey_runtime::{
    Options, Running,
    config::Environment,
    keys::{Chain, NoChain},
    start,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, UnixStream},
};

/// Nothing here takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One person's folders and the runtime that lives in them.
pub struct World {
    pub dir: TempDir,
    pub running: Running,
}

/// One answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, text: body.to_owned() }
    }
}

pub fn options(dir: &TempDir, variables: &[(&str, &str)], overrides: Vec<(&'static str, String)>) -> Options {
    Options {
        folders: Folders::under(&dir.path().join("home")),
        config: None,
        overrides,
        environment: Environment::of(variables),
        keychain: Arc::new(NoChain),
        guard: None,
        log: false,
    }
}

impl World {
    /// A runtime without any model.
    pub async fn start() -> Self {
        Self::with(&[], Vec::new()).await
    }

    pub async fn with(variables: &[(&str, &str)], overrides: Vec<(&'static str, String)>) -> Self {
        Self::with_chain(variables, overrides, Arc::new(NoChain)).await
    }

    pub async fn with_chain(
        variables: &[(&str, &str)],
        overrides: Vec<(&'static str, String)>,
        keychain: Arc<dyn Chain>,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("work")).unwrap();
        let options = Options { keychain, ..options(&dir, variables, overrides) };
        Self { running: start(options).await.unwrap(), dir }
    }

    /// Ends the runtime and gives the folders back.
    pub async fn end(self) -> TempDir {
        assert!(self.running.end().await);
        self.dir
    }

    /// A runtime whose only model says `words`, one delta each.
    pub async fn saying(words: usize) -> Self {
        let base = scripted_model(words).await;
        Self::with(&[("OPENAI_API_KEY", "sk-canary"), ("OPENAI_BASE_URL", &base)], Vec::new()).await
    }

    pub fn socket(&self) -> PathBuf {
        self.running.host.folders.socket()
    }

    pub fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    pub async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = UnixStream::connect(self.socket()).await.unwrap();
        // The other side may refuse before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("no end of the answer");
        Answer::parse(&answer)
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{kind}content-length: {length}\r\n\r\n{body}"
        );
        self.raw(request.as_bytes()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn new_session(&self) -> SessionId {
        let settings = json!({"model": "openai/scripted"});
        let answer =
            self.call("POST", "/v1/sessions", Some(&json!({"cwd": self.work(), "settings": settings}))).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().parse().unwrap()
    }

    pub async fn op(&self, session: SessionId, op: Value) -> Answer {
        let body = json!({"opId": OpId::new(), "op": op});
        self.call("POST", &format!("/v1/sessions/{session}/ops"), Some(&body)).await
    }

    pub async fn say(&self, session: SessionId, text: &str) -> Answer {
        self.op(session, json!({"type": "start_turn", "text": text})).await
    }

    pub async fn events(&self, session: SessionId, after: u64) -> Events {
        let mut stream = UnixStream::connect(self.socket()).await.unwrap();
        let request =
            format!("GET /v1/sessions/{session}/events?after={after} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        Events::begin(stream).await
    }
}

/// A stream of events as it comes.
pub struct Events {
    lines: BufReader<UnixStream>,
}

impl Events {
    pub async fn begin(stream: UnixStream) -> Self {
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line).await.unwrap();
        assert!(line.contains(" 200 "), "{line}");
        Self { lines }
    }

    /// The next event with its id; none when the stream has ended.
    pub async fn next(&mut self) -> Option<(Option<u64>, Value)> {
        let mut id = None;
        loop {
            let mut line = String::new();
            let read =
                tokio::time::timeout(PATIENCE, self.lines.read_line(&mut line)).await.expect("no event");
            // The closing chunk, or the end of the connection.
            if read.unwrap_or(0) == 0 || line == "0\r\n" {
                return None;
            }
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.trim().parse().ok();
            } else if let Some(text) = line.strip_prefix("data: ") {
                return Some((id, serde_json::from_str(text).unwrap()));
            }
        }
    }

    /// Everything up to the end of the turn.
    pub async fn until_the_turn_ends(&mut self) -> Vec<(Option<u64>, Value)> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            let is_end = event.1["body"]["type"] == "turnEnded";
            all.push(event);
            if is_end {
                return all;
            }
        }
        panic!("the stream ended before the turn: {:?}", all.last());
    }
}

/// Serves Chat Completions that say `words` words, each in an event of its own; returns the base URL.
pub async fn scripted_model(words: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_once(stream, words));
        }
    });
    base
}

async fn answer_once(stream: tokio::net::TcpStream, words: usize) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        .await
        .ok()?;
    for number in 0..words {
        let delta =
            json!({"id": "x", "choices": [{"index": 0, "delta": {"content": format!("w{number} ")}}]});
        stream.write_all(format!("data: {delta}\n\n").as_bytes()).await.ok()?;
    }
    let end = json!({"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    stream.write_all(format!("data: {end}\n\ndata: [DONE]\n\n").as_bytes()).await.ok()?;
    stream.shutdown().await.ok()?;
    Some(())
}

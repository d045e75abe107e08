//! A server on loopback that answers with exactly the bytes it is told, checks every request, and tells
//! what became of its connections.

#![allow(dead_code)]

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    sync::Notify,
};

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one at a time.
    Trickle(Vec<u8>),
    /// Ends the connection in order.
    Close,
    /// Says nothing more until the client leaves.
    Stall,
}

#[derive(Default)]
struct Shared {
    script: Mutex<Vec<Step>>,
    connections: AtomicUsize,
    requests: Mutex<Vec<Seen>>,
    faults: Mutex<Vec<String>>,
    left: Notify,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Method and path.
    pub line: String,
    /// Headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// The body as JSON.
    pub body: Value,
}

/// The server.
#[derive(Clone)]
pub struct Fake {
    shared: Arc<Shared>,
    /// Its port; 0 on a socket.
    pub port: u16,
}

impl Fake {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fake = Self { shared: Arc::default(), port };
        let shared = fake.shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                serve(stream, shared.clone());
            }
        });
        fake
    }

    #[cfg(unix)]
    pub fn on_socket(path: &std::path::Path) -> Self {
        let listener = tokio::net::UnixListener::bind(path).unwrap();
        let fake = Self { shared: Arc::default(), port: 0 };
        let shared = fake.shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, shared.clone());
            }
        });
        fake
    }

    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// What to do with every request from now on.
    pub fn answer(&self, script: Vec<Step>) {
        *self.shared.script.lock().unwrap() = script;
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until a client left in the middle of a stalled answer.
    pub async fn client_left(&self) {
        tokio::time::timeout(Duration::from_secs(20), self.shared.left.notified()).await.unwrap();
    }

    /// Fails if any request was one that a vendor would refuse.
    pub fn check(&self) {
        assert_eq!(*self.shared.faults.lock().unwrap(), Vec::<String>::new());
    }
}

fn serve<S: AsyncRead + AsyncWrite + Send + 'static>(stream: S, shared: Arc<Shared>) {
    shared.connections.fetch_add(1, Ordering::SeqCst);
    tokio::spawn(async move {
        let (read, mut write) = tokio::io::split(stream);
        let mut read = BufReader::new(read);
        while let Some(seen) = request(&mut read).await {
            if let Some(fault) = fault(&seen) {
                shared.faults.lock().unwrap().push(fault);
            }
            shared.requests.lock().unwrap().push(seen);
            let script = shared.script.lock().unwrap().clone();
            for step in script {
                match step {
                    Step::Send(bytes) => {
                        if write.write_all(&bytes).await.is_err() {
                            return;
                        }
                    }
                    Step::Trickle(bytes) => {
                        for byte in bytes {
                            if write.write_all(&[byte]).await.is_err() {
                                return;
                            }
                            tokio::task::yield_now().await;
                        }
                    }
                    Step::Close => {
                        let _ = write.shutdown().await;
                        return;
                    }
                    Step::Stall => {
                        let mut rest = Vec::new();
                        let _ = read.read_to_end(&mut rest).await;
                        shared.left.notify_one();
                        return;
                    }
                }
            }
        }
    });
}

async fn request(read: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Seen> {
    let mut line = String::new();
    if read.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        read.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    read.read_exact(&mut body).await.ok()?;
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some(Seen { line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(), headers, body })
}

/// What a vendor would refuse: an output without its call, a call without its output, an unknown role.
fn fault(seen: &Seen) -> Option<String> {
    if !seen.line.starts_with("POST") {
        return None;
    }
    if seen.headers.get("content-type").map(String::as_str) != Some("application/json") {
        return Some("content type".to_owned());
    }
    if seen.body["model"].as_str().is_none_or(str::is_empty) || seen.body["stream"] != Value::Bool(true) {
        return Some("model or stream".to_owned());
    }
    let mut open: HashSet<&str> = HashSet::new();
    for message in seen.body["messages"].as_array()? {
        let role = message["role"].as_str().unwrap_or_default();
        if role != "tool" && !open.is_empty() {
            return Some(format!("calls without output before a {role} message"));
        }
        match role {
            "system" | "user" if message["content"].is_string() => {}
            "assistant" => {
                let calls = message["tool_calls"].as_array().cloned().unwrap_or_default();
                if calls.is_empty() && !message["content"].is_string() {
                    return Some("an assistant message without anything".to_owned());
                }
                for call in message["tool_calls"].as_array().into_iter().flatten() {
                    let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
                    if !serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object()) {
                        return Some(format!("arguments {arguments}"));
                    }
                    open.insert(call["id"].as_str()?);
                }
            }
            "tool" => {
                let id = message["tool_call_id"].as_str().unwrap_or_default();
                if !open.remove(id) {
                    return Some("an output without its call".to_owned());
                }
            }
            _ => return Some(format!("role {role:?} or its content")),
        }
    }
    (!open.is_empty()).then(|| "calls without output at the end".to_owned())
}

/// The head of an answer and its body in HTTP chunks of `size`.
pub fn chunked(content_type: &str, body: &[u8], size: usize) -> Vec<u8> {
    let mut out =
        format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n")
            .into_bytes();
    for piece in body.chunks(size) {
        out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        out.extend_from_slice(piece);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// The head of an answer whose body ends with the connection.
pub fn until_close(content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\n\r\n").into_bytes();
    out.extend_from_slice(body);
    out
}

/// An answer with a status.
pub fn plain(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

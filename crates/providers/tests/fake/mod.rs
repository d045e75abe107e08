//! A server on loopback that answers with exactly the bytes it is told, checks every request, and tells
//! what became of its connections.

#![allow(dead_code)]

pub mod got;
mod judge;
mod seals;

use std::{
    collections::{HashMap, VecDeque},
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

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<Vec<Step>>,
    /// What is done with the next requests, before `script`.
    first: Mutex<VecDeque<Vec<Step>>>,
    connections: AtomicUsize,
    requests: Mutex<Vec<Seen>>,
    faults: Mutex<Vec<String>>,
    seals: Mutex<seals::Seals>,
    /// Answers to requests beside the script, by method and path.
    beside: Mutex<HashMap<String, Vec<u8>>>,
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
#[derive(Clone, Debug)]
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

    /// What to do with the next requests, each once.
    pub fn answer_first(&self, scripts: impl IntoIterator<Item = Vec<Step>>) {
        self.shared.first.lock().unwrap().extend(scripts);
    }

    /// Answers one method and path always alike, whatever the script says.
    pub fn beside(&self, line: &str, body: &str) {
        let answer = plain("200 OK", "content-type: application/json\r\n", body);
        self.shared.beside.lock().unwrap().insert(line.to_owned(), answer);
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
            let beside = shared.beside.lock().unwrap().get(&seen.line).cloned();
            if let Some(bytes) = beside {
                if write.write_all(&bytes).await.is_err() {
                    return;
                }
                continue;
            }
            if let Some(fault) = judge::fault(&seen) {
                shared.faults.lock().unwrap().push(fault);
            }
            if let Some(fault) = shared.seals.lock().unwrap().fault(&seen.body) {
                shared.faults.lock().unwrap().push(fault);
            }
            let number = {
                let mut requests = shared.requests.lock().unwrap();
                requests.push(seen);
                requests.len()
            };
            let first = shared.first.lock().unwrap().pop_front();
            let script = first.unwrap_or_else(|| shared.script.lock().unwrap().clone());
            for step in script {
                match step {
                    Step::Send(bytes) => {
                        shared.seals.lock().unwrap().sent(&bytes, number);
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

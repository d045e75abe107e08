//! Starts the real program with real weights, and talks to it as the runtime does.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The weights that `cargo xtask test` fetches.
pub fn weights() -> PathBuf {
    let path = std::env::var_os("JAMEY_TEST_GGUF").expect(
        "JAMEY_TEST_GGUF is not set: run these tests through `cargo xtask test`, which fetches the weights",
    );
    let path = PathBuf::from(path);
    assert!(path.is_file(), "JAMEY_TEST_GGUF names no file: {}", path.display());
    path
}

/// A running program. It is killed when this is dropped.
pub struct Server {
    child: Child,
    socket: PathBuf,
    /// The line it printed first.
    pub first_line: Value,
}

/// How to start it.
pub struct Start<'a> {
    pub folder: &'a Path,
    pub model: PathBuf,
    pub protocol: &'a str,
    pub context: &'a str,
    pub idle_seconds: &'a str,
}

impl<'a> Start<'a> {
    pub fn new(folder: &'a Path) -> Self {
        Self { folder, model: weights(), protocol: "native", context: "2048", idle_seconds: "0" }
    }

    pub fn run(self) -> Server {
        let socket = self.folder.join("model.sock");
        let mut child = Command::new(env!("CARGO_BIN_EXE_jamey-local-model"))
            .arg("serve")
            .args([
                "--protocol",
                self.protocol,
                "--context",
                self.context,
                "--idle-seconds",
                self.idle_seconds,
            ])
            // One thread: tests share the processor with each other, and threads that wait for each other suffer.
            .args(["--threads", "1"])
            .arg("--socket")
            .arg(&socket)
            .arg("--model")
            .arg(&self.model)
            .arg("--cache")
            .arg(self.folder.join("cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let first_line = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        Server { child, socket, first_line }
    }
}

/// An answer that came at once.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

impl Server {
    pub fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream
    }

    pub fn send(&self, method: &str, path: &str, body: &[u8]) -> UnixStream {
        let mut stream = self.connect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: model\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // The server may refuse a body before it has read all of it.
        let _ = stream.write_all(body);
        stream
    }

    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let mut raw = Vec::new();
        let read = self.send(method, path, body).read_to_end(&mut raw);
        assert!(read.is_ok() || !raw.is_empty(), "{read:?}");
        let raw = String::from_utf8(raw).unwrap();
        let (head, body) = raw.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {raw:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        Answer { status, body: if chunked { unchunk(body) } else { body.to_owned() } }
    }

    pub fn chat(&self, body: &Value) -> Answer {
        self.request("POST", "/v1/chat/completions", body.to_string().as_bytes())
    }

    pub fn waiting(&self) -> u64 {
        self.request("GET", "/health", b"").json()["requests"].as_u64().unwrap()
    }

    /// Waits until `reached`, and fails after a while.
    pub fn wait_until(&self, what: &str, reached: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while !reached(self) {
            assert!(started.elapsed() < Duration::from_secs(60), "never: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets go of the program's stdin, as a dying parent does.
    pub fn let_go(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for the end and returns the exit code.
    pub fn ended(&mut self) -> Option<i32> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(started.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request with one user message.
pub fn ask(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}], "max_tokens": 8})
}

/// The data of all server-sent events.
pub fn events(body: &str) -> Vec<&str> {
    body.split("\n\n").filter_map(|frame| frame.strip_prefix("data: ")).collect()
}

/// Reads until `needle` has come.
pub fn read_until(stream: &mut UnixStream, needle: &str) {
    let (mut seen, mut buffer) = (Vec::new(), [0_u8; 1024]);
    while !String::from_utf8_lossy(&seen).contains(needle) {
        let n = stream.read(&mut buffer).unwrap();
        assert!(n > 0, "ended before {needle:?}: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..n]);
    }
}

fn unchunk(body: &str) -> String {
    let (mut out, mut rest) = (String::new(), body);
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        out.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
    out
}

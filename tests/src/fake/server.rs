//! The provider's socket: reads requests, keeps them, sends the scripted answers.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use serde_json::{Value, json};

use super::{
    check,
    reply::{Piece, Reply},
};

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its place, from 0.
    pub number: usize,
    /// Header lines.
    pub head: String,
    /// The body.
    pub body: Value,
    /// Its length in bytes.
    pub bytes: usize,
    /// Its connection, from 0.
    pub connection: usize,
    /// When it was read whole.
    pub at: Instant,
}

impl Seen {
    /// The newest message of the person. What was said in a row, after an answer that failed or a summary, is one
    /// message, with a blank line between.
    #[must_use]
    pub fn prompt(&self) -> &str {
        self.messages().iter().rev().find(|message| message["role"] == "user").map_or("", |message| {
            message["content"].as_str().or_else(|| message["content"][0]["text"].as_str()).unwrap_or("")
        })
    }

    /// The last of the person's words, of those that were said in a row.
    #[must_use]
    pub fn newest(&self) -> &str {
        self.prompt().rsplit("\n\n").next().unwrap_or_default()
    }

    /// The outputs of tools since the newest words of the person.
    #[must_use]
    pub fn outputs(&self) -> Vec<&str> {
        let mut outputs: Vec<&str> = self
            .messages()
            .iter()
            .rev()
            .take_while(|message| message["role"] != "user")
            .filter(|message| message["role"] == "tool")
            .map(|message| message["content"].as_str().unwrap_or(""))
            .collect();
        outputs.reverse();
        outputs
    }

    /// The whole history as it was sent.
    #[must_use]
    pub fn messages(&self) -> &[Value] {
        self.body["messages"].as_array().map_or(&[], Vec::as_slice)
    }
}

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

/// The provider. When it is dropped, a request that a vendor would have refused fails the test.
pub struct Fake {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
    count: AtomicUsize,
    /// Requests are answered and not kept, so that hours of them cost nothing here.
    is_forgetful: bool,
    /// Whoever asks needs the key of [`Home::with`](crate::Home::with).
    wants_key: AtomicBool,
    faults: Mutex<Vec<String>>,
    connections: Mutex<usize>,
}

impl Fake {
    /// Answers each request with what `script` makes of it.
    ///
    /// # Panics
    /// When no port can be had.
    #[must_use]
    pub fn new(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::begin(script, false)
    }

    /// The same without keeping what was asked: [`Fake::seen`] stays empty.
    ///
    /// # Panics
    /// When no port can be had.
    #[must_use]
    pub fn forgetful(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::begin(script, true)
    }

    fn begin(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static, is_forgetful: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            seen: Mutex::default(),
            count: AtomicUsize::new(0),
            is_forgetful,
            wants_key: AtomicBool::new(true),
            faults: Mutex::default(),
            connections: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = Arc::clone(&serving);
                thread::spawn(move || drop(serve(&stream, &serving)));
            }
        });
        Self { address, shared }
    }

    /// Answers whoever asks, with whatever key: a test that gives one looks for itself.
    #[must_use]
    pub fn for_any_key(self) -> Self {
        self.shared.wants_key.store(false, Ordering::Relaxed);
        self
    }

    /// Gives these answers in order; a request beyond them is a fault.
    #[must_use]
    pub fn script(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Mutex<VecDeque<Reply>> = Mutex::new(replies.into_iter().collect());
        Self::new(move |_| {
            let next = replies.lock().unwrap().pop_front();
            next.unwrap_or_else(|| Reply::status(400, "a request beyond the script"))
        })
    }

    /// What goes into `OPENAI_BASE_URL`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// All requests so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let faults = self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if !thread::panicking() {
            assert!(faults.is_empty(), "requests that a vendor refuses: {faults:#?}");
        }
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    let connection = {
        let mut count = shared.connections.lock().unwrap();
        *count += 1;
        *count - 1
    };
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some((head, bytes)) = read_request(&mut reader)? {
        if !head.starts_with("POST /v1/chat/completions ") {
            // A list of models or a look whether anybody is here.
            let body = json!({"object": "list", "data": [{"id": "scripted", "object": "model"}]}).to_string();
            send(stream, &Reply::body(200, "application/json", body.as_bytes()))?;
            continue;
        }
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let mut faults = check::faults(&body);
        let bearer = format!("authorization: bearer {}", crate::home::KEY);
        let wants_key = shared.wants_key.load(Ordering::Relaxed);
        if wants_key && !head.to_lowercase().contains(&bearer.to_lowercase()) {
            faults.push("no key".to_owned());
        }
        let seen = {
            let mut all = shared.seen.lock().unwrap();
            let number = shared.count.fetch_add(1, Ordering::Relaxed);
            let seen = Seen { number, head, bytes: bytes.len(), body, connection, at: Instant::now() };
            if !shared.is_forgetful {
                all.push(seen.clone());
            }
            seen
        };
        if !faults.is_empty() {
            let text = format!("request {}: {}\n{:#}", seen.number, faults.join("; "), seen.body["messages"]);
            shared.faults.lock().unwrap().push(text);
        }
        if !send(stream, &(shared.script)(&seen))? {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads head and body of one request; none when the client has closed.
fn read_request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let lower = head.to_lowercase();
    let mut body = Vec::new();
    if let Some(length) = lower.lines().find_map(|line| line.strip_prefix("content-length:")) {
        let length = length.trim().parse().unwrap_or(0);
        reader.take(length).read_to_end(&mut body)?;
    } else if lower.contains("transfer-encoding: chunked") {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
            reader.take(size).read_to_end(&mut body)?;
            reader.read_line(&mut String::new())?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(Some((head, body)))
}

/// Sends an answer in chunks; false when the connection is over.
fn send(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} Scripted\r\ntransfer-encoding: chunked\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut put = |bytes: &[u8]| -> std::io::Result<()> {
        if !reply.is_byte_by_byte {
            return stream.write_all(bytes);
        }
        for byte in bytes {
            stream.write_all(&[*byte])?;
        }
        Ok(())
    };
    put(head.as_bytes())?;
    for piece in &reply.pieces {
        match piece {
            Piece::Bytes(bytes) if bytes.is_empty() => {}
            Piece::Bytes(bytes) => {
                let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
                framed.extend_from_slice(bytes);
                framed.extend_from_slice(b"\r\n");
                put(&framed)?;
            }
            Piece::Pause(time) => thread::sleep(*time),
            Piece::Gate(gate) => gate.pass(),
            Piece::Cut => return Ok(false),
            Piece::Reset => {
                reset(stream);
                return Ok(false);
            }
            Piece::Hang => {
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest);
                return Ok(false);
            }
        }
    }
    put(b"0\r\n\r\n")?;
    Ok(true)
}

/// Makes closing the socket a reset instead of a goodbye.
fn reset(stream: &TcpStream) {
    #[cfg(unix)]
    let _ = rustix::net::sockopt::set_socket_linger(stream, Some(std::time::Duration::ZERO));
    let _ = stream;
}

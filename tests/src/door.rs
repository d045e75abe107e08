//! A client of the door that shares no code with Jamey's own: plain HTTP/1.1 on a Unix socket.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_protocol::{OpId, SessionId};
use serde_json::{Value, json};

use crate::wait::PATIENCE;

/// The address of one runtime.
#[derive(Clone, Debug)]
pub struct Door(PathBuf);

/// One answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header lines as they came.
    pub head: String,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// The body as JSON; `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

impl Door {
    /// Names a socket; nothing is opened yet.
    #[must_use]
    pub fn new(socket: &Path) -> Self {
        Self(socket.to_path_buf())
    }

    /// Asks for something.
    #[must_use]
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).unwrap()
    }

    /// Sends something.
    #[must_use]
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body)).unwrap()
    }

    /// Any call; fails as the connection fails, for instance when the runtime is killed meanwhile.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Answer> {
        let mut reader = self.send(method, path, body)?;
        let (status, head) = read_head(&mut reader)?;
        let mut text = String::new();
        Body::new(reader, &head).read_to_string(&mut text)?;
        Ok(Answer { status, head, text })
    }

    /// Sends raw bytes and gives back everything that came until the other side closed.
    ///
    /// # Errors
    /// When there is no connection or it is reset.
    pub fn raw(&self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = connect(&self.0)?;
        stream.write_all(bytes)?;
        stream.shutdown(std::net::Shutdown::Write)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<BufReader<UnixStream>> {
        let mut stream = connect(&self.0)?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        match stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()) {
            // It may answer and hang up before it has heard everything; the answer is there all the same.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(BufReader::new(stream)),
        }
    }

    /// Makes a session in `cwd` with the scripted model.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    #[track_caller]
    pub fn new_session(&self, cwd: &Path, settings: Value) -> SessionId {
        let mut settings = settings;
        settings["model"] = json!(crate::home::MODEL);
        let answer = self.post("/v1/sessions", &json!({"cwd": cwd, "settings": settings}));
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        answer.json()["id"].as_str().unwrap().parse().unwrap()
    }

    /// Sends one op under a new id.
    #[must_use]
    #[track_caller]
    pub fn op(&self, session: SessionId, op: &Value) -> Answer {
        self.post(&format!("/v1/sessions/{session}/ops"), &json!({"opId": OpId::new(), "op": op}))
    }

    /// Answers the question with this id.
    #[must_use]
    #[track_caller]
    pub fn decide(&self, session: SessionId, approval: &Value, decision: &Value) -> Answer {
        self.op(session, &json!({"type": "decide", "approvalId": approval, "decision": decision}))
    }

    /// Begins a turn.
    #[track_caller]
    pub fn say(&self, session: SessionId, text: &str) {
        let answer = self.op(session, &json!({"type": "start_turn", "text": text}));
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
    }

    /// Opens the events of a session after `after`.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    #[track_caller]
    pub fn events(&self, session: SessionId, after: u64) -> EventStream {
        self.try_events(session, after).unwrap()
    }

    /// The same; fails as the connection fails.
    ///
    /// # Errors
    /// When there is no answer, or a refusal.
    pub fn try_events(&self, session: SessionId, after: u64) -> std::io::Result<EventStream> {
        self.stream(&format!("/v1/sessions/{session}/events?after={after}"))
    }

    /// Follows all sessions from now on.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    #[track_caller]
    pub fn all_events(&self) -> EventStream {
        self.stream("/v1/events").unwrap()
    }

    fn stream(&self, path: &str) -> std::io::Result<EventStream> {
        let mut reader = self.send("GET", path, None)?;
        let (status, head) = read_head(&mut reader)?;
        if status != 200 {
            return Err(std::io::Error::other(head));
        }
        Ok(EventStream { lines: BufReader::new(Body::new(reader, &head)) })
    }

    /// All durable events of a session, as the text of their `data` lines.
    ///
    /// # Panics
    /// When the stream ends early.
    #[must_use]
    #[track_caller]
    pub fn history(&self, session: SessionId) -> Vec<String> {
        let head = self.get(&format!("/v1/sessions/{session}")).json()["head"].as_u64().unwrap();
        let mut stream = self.events(session, 0);
        let mut lines = Vec::new();
        while lines.len() < usize::try_from(head).unwrap() {
            let (seq, line) = stream.next_raw().expect("the stream ended before the newest event");
            if seq.is_some() {
                lines.push(line);
            }
        }
        lines
    }
}

/// Server-sent events as they come.
pub struct EventStream {
    lines: BufReader<Body>,
}

impl EventStream {
    /// The next event's seq, if it has one, and its JSON text; none when the stream has ended.
    pub fn next_raw(&mut self) -> Option<(Option<u64>, String)> {
        let (mut seq, mut text) = (None, None);
        loop {
            let mut line = String::new();
            match self.lines.read_line(&mut line) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return None,
            }
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                if let Some(text) = text.take() {
                    return Some((seq, text));
                }
            } else if let Some(id) = line.strip_prefix("id:") {
                seq = id.trim().parse().ok();
            } else if let Some(data) = line.strip_prefix("data:") {
                text = Some(data.strip_prefix(' ').unwrap_or(data).to_owned());
            }
        }
    }

    /// The next event whose body has this `type`.
    ///
    /// # Panics
    /// When the stream ends first.
    #[must_use]
    #[track_caller]
    pub fn until(&mut self, kind: &str) -> Value {
        let mut seen = Vec::new();
        while let Some((_, text)) = self.next_raw() {
            let event: Value = serde_json::from_str(&text).unwrap();
            if event["body"]["type"] == kind {
                return event;
            }
            seen.push(event["body"]["type"].as_str().unwrap_or("?").to_owned());
        }
        panic!("the stream ended before {kind}; it brought {seen:?}");
    }
}

impl Iterator for EventStream {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.next_raw().map(|(_, text)| serde_json::from_str(&text).unwrap())
    }
}

fn connect(socket: &Path) -> std::io::Result<UnixStream> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}

fn read_head(reader: &mut BufReader<UnixStream>) -> std::io::Result<(u16, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Ok((status.ok_or(std::io::ErrorKind::InvalidData)?, head))
}

/// A body by length, in chunks, or to the end of the connection.
struct Body {
    reader: BufReader<UnixStream>,
    is_chunked: bool,
    /// Bytes left of the chunk or of the whole.
    left: Option<usize>,
}

impl Body {
    fn new(reader: BufReader<UnixStream>, head: &str) -> Self {
        let head = head.to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse().ok());
        let is_chunked = head.contains("transfer-encoding: chunked");
        Self { reader, is_chunked, left: if is_chunked { Some(0) } else { length } }
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.is_chunked && self.left == Some(0) {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                line.clear();
                if self.reader.read_line(&mut line)? == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
            }
            let size = usize::from_str_radix(line.trim(), 16).map_err(|_| std::io::ErrorKind::InvalidData)?;
            if size == 0 {
                return Ok(0);
            }
            self.left = Some(size);
        }
        let room = self.left.map_or(buffer.len(), |left| left.min(buffer.len()));
        if room == 0 {
            return Ok(0);
        }
        let count = self.reader.read(&mut buffer[..room])?;
        if count == 0 && self.left.is_some() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(left) = &mut self.left {
            *left -= count;
        }
        Ok(count)
    }
}

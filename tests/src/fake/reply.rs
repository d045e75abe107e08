//! What the scripted model answers, piece by piece.

use std::{
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use crate::wait::PATIENCE;

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) pieces: Vec<Piece>,
    pub(super) is_byte_by_byte: bool,
}

/// A step of an answer.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Sends these bytes.
    Bytes(Vec<u8>),
    /// Waits.
    Pause(Duration),
    /// Tells the test that it got here, and goes on when the test says so.
    Gate(Gate),
    /// Ends the connection in the middle, properly.
    Cut,
    /// Ends the connection with a reset.
    Reset,
    /// Says nothing more, and keeps the connection until the client closes it.
    Hang,
}

/// A place in an answer where the model waits for the test.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<(u32, bool)>, Condvar)>);

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until the model has got here (for the `times`th time).
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn reached(&self, times: u32) {
        let (state, timeout) = self
            .0
            .1
            .wait_timeout_while(self.0.0.lock().unwrap(), PATIENCE, |(count, _)| *count < times)
            .unwrap();
        assert!(!timeout.timed_out(), "the model came here {} times instead of {times}", state.0);
    }

    /// Lets the model go on, now and later.
    pub fn open(&self) {
        self.0.0.lock().unwrap().1 = true;
        self.0.1.notify_all();
    }

    /// Gets here, and waits until the test lets it go on.
    pub(crate) fn pass(&self) {
        let mut state = self.0.0.lock().unwrap();
        state.0 += 1;
        self.0.1.notify_all();
        drop(self.0.1.wait_timeout_while(state, PATIENCE, |(_, is_open)| !*is_open).unwrap());
    }
}

impl Reply {
    /// A stream that has begun and says nothing yet.
    #[must_use]
    pub fn stream() -> Self {
        let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
        Self { status: 200, headers, pieces: Vec::new(), is_byte_by_byte: false }
    }

    /// A whole answer of words.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::stream().words(text).stop()
    }

    /// A whole answer that is one call of a tool.
    #[must_use]
    pub fn call(tool: &str, arguments: &Value) -> Self {
        Self::stream().tool(0, tool, arguments).calls_end()
    }

    /// A refusal with a JSON error body.
    #[must_use]
    pub fn status(status: u16, message: &str) -> Self {
        let body = json!({"error": {"message": message, "type": "scripted", "code": null}}).to_string();
        Self::body(status, "application/json", body.as_bytes())
    }

    /// A plain body.
    #[must_use]
    pub fn body(status: u16, content_type: &str, body: &[u8]) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            pieces: vec![Piece::Bytes(body.to_vec())],
            is_byte_by_byte: false,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Streams words, each as one delta.
    #[must_use]
    pub fn words(mut self, text: &str) -> Self {
        for word in text.split_inclusive(' ') {
            self = self.delta(word);
        }
        self
    }

    /// Streams one delta of text.
    #[must_use]
    pub fn delta(self, text: &str) -> Self {
        self.event(&chunk(&json!({"content": text}), None))
    }

    /// Streams one whole call, in two parts.
    #[must_use]
    pub fn tool(self, index: u64, tool: &str, arguments: &Value) -> Self {
        let text = arguments.to_string();
        let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let id = format!("call_{}", unique());
        let first = json!({"index": index, "id": id, "type": "function",
            "function": {"name": tool, "arguments": &text[..half]}});
        let second = json!({"index": index, "function": {"arguments": &text[half..]}});
        self.event(&chunk(&json!({"tool_calls": [first]}), None))
            .event(&chunk(&json!({"tool_calls": [second]}), None))
    }

    /// Streams a call whose arguments are this text, JSON or not.
    #[must_use]
    pub fn tool_text(self, tool: &str, arguments: &str) -> Self {
        let call = json!({"index": 0, "id": format!("call_{}", unique()), "type": "function",
            "function": {"name": tool, "arguments": arguments}});
        self.event(&chunk(&json!({"tool_calls": [call]}), None))
    }

    /// Ends an answer of words.
    #[must_use]
    pub fn stop(self) -> Self {
        self.event(&chunk(&json!({}), Some("stop"))).usage().done()
    }

    /// Ends an answer that calls.
    #[must_use]
    pub fn calls_end(self) -> Self {
        self.event(&chunk(&json!({}), Some("tool_calls"))).usage().done()
    }

    /// Sends any event.
    #[must_use]
    pub fn event(self, data: &Value) -> Self {
        self.bytes(format!("data: {data}\n\n").as_bytes())
    }

    /// Sends any bytes.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.piece(Piece::Bytes(bytes.to_vec()))
    }

    /// Waits in the stream.
    #[must_use]
    pub fn pause(self, time: Duration) -> Self {
        self.piece(Piece::Pause(time))
    }

    /// Waits in the stream for the test.
    #[must_use]
    pub fn gate(self, gate: &Gate) -> Self {
        self.piece(Piece::Gate(gate.clone()))
    }

    /// Breaks the stream off.
    #[must_use]
    pub fn cut(self) -> Self {
        self.piece(Piece::Cut)
    }

    /// Breaks the connection off with a reset.
    #[must_use]
    pub fn reset(self) -> Self {
        self.piece(Piece::Reset)
    }

    /// Falls silent.
    #[must_use]
    pub fn hang(self) -> Self {
        self.piece(Piece::Hang)
    }

    /// Sends the answer one byte at a time.
    #[must_use]
    pub fn byte_by_byte(mut self) -> Self {
        self.is_byte_by_byte = true;
        self
    }

    fn usage(self) -> Self {
        let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
        self.event(&json!({"id": "s", "object": "chat.completion.chunk", "choices": [], "usage": usage}))
    }

    fn done(self) -> Self {
        self.bytes(b"data: [DONE]\n\n")
    }

    fn piece(mut self, piece: Piece) -> Self {
        self.pieces.push(piece);
        self
    }
}

fn chunk(delta: &Value, finish: Option<&str>) -> Value {
    json!({"id": "s", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
}

fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

//! Spans as a collector reads them: OTLP 1.x in its JSON form, where ids are hexadecimal and 64-bit
//! numbers are text.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

/// A span that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace that it belongs to.
    pub trace: [u8; 16],
    /// Its own id.
    pub id: [u8; 8],
    /// The span around it.
    pub parent: Option<[u8; 8]>,
    /// What it is called.
    pub name: String,
    /// What kind of work it was.
    pub kind: Kind,
    /// When it began.
    pub began: SystemTime,
    /// When it ended.
    pub ended: SystemTime,
    /// What is known about it.
    pub attributes: Vec<(&'static str, Value)>,
    /// Whether it failed.
    pub has_failed: bool,
}

/// What kind of work a span was; the numbers are the format's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Within this program.
    Internal = 1,
    /// A request to somebody else.
    Client = 3,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A count.
    Number(u64),
    /// Several.
    List(Vec<Value>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Span {
    /// Begins one that has no name yet.
    pub(super) fn begin(trace: [u8; 16], id: [u8; 8], parent: Option<[u8; 8]>, now: SystemTime) -> Self {
        let name = String::new();
        let (kind, attributes) = (Kind::Internal, Vec::new());
        Self { trace, id, parent, name, kind, began: now, ended: now, attributes, has_failed: false }
    }

    fn json(&self) -> serde_json::Value {
        let mut span = json!({
            "traceId": hex(&self.trace),
            "spanId": hex(&self.id),
            "name": self.name,
            "kind": self.kind as u8,
            "startTimeUnixNano": nanoseconds(self.began),
            "endTimeUnixNano": nanoseconds(self.ended.max(self.began)),
            "attributes": attributes(&self.attributes),
            "status": if self.has_failed { json!({"code": 2}) } else { json!({}) },
        });
        if let Some(parent) = &self.parent {
            span["parentSpanId"] = hex(parent).into();
        }
        span
    }
}

/// The body of one request to `/v1/traces`.
#[must_use]
pub fn document(spans: &[Span]) -> Vec<u8> {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    let resource = [("service.name", Value::from("jamey-runtime")), ("service.version", VERSION.into())];
    let whole = json!({"resourceSpans": [{
        "resource": {"attributes": attributes(&resource)},
        "scopeSpans": [{
            "scope": {"name": "jamey", "version": VERSION},
            "spans": spans.iter().map(Span::json).collect::<Vec<_>>(),
        }],
    }]});
    whole.to_string().into_bytes()
}

fn attributes(all: &[(&'static str, Value)]) -> serde_json::Value {
    all.iter().map(|(name, value)| json!({"key": name, "value": of(value)})).collect()
}

fn of(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => json!({"stringValue": text}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
        Value::List(list) => json!({"arrayValue": {"values": list.iter().map(of).collect::<Vec<_>>()}}),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn nanoseconds(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

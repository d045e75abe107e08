//! What came of a request, and what should have.

use std::path::PathBuf;

use futures_util::StreamExt as _;
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request, StopReason, Thought};
use jamey_protocol::Usage;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Everything an answer held, in a form that does not depend on how it was cut.
#[derive(Clone, Debug, Default)]
pub struct Got {
    pub text: String,
    pub reasoning: String,
    pub calls: Vec<(String, Result<Value, String>)>,
    /// The opaque parts, read as JSON.
    pub sealed: Vec<Value>,
    pub usage: Option<Usage>,
    /// What an answer without its end has used, where more is known to have come than the server said.
    pub estimate: Option<Usage>,
    pub end: Option<StopReason>,
    pub error: Option<ProviderError>,
    /// Chunks of text.
    pub texts: usize,
    /// Thoughts as the engine would carry them back.
    pub thoughts: Vec<Thought>,
}

impl Got {
    pub fn kind(&self) -> Option<ErrorKind> {
        self.error.as_ref().map(|error| error.kind)
    }
}

/// Two answers are the same if they held the same, however it was cut.
impl PartialEq for Got {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.reasoning == other.reasoning
            && self.calls == other.calls
            && self.sealed == other.sealed
            && self.usage == other.usage
            && self.end == other.end
            && self.error == other.error
    }
}

pub async fn ask_with(provider: &dyn Provider, request: Request) -> Got {
    let model = format!("{}/{}", provider.id(), request.model);
    let mut stream = provider.stream(request, CancellationToken::new());
    let mut got = Got::default();
    let mut open = String::new();
    while let Some(item) = stream.next().await {
        assert!(got.end.is_none() && got.error.is_none(), "something came after the end: {item:?}");
        match item {
            Ok(Chunk::Text(text)) => {
                got.texts += 1;
                got.text.push_str(&text);
            }
            Ok(Chunk::Reasoning { text, opaque }) => {
                got.reasoning.push_str(&text);
                open.push_str(&text);
                if let Some(opaque) = opaque {
                    got.sealed.push(serde_json::from_str(&opaque).unwrap());
                    let text = std::mem::take(&mut open);
                    got.thoughts.push(Thought { text, opaque: Some(opaque), model: model.clone() });
                }
            }
            Ok(Chunk::Call(call)) => got.calls.push((call.tool, call.arguments)),
            Ok(Chunk::Usage(usage)) => (got.usage, got.estimate) = (Some(usage), None),
            Ok(Chunk::Estimate(usage)) => got.estimate = Some(usage),
            Ok(Chunk::End(stop)) => got.end = Some(stop),
            Err(error) => got.error = Some(error),
        }
    }
    assert!(got.end.is_some() != got.error.is_some(), "neither end nor error: {got:?}");
    got
}

/// A recorded stream and what is in it.
pub struct Case {
    pub name: String,
    pub body: Vec<u8>,
    pub expected: Got,
}

/// The recorded streams of one dialect.
pub fn recorded(folder: &str) -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut cases: Vec<Case> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "sse" || end == "ndjson"))
        .map(|path| {
            let expected = std::fs::read_to_string(path.with_extension("expected.json")).unwrap();
            Case {
                name: path.file_stem().unwrap().to_string_lossy().into_owned(),
                body: std::fs::read(&path).unwrap(),
                expected: expected_of(&serde_json::from_str(&expected).unwrap()),
            }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() >= 3);
    cases
}

fn expected_of(value: &Value) -> Got {
    let number = |n: usize| value["usage"][n].as_u64().unwrap();
    Got {
        text: value["text"].as_str().unwrap().into(),
        reasoning: value["reasoning"].as_str().unwrap().into(),
        calls: value["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| (call[0].as_str().unwrap().into(), Ok(call[1].clone())))
            .collect(),
        sealed: value["sealed"].as_array().cloned().unwrap_or_default(),
        usage: value["usage"].is_array().then(|| Usage {
            input: number(0),
            cached: number(1),
            cache_written: value["cache_written"].as_u64().unwrap_or(0),
            output: number(2),
            reasoning: number(3),
        }),
        end: Some(match value["stop"].as_str().unwrap() {
            "Length" => StopReason::Length,
            "Refused" => StopReason::Refused,
            _ => StopReason::Done,
        }),
        ..Got::default()
    }
}

pub fn same(got: &Got, expected: &Got, name: &str) {
    assert_eq!(got, expected, "{name}");
}

/// Whatever arrived must be a beginning of the answer, and only a whole answer may look like one.
pub fn check_cut(got: &Got, expected: &Got, place: &str) {
    if got.end.is_some() {
        // Accounting may follow the reason to stop.
        assert_eq!(&Got { usage: got.usage.or(expected.usage), ..got.clone() }, expected, "{place}");
        return;
    }
    assert!(got.calls.is_empty(), "a call from a broken stream at {place}");
    assert!(
        expected.text.starts_with(&got.text)
            && expected.reasoning.starts_with(&got.reasoning)
            && expected.sealed.starts_with(&got.sealed),
        "{place}"
    );
    let kind = got.kind().unwrap();
    let nothing_came = got.text.is_empty() && got.reasoning.is_empty();
    assert!(
        matches!(kind, ErrorKind::Truncated | ErrorKind::Transport)
            || (nothing_came && kind == ErrorKind::Empty),
        "{place}: {:?}",
        got.error
    );
}

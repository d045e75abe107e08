//! What the engine says while it answers: events for the server to put on the wire.

use serde_json::Value;

use crate::error::RequestError;

/// One step of an answer. The last one is `Done` or `Failed`, and nothing follows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The request fits and is being worked on.
    Accepted,
    /// More text of the answer.
    Text(String),
    /// A tool call, complete.
    Call {
        /// The tool.
        name: String,
        /// Its arguments: a JSON object.
        arguments: Value,
    },
    /// The end.
    Done {
        /// Why it ended.
        finish: Finish,
        /// What it took.
        usage: Usage,
    },
    /// The end, without an answer.
    Failed(RequestError),
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model had said what it had to say.
    Stop,
    /// It was cut off at the permitted length.
    Length,
    /// It waits for the result of a tool.
    ToolCalls,
}

impl Finish {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
        }
    }
}

/// Tokens that an answer took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt: usize,
    /// Those of them that were computed before.
    pub cached: usize,
    /// Tokens generated.
    pub completion: usize,
}

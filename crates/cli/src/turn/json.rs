//! A turn for programs.

use std::io;

use jamey_protocol::{Event, EventBody, ItemBody, Outcome, SessionId, ToolCall, TurnId, Usage};
use serde::Serialize;

use crate::render::Stdout;

/// Collects a turn into one object. Text stays as the model wrote it: JSON escapes what could harm.
#[derive(Debug, Default)]
pub struct JsonFace {
    texts: Vec<String>,
    calls: Vec<ToolCall>,
    usage: Usage,
}

#[derive(Serialize)]
struct Whole<'a> {
    session: SessionId,
    turn: TurnId,
    /// All answers of the turn, as `--output text` prints them.
    text: String,
    usage: Usage,
    outcome: &'a Outcome,
    calls: &'a [ToolCall],
}

impl JsonFace {
    pub fn take(&mut self, event: &Event) {
        match &event.body {
            EventBody::ItemCompleted { item } => match &item.body {
                ItemBody::AgentMessage { text, .. } if !text.is_empty() => self.texts.push(text.clone()),
                ItemBody::ToolCall { call } => self.calls.push(call.clone()),
                ItemBody::AgentMessage { .. }
                | ItemBody::UserMessage { .. }
                | ItemBody::Reasoning { .. }
                | ItemBody::Summary { .. } => {}
            },
            EventBody::UsageUpdated { usage } => self.usage = *usage,
            EventBody::SessionUpdated { .. }
            | EventBody::TurnStarted { .. }
            | EventBody::ItemStarted { .. }
            | EventBody::ItemDelta { .. }
            | EventBody::ApprovalRequested { .. }
            | EventBody::ApprovalResolved { .. }
            | EventBody::Notice { .. }
            | EventBody::TurnEnded { .. }
            | EventBody::ConfigChanged { .. }
            | EventBody::SessionDeleted {}
            | EventBody::Unknown => {}
        }
    }

    /// The object, as one line.
    pub fn whole(&self, session: SessionId, turn: TurnId, outcome: &Outcome) -> impl Serialize {
        let text = self.texts.join("\n\n");
        serde_json::to_value(Whole { session, turn, text, usage: self.usage, outcome, calls: &self.calls })
            .unwrap_or_default()
    }
}

/// Prints every event as one line.
#[derive(Debug)]
pub struct StreamFace {
    out: Stdout,
    waits: String,
}

impl StreamFace {
    pub fn new() -> io::Result<Self> {
        Ok(Self { out: Stdout::open()?, waits: String::new() })
    }

    pub fn take(&mut self, event: &Event) {
        self.waits.push_str(&serde_json::to_string(event).unwrap_or_default());
        self.waits.push('\n');
    }

    pub async fn flush(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.waits);
        self.out.write(&text).await
    }
}

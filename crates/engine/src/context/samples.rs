//! Items as the tests of this module need them.

use jamey_protocol::{CallId, CallStatus, Item, ItemBody, ItemId, ToolCall, ToolOutput, TurnId};
use serde_json::json;

pub(super) fn item(turn: TurnId, step: u32, body: ItemBody) -> Item {
    Item { id: ItemId::new(), turn, step, at: 0, body }
}

pub(super) fn user(turn: TurnId, text: &str) -> Item {
    item(turn, 0, ItemBody::UserMessage { text: text.into(), attachments: Vec::new() })
}

pub(super) fn agent(turn: TurnId, step: u32, text: &str) -> Item {
    item(turn, step, ItemBody::AgentMessage { text: text.into(), model: "m".into(), partial: false })
}

pub(super) fn call(turn: TurnId, step: u32, status: CallStatus, output: &str) -> Item {
    let output = Some(ToolOutput { text: output.into(), ..ToolOutput::default() });
    let (call_id, tool) = (CallId::new(), "t".into());
    let call = ToolCall { call_id, tool, arguments: json!({}), accesses: vec![], status, output };
    item(turn, step, ItemBody::ToolCall { call })
}

//! After a crash: what to append so that no turn is open.
//!
//! History is closed, never rewritten, and nothing is run again. A tool that had started and not
//! finished may have done its work or not, and both the person and the model are told so.

use std::collections::HashMap;

use jamey_protocol::{
    ApprovalId, CallStatus, Decision, Event, EventBody, Item, ItemBody, ItemId, Outcome, ToolOutput,
};

use super::fold;
use crate::ports::OpenText;

const UNKNOWN: &str = "Outcome unknown: Jamey's runtime stopped while this ran. It was not run again.";
const NOT_RUN: &str = "Not run: Jamey's runtime stopped while this waited for an answer.";
const STOPPED: &str = "the runtime stopped while the turn ran";

/// Says what to append to a session whose runtime died, given all its events and the partial texts
/// that were kept. Empty if its last turn has ended.
#[must_use]
pub fn recover(events: &[Event], texts: &[OpenText]) -> Vec<EventBody> {
    let started = events.iter().rposition(|event| matches!(event.body, EventBody::TurnStarted { .. }));
    let Some(start) = started else { return Vec::new() };
    let turn = &events[start..];
    if turn.iter().any(|event| matches!(event.body, EventBody::TurnEnded { .. })) {
        return Vec::new();
    }
    let mut partial: HashMap<ItemId, String> = HashMap::new();
    for open in texts {
        partial.entry(open.item_id).or_default().push_str(&open.text);
    }
    let is_closed = |id: ItemId| {
        turn.iter().any(|event| matches!(&event.body, EventBody::ItemCompleted { item } if item.id == id))
    };
    let mut out = Vec::new();
    if let Some(approval_id) = open_approval(turn) {
        let decision = Decision::Deny { reason: STOPPED.into() };
        out.push(EventBody::ApprovalResolved { approval_id, decision });
    }
    for item in fold(turn) {
        if !is_closed(item.id) {
            let text = partial.remove(&item.id).unwrap_or_default();
            out.push(EventBody::ItemCompleted { item: closed(item, text) });
        }
    }
    out.push(EventBody::TurnEnded { outcome: Outcome::Interrupted { reason: STOPPED.into() } });
    out
}

fn open_approval(turn: &[Event]) -> Option<ApprovalId> {
    let mut open = None;
    for event in turn {
        match &event.body {
            EventBody::ApprovalRequested { approval } => open = Some(approval.id),
            EventBody::ApprovalResolved { .. } => open = None,
            _ => {}
        }
    }
    open
}

fn closed(mut item: Item, kept: String) -> Item {
    match &mut item.body {
        ItemBody::AgentMessage { text, partial, .. } => {
            *text = kept;
            *partial = true;
        }
        ItemBody::Reasoning { text, .. } => *text = kept,
        ItemBody::ToolCall { call } => {
            let waited = call.status == CallStatus::Waiting;
            call.status = if waited { CallStatus::Cancelled } else { CallStatus::OutcomeUnknown };
            let text = if waited { NOT_RUN } else { UNKNOWN };
            call.output = Some(ToolOutput { text: text.into(), ..ToolOutput::default() });
        }
        ItemBody::UserMessage { .. } | ItemBody::Summary { .. } => {}
    }
    item
}

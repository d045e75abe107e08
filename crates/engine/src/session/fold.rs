//! From events to items: the projection that the store keeps and a task begins from.

use jamey_protocol::{CallStatus, Event, EventBody, Item, ItemBody};

/// The items as they are after `events`, in the order in which they appeared.
#[must_use]
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<Item> {
    let mut items = Vec::new();
    for event in events {
        fold_into(&mut items, &event.body);
    }
    items
}

/// Adds one event to the items.
pub fn fold_into(items: &mut Vec<Item>, body: &EventBody) {
    match body {
        EventBody::ItemStarted { item } | EventBody::ItemCompleted { item } => {
            // What changes is nearly always among the newest.
            match items.iter_mut().rev().find(|known| known.id == item.id) {
                Some(known) => *known = item.clone(),
                None => items.push(item.clone()),
            }
        }
        EventBody::ApprovalResolved { decision, .. } if decision.allows() => {
            // At most one call of a session waits.
            let waiting = items.iter_mut().rev().find_map(|item| match &mut item.body {
                ItemBody::ToolCall { call } if call.status == CallStatus::Waiting => Some(call),
                _ => None,
            });
            if let Some(call) = waiting {
                call.status = CallStatus::Running;
            }
        }
        EventBody::SessionUpdated { .. }
        | EventBody::TurnStarted { .. }
        | EventBody::ItemDelta { .. }
        | EventBody::ApprovalRequested { .. }
        | EventBody::ApprovalResolved { .. }
        | EventBody::UsageUpdated { .. }
        | EventBody::Notice { .. }
        | EventBody::TurnEnded { .. }
        | EventBody::ConfigChanged { .. }
        | EventBody::SessionDeleted {}
        | EventBody::Unknown => {}
    }
}

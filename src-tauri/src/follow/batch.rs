//! Several events in one message.

use jamey_protocol::{ApiError, Delta, Event, EventBody, ItemBody, ItemId};
use serde::{Deserialize, Serialize};

/// The most events of one message: what a page folds in within a frame or two.
const MOST_EVENTS: usize = 4096;
/// About as many bytes of text in one message; one event may have more. A long history is a few messages, since
/// each costs a frame.
const MOST_TEXT: usize = 1 << 20;

/// What happened since the last message, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, specta::Type)]
pub struct Batch {
    /// The events; pieces of one text that came together are one.
    pub events: Vec<Event>,
    /// Why no more will come; the last message of a stream that cannot go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
    #[serde(skip)]
    #[specta(skip)]
    text: usize,
}

impl Batch {
    /// Adds an event.
    pub fn add(&mut self, event: Event) {
        self.text += weight(&event);
        let joined = self.events.last_mut().is_some_and(|last| join(last, &event));
        if !joined {
            self.events.push(event);
        }
    }

    /// Whether no more should be added.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.events.len() >= MOST_EVENTS || self.text >= MOST_TEXT
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// Puts the growth of `next` behind that of `last` when it goes on where that ended.
fn join(last: &mut Event, next: &Event) -> bool {
    let (session, turn) = (last.session, last.turn);
    let Some((item, before)) = growth_mut(&mut last.body) else { return false };
    let EventBody::ItemDelta { item_id, delta } = &next.body else { return false };
    if (session, turn, item) != (next.session, next.turn, *item_id) {
        return false;
    }
    match (before, delta) {
        (Delta::Text { offset, text }, Delta::Text { offset: from, text: more })
        | (Delta::Output { offset, text }, Delta::Output { offset: from, text: more })
            if *offset + text.len() as u64 == *from =>
        {
            text.push_str(more);
            true
        }
        _ => false,
    }
}

fn growth_mut(body: &mut EventBody) -> Option<(ItemId, &mut Delta)> {
    match body {
        EventBody::ItemDelta { item_id, delta } => Some((*item_id, delta)),
        _ => None,
    }
}

/// Roughly the bytes that an event takes.
fn weight(event: &Event) -> usize {
    match &event.body {
        // Joined to the one before, as a rule.
        EventBody::ItemDelta { delta: Delta::Text { text, .. } | Delta::Output { text, .. }, .. } => {
            text.len()
        }
        EventBody::ItemCompleted { item } | EventBody::ItemStarted { item } => 200 + length(&item.body),
        _ => 200,
    }
}

fn length(body: &ItemBody) -> usize {
    match body {
        ItemBody::UserMessage { text, .. }
        | ItemBody::AgentMessage { text, .. }
        | ItemBody::Reasoning { text, .. }
        | ItemBody::Summary { text, .. } => text.len(),
        // Arguments and output, which are bounded elsewhere.
        ItemBody::ToolCall { .. } => 4 << 10,
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{Level, SessionId};

    use super::*;

    /// Events of one session only, as a batch of one session has them.
    static SESSION: std::sync::LazyLock<SessionId> = std::sync::LazyLock::new(SessionId::new);

    fn text(item_id: ItemId, offset: u64, text: &str) -> Event {
        let delta = Delta::Text { offset, text: text.to_owned() };
        event(EventBody::ItemDelta { item_id, delta })
    }

    fn event(body: EventBody) -> Event {
        Event { session: *SESSION, seq: None, at: 0, turn: None, body }
    }

    fn texts(batch: &Batch) -> Vec<String> {
        batch
            .events
            .iter()
            .map(|event| match &event.body {
                EventBody::ItemDelta { delta: Delta::Text { text, .. }, .. } => text.clone(),
                EventBody::ItemDelta { delta: Delta::Output { text, .. }, .. } => format!("> {text}"),
                _ => "-".to_owned(),
            })
            .collect()
    }

    #[test]
    fn pieces_that_follow_each_other_are_one_and_nothing_else_is() {
        let (one, two) = (ItemId::new(), ItemId::new());
        let mut batch = Batch::default();
        batch.add(text(one, 0, "é"));
        batch.add(text(one, 2, "b"));
        batch.add(text(two, 0, "other"));
        batch.add(text(one, 3, "c"));
        batch.add(event(EventBody::Notice { level: Level::Info, text: String::new() }));
        batch.add(text(one, 4, "d"));
        // A hole is never closed silently.
        batch.add(text(one, 9, "e"));
        let delta = Delta::Output { offset: 10, text: "out".to_owned() };
        batch.add(event(EventBody::ItemDelta { item_id: one, delta }));
        assert_eq!(texts(&batch), ["éb", "other", "c", "-", "d", "e", "> out"]);
    }

    #[test]
    fn it_is_full_at_its_bounds() {
        let mut batch = Batch::default();
        for _ in 0..MOST_EVENTS {
            assert!(!batch.is_full());
            batch.add(event(EventBody::Notice { level: Level::Info, text: String::new() }));
        }
        assert!(batch.is_full());
        let (mut batch, item, piece) = (Batch::default(), ItemId::new(), "x".repeat(1 << 10));
        for at in 0..MOST_TEXT as u64 / 1024 {
            assert!(!batch.is_full());
            batch.add(text(item, at * 1024, &piece));
        }
        assert!(batch.is_full());
        assert_eq!(batch.events.len(), 1);
    }
}

//! Decodes the one event that comes by the thousand without the buffering that tagged enums need.

use jamey_protocol::{Delta, Event, EventBody, ItemId, SessionId, TurnId};
use serde::Deserialize;

#[derive(Deserialize)]
struct DeltaEvent {
    session: SessionId,
    at: i64,
    #[serde(default)]
    turn: Option<TurnId>,
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(rename = "type")]
    _kind: BodyKind,
    item_id: ItemId,
    delta: Growth,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum BodyKind {
    ItemDelta,
}

#[derive(Deserialize)]
struct Growth {
    #[serde(rename = "type")]
    kind: GrowthKind,
    offset: u64,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum GrowthKind {
    Text,
    Output,
}

/// Decodes an `ItemDelta`; nothing if it is another event or a later shape.
pub(super) fn decode(json: &[u8]) -> Option<Event> {
    let event: DeltaEvent = serde_json::from_slice(json).ok()?;
    let Growth { kind, offset, text } = event.body.delta;
    let delta = match kind {
        GrowthKind::Text => Delta::Text { offset, text },
        GrowthKind::Output => Delta::Output { offset, text },
    };
    Some(Event {
        session: event.session,
        seq: None,
        at: event.at,
        turn: event.turn,
        body: EventBody::ItemDelta { item_id: event.body.item_id, delta },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_cut_decodes_exactly_what_the_long_way_does() {
        for delta in [
            Delta::Text { offset: 3, text: "é\n\"".to_owned() },
            Delta::Output { offset: 0, text: String::new() },
        ] {
            let body = EventBody::ItemDelta { item_id: ItemId::new(), delta };
            let event =
                Event { session: SessionId::new(), seq: None, at: 7, turn: Some(TurnId::new()), body };
            let json = serde_json::to_vec(&event).unwrap();
            assert_eq!(decode(&json).unwrap(), event);
            assert_eq!(serde_json::from_slice::<Event>(&json).unwrap(), event);
        }
    }

    #[test]
    fn other_events_are_left_to_the_long_way() {
        let body = EventBody::Notice { level: jamey_protocol::Level::Info, text: String::new() };
        let event = Event { session: SessionId::new(), seq: Some(1), at: 7, turn: None, body };
        assert_eq!(decode(&serde_json::to_vec(&event).unwrap()), None);
    }
}

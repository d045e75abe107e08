//! Answers of a runtime that is newer than this client: what they say in words that came later.
//!
//! Fields and kinds of events that are unknown are skipped by the types themselves. Here is what those
//! cannot do: a known message that holds an unknown kind somewhere inside. It is tried only when the plain
//! way fails. Invariants: a turn's end is never missed, a question is never passed over, and nothing can be
//! allowed that was not shown whole.

use jamey_protocol::{
    Access, ApiError, Choice, ErrorCode, Event, EventBody, ItemBody, Level, Mode, Outcome, SessionStatus,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads an answer, the plain way or with what is unknown left out.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json).or_else(|error| {
        let mut value: Value = serde_json::from_slice(json)?;
        tolerate(&mut value);
        serde_json::from_value(value).map_err(|_| error)
    })
}

/// Reads an event. One whose inside is unknown is skipped, unless somebody waits for it.
pub(super) fn event(json: &[u8]) -> serde_json::Result<Event> {
    read(json).or_else(|error| {
        let mut value: Value = serde_json::from_slice(json)?;
        let body = instead(&value["body"]);
        value["body"] = serde_json::to_value(body)?;
        serde_json::from_value(value).map_err(|_| error)
    })
}

/// What stands in the place of an event that cannot be read.
fn instead(body: &Value) -> EventBody {
    match body["type"].as_str() {
        Some("turnEnded") => {
            let how = body["outcome"]["type"].as_str().unwrap_or("nothing");
            let message = format!("the turn ended as \"{how}\", which this version of jamey does not know");
            let error = ApiError::new(ErrorCode::Internal, message).hint("update jamey");
            EventBody::TurnEnded { outcome: Outcome::Failed { error } }
        }
        Some("approvalRequested") => {
            let text = "a call waits for an answer to a question that this version of jamey cannot show; update jamey";
            EventBody::Notice { level: Level::Warn, text: text.to_owned() }
        }
        _ => EventBody::Unknown,
    }
}

/// Leaves out, wherever it stands, what this version has no word for.
fn tolerate(value: &mut Value) {
    match value {
        Value::Array(all) => {
            all.retain(|one| !is_later_item(one));
            all.iter_mut().for_each(tolerate);
        }
        Value::Object(map) => {
            let is_session = map.contains_key("cwd") && map.contains_key("settings");
            if is_session && map.get("status").is_some_and(|status| !is::<SessionStatus>(status)) {
                // Whatever it does, it does something.
                map.insert("status".to_owned(), "running".into());
            }
            if map.get("mode").is_some_and(|mode| !is::<Mode>(mode)) {
                map.remove("mode");
            }
            if map.get("level").is_some_and(|level| level.is_string() && !is::<Level>(level)) {
                map.insert("level".to_owned(), "warn".into());
            }
            if map.contains_key("choices") && map.contains_key("question") {
                question(map);
            }
            map.values_mut().for_each(tolerate);
        }
        _ => {}
    }
}

/// A question may be asked with fewer answers; if it is about something unknown, it may only be denied.
fn question(map: &mut serde_json::Map<String, Value>) {
    let mut is_whole = true;
    if let Some(Value::Array(accesses)) = map.get_mut("accesses") {
        let before = accesses.len();
        accesses.retain(is::<Access>);
        is_whole = accesses.len() == before;
    }
    if let Some(Value::Array(choices)) = map.get_mut("choices") {
        let is_offered = |choice: &Value| {
            serde_json::from_value(choice.clone())
                .is_ok_and(|choice: Choice| is_whole || choice == Choice::Deny)
        };
        choices.retain(is_offered);
    }
}

/// An item of a list, of a kind that came later.
fn is_later_item(value: &Value) -> bool {
    let Some(body) = value.get("body") else { return false };
    value.get("step").is_some() && !is::<ItemBody>(body)
}

fn is<T: DeserializeOwned>(value: &Value) -> bool {
    serde_json::from_value::<T>(value.clone()).is_ok()
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{Item, ItemId, Session, SessionId, TurnId, route::Page};
    use serde_json::json;

    use super::*;

    fn told(body: &Value) -> EventBody {
        let text = json!({"session": SessionId::new(), "seq": 3, "at": 1, "turn": TurnId::new(), "body": body, "x": 1});
        let event = event(text.to_string().as_bytes()).unwrap();
        assert_eq!(event.seq, Some(3));
        event.body
    }

    #[test]
    fn an_event_with_an_unknown_inside_is_skipped_but_never_an_end() {
        let item = json!({"id": ItemId::new(), "turn": TurnId::new(), "step": 1, "at": 1, "body": {"type": "picture"}});
        assert_eq!(told(&json!({"type": "itemCompleted", "item": item})), EventBody::Unknown);
        assert_eq!(
            told(&json!({"type": "itemDelta", "itemId": ItemId::new(), "delta": {"type": "patch"}})),
            EventBody::Unknown
        );
        assert_eq!(told(&json!({"type": "mood"})), EventBody::Unknown);
        let EventBody::Notice { level: Level::Warn, .. } =
            told(&json!({"type": "notice", "level": "dire", "text": "t"}))
        else {
            panic!("a notice is a notice, however dire")
        };
        let ended = told(&json!({"type": "turnEnded", "outcome": {"type": "parked", "until": 7}}));
        let EventBody::TurnEnded { outcome: Outcome::Failed { error } } = ended else { panic!("{ended:?}") };
        assert!(error.message.contains("\"parked\"") && error.hint.as_deref() == Some("update jamey"));
        assert!(event(b"{\"body\":{\"type\":\"mood\"}}").is_err(), "without a session it is no event");
        assert!(event(b"[").is_err());
    }

    #[test]
    fn what_is_not_known_whole_can_only_be_denied() {
        let ask = |accesses: Value| {
            let approval = json!({"id": jamey_protocol::ApprovalId::new(), "callId": jamey_protocol::CallId::new(),
                "itemId": ItemId::new(), "question": "May it?", "accesses": accesses,
                "choices": ["allow-once", "allow-for-a-day", "deny"]});
            match told(&json!({"type": "approvalRequested", "approval": approval})) {
                EventBody::ApprovalRequested { approval } => (approval.accesses.len(), approval.choices),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(ask(json!([{"type": "system"}])), (1, vec![Choice::AllowOnce, Choice::Deny]));
        assert_eq!(
            ask(json!([{"type": "system"}, {"type": "network", "host": "h"}])),
            (1, vec![Choice::Deny])
        );
        let broken = told(&json!({"type": "approvalRequested", "approval": {"id": 7}}));
        assert!(matches!(broken, EventBody::Notice { level: Level::Warn, .. }), "{broken:?}");
    }

    #[test]
    fn lists_leave_out_what_is_unknown_and_keep_the_rest() {
        let session = |status: &str, mode: &str| {
            json!({"id": SessionId::new(), "cwd": "/w", "settings": {"mode": mode}, "status": status, "createdAt": 1,
                "updatedAt": 1, "head": 1, "colour": "red"})
        };
        let page =
            json!({"data": [session("idle", "full"), session("asleep", "free")], "next": "x", "total": 2});
        let page: Page<Session> = read(page.to_string().as_bytes()).unwrap();
        assert_eq!(page.data[1].status, SessionStatus::Running);
        assert_eq!((page.data[0].settings.mode, page.data[1].settings.mode), (Some(Mode::Full), None));
        let item = |body: Value| json!({"id": ItemId::new(), "turn": TurnId::new(), "step": 0, "at": 1, "body": body});
        let page = json!({"data": [item(json!({"type": "picture"})), item(json!({"type": "userMessage", "text": "t"}))]});
        assert_eq!(read::<Page<Item>>(page.to_string().as_bytes()).unwrap().data.len(), 1);
        assert!(read::<Page<Item>>(b"{\"data\":7}").is_err());
    }
}

//! Rows to nouns and back. The JSON in the rows is the protocol's own; there are no twins of types.

use std::path::Path;

use jamey_protocol::{Event, EventBody, Item, Session, SessionId, SessionStatus, TurnId, Uuid};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row, sqlite::SqliteRow};

use super::StoreError;

/// Version of the bodies in `events`. A row of a later version is given out as `Unknown`.
pub(super) const BODY_VERSION: i64 = 1;

/// Readers of JSON stop at 128 levels; the envelope around a body takes a few of them.
const DEEPEST: usize = 120;

/// Columns of a session, for `session`.
pub(super) const SESSION: &str =
    "sessions.id, name, title, cwd, settings, status, created_at, updated_at, head";

/// Reads a session.
pub(super) fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    Ok(Session {
        id: id(row.try_get("id")?)?,
        name: row.try_get("name")?,
        title: row.try_get("title")?,
        cwd: row.try_get::<&str, _>("cwd")?.into(),
        settings: from_json(row.try_get("settings")?)?,
        status: match row.try_get("status")? {
            "running" => SessionStatus::Running,
            "waiting" => SessionStatus::Waiting,
            _ => SessionStatus::Idle,
        },
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        head: number(row.try_get("head")?),
    })
}

/// Reads an event from the columns `seq, at, turn, version, body` of a known session.
pub(super) fn event(session: SessionId, row: &SqliteRow) -> Result<Event, StoreError> {
    let body = if row.try_get::<i64, _>("version")? > BODY_VERSION {
        EventBody::Unknown
    } else {
        from_json(row.try_get("body")?)?
    };
    Ok(Event {
        session,
        seq: Some(number(row.try_get("seq")?)),
        at: row.try_get("at")?,
        turn: row.try_get::<Option<&[u8]>, _>("turn")?.map(uuid).transpose()?.map(TurnId),
        body,
    })
}

/// Reads an item: the body of the event that finished it, or, while it is open, the item itself.
pub(super) fn item(row: &SqliteRow) -> Result<Item, StoreError> {
    if let Some(open) = row.try_get::<Option<&str>, _>("item")? {
        return from_json(open);
    }
    finished(row.try_get("body")?)
}

/// Reads the item that an event finished.
pub(super) fn finished(body: &str) -> Result<Item, StoreError> {
    match from_json(body)? {
        EventBody::ItemCompleted { item } => Ok(item),
        _ => Err(StoreError::Internal("an item refers to an event that did not finish it".into())),
    }
}

/// Reads an id.
pub(super) fn id<T>(text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr,
{
    text.parse().map_err(|_| StoreError::Internal(format!("an id cannot be read: {text}")))
}

/// Reads an id that is kept as its sixteen bytes.
pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|_| StoreError::Internal("an id cannot be read".into()))
}

/// Writes an id as its sixteen bytes.
pub(super) fn blob(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// Reads a body.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Internal(format!("a stored value cannot be read: {error}")))
}

/// Writes a body, unless it is nested so deep that no client could read it back.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    let text = serde_json::to_string(value)
        .map_err(|error| StoreError::Internal(format!("a value cannot be stored: {error}")))?;
    if depth(&text) > DEEPEST {
        return Err(StoreError::TooDeep(DEEPEST));
    }
    Ok(text)
}

/// How deep valid JSON nests.
fn depth(json: &str) -> usize {
    let (mut now, mut deepest) = (0usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' if !in_string => now -= 1,
            _ => {}
        }
    }
    deepest
}

/// A count as SQLite keeps it.
pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as the protocol has it.
pub(super) fn number(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}

/// A folder as text.
pub(super) fn folder(path: &Path) -> Result<&str, StoreError> {
    path.to_str()
        .ok_or_else(|| StoreError::BadRequest(format!("the folder {} is not Unicode", path.display())))
}

/// The status as the schema spells it.
pub(super) fn status(status: SessionStatus) -> &'static str {
    match status {
        SessionStatus::Idle => "idle",
        SessionStatus::Running => "running",
        SessionStatus::Waiting => "waiting",
    }
}

/// Writes the body of an event that is kept.
pub(super) fn event_json(body: &EventBody) -> Result<String, StoreError> {
    let is_kept = !matches!(
        body,
        EventBody::ItemDelta { .. }
            | EventBody::ConfigChanged { .. }
            | EventBody::SessionDeleted {}
            | EventBody::Unknown
    );
    if !is_kept {
        return Err(StoreError::Internal("an event that is not kept was to be kept".into()));
    }
    to_json(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_strings_do_not_count_as_depth() {
        assert_eq!(depth(r#"{"a":"[[[\"[[\\","b":[1,{"c":[]}]}"#), 4);
        assert_eq!(depth("1"), 0);
    }

    #[test]
    fn a_value_that_nobody_could_read_back_is_refused() {
        let deep = |levels: usize| {
            (0..levels).fold(serde_json::Value::Null, |inner, _| serde_json::Value::Array(vec![inner]))
        };
        assert!(to_json(&deep(DEEPEST)).is_ok());
        assert_eq!(to_json(&deep(DEEPEST + 1)), Err(StoreError::TooDeep(DEEPEST)));
    }
}

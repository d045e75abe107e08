//! One entry into the database: its events, and what follows from them, inside the caller's
//! transaction.
//!
//! Each statement that is sent alone wakes the thread of the database and is waited for, and text that
//! a person is about to read waits too. So statements that follow each other go together; only the last
//! one of a group may yield a row.

use jamey_engine::ports::Entry;
use jamey_protocol::{CallStatus, Event, EventBody, Item, ItemBody, ItemId, Session, TurnId};
use sqlx::{
    AssertSqlSafe, Row, Sqlite, SqliteConnection, query, query::QueryScalar, query_scalar,
    sqlite::SqliteArguments,
};

use super::{StoreError, items, ledger, rows};

/// Longer bodies lie in a table of their own, since small rows fill pages better among themselves.
const LONGEST_IN_ROW: usize = 700;

const UPDATE_SESSION: &str = "UPDATE sessions SET name = ?, title = ?, cwd = ?, settings = ?, status = ?, \
    updated_at = ?, head = ?, bytes = bytes + ?, newest_before = newest_item, \
    newest_item = max(newest_item, coalesce(?, x'')), \
    open_since = CASE WHEN ? THEN ? ELSE open_since END WHERE id = ? AND head = ? RETURNING key, newest_before";
const INSERT_EVENT: &str = "INSERT INTO events (at, version, body) VALUES (?, ?, ?)";
const INSERT_BODY: &str = "; INSERT INTO bodies (event, body) VALUES (last_insert_rowid(), ?)";
/// Begins a span, unless the event goes on with the newest one.
const INSERT_SPAN: &str = "; INSERT INTO spans (first, session, seq, turn) SELECT last_insert_rowid(), ?, ?, ? \
    WHERE NOT EXISTS (SELECT 1 FROM (SELECT * FROM spans ORDER BY first DESC LIMIT 1) \
    WHERE session = ? AND turn IS ? AND last_insert_rowid() - first = ? - seq)";
const OPEN_ITEM: &str = "; INSERT INTO open_items (session, id, seq, item) VALUES (?, ?, ?, ?) \
    ON CONFLICT (session, id) DO UPDATE SET item = excluded.item RETURNING seq";
const FINISH_ITEM: &str = "; INSERT INTO done (session, seq, event) \
    SELECT ?, coalesce((SELECT seq FROM open_items WHERE session = ? AND id = ?), ?), last_insert_rowid()";
/// Makes an item findable, with the same text that making the index anew would take.
const INDEX_ITEM: &str =
    "; INSERT INTO items_fts (rowid, text) SELECT key, text FROM items_text WHERE key = last_insert_rowid()";
/// Drops the partial text of an item.
const FORGET_TEXT: &str = "; DELETE FROM open_text WHERE session = ? AND item = ?";
const CLOSE_ITEM: &str = "; DELETE FROM open_items WHERE session = ? AND id = ? RETURNING seq";
/// Drops the partial text of all items of a session.
const FORGET_ALL: &str = "; DELETE FROM open_text WHERE session = ?";

/// Who opens the transaction of an append.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opens {
    /// The append's first statement.
    Transaction,
    /// The caller has done it.
    Nothing,
}

/// Where an event goes.
struct Place {
    session: i64,
    seq: i64,
    /// The turn, if the event is the first of its entry and may begin a span.
    begins: Option<Option<TurnId>>,
}

/// Appends the entry's events after its session's head.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    entry: &Entry,
    opens: Opens,
) -> Result<Vec<Event>, StoreError> {
    let texts = entry.bodies.iter().map(rows::event_json).collect::<Result<Vec<_>, _>>()?;
    let events: Vec<Event> = (entry.session.head + 1..)
        .zip(&entry.bodies)
        .map(|(seq, body)| Event {
            session: entry.session.id,
            seq: Some(seq),
            at: entry.at,
            turn: entry.turn,
            body: body.clone(),
        })
        .collect();
    let bytes = texts.iter().map(String::len).sum::<usize>() as u64;
    let (session, newest) = advance(connection, &entry.session, &events, bytes, opens).await?;
    let mut seen: Vec<ItemId> = Vec::new();
    for (event, text) in events.iter().zip(texts) {
        let seq = rows::integer(event.seq.unwrap_or(0));
        let begins = (event.seq == Some(entry.session.head + 1)).then_some(entry.turn);
        let place = Place { session, seq, begins };
        let mut is_new = |item: &Item| {
            let is_new = item.id.0.as_bytes().as_slice() > newest.as_slice() && !seen.contains(&item.id);
            seen.push(item.id);
            is_new
        };
        match &event.body {
            EventBody::ItemStarted { item } => {
                let seen_at = start_item(connection, &place, item, event.at, text).await?;
                if seen_at == seq && !is_new(item) {
                    items::reopen(connection, session, seq, item.id).await?;
                }
            }
            EventBody::ItemCompleted { item } => {
                let is_new = is_new(item);
                if !finish_item(connection, &place, item, event.at, text).await? && !is_new {
                    items::supersede(connection, session, seq, item.id).await?;
                }
            }
            EventBody::TurnEnded { .. } => {
                let sql = statement(&place, &text, FORGET_ALL);
                let end = bind_event(query_scalar(AssertSqlSafe(sql)), &place, event.at, text);
                end.bind(session).fetch_optional(&mut *connection).await?;
            }
            body => {
                let sql = statement(&place, &text, "");
                let insert = bind_event(query_scalar(AssertSqlSafe(sql)), &place, event.at, text);
                insert.fetch_optional(&mut *connection).await?;
                if matches!(body, EventBody::ApprovalResolved { decision, .. } if decision.allows()) {
                    let_run(connection, session).await?;
                }
            }
        }
    }
    if let Some(spent) = &entry.spent {
        let of = ledger::Of { at: entry.at, session, turn: entry.turn };
        ledger::write(connection, of, spent).await?;
    }
    if let Some(op) = &entry.op {
        query("INSERT INTO ops (session, op_id, print, turn, at) VALUES (?, ?, ?, ?, ?)")
            .bind(session)
            .bind(rows::blob(op.op_id.0))
            .bind(op.print.as_str())
            .bind(op.turn.map(|turn| rows::blob(turn.0)))
            .bind(entry.at)
            .execute(&mut *connection)
            .await?;
    }
    Ok(events)
}

/// Writes the session as it is after `events`, if it stands where the entry thinks, and returns its
/// key and the id of the newest item that it had before.
async fn advance(
    connection: &mut SqliteConnection,
    session: &Session,
    events: &[Event],
    bytes: u64,
    opens: Opens,
) -> Result<(i64, Vec<u8>), StoreError> {
    let head = session.head + events.len() as u64;
    // None: as it was. Some(None): no open turn. Some(Some(seq)): open since there.
    let mut open_since: Option<Option<i64>> = None;
    let mut ids: Vec<ItemId> = Vec::new();
    for event in events {
        match &event.body {
            EventBody::TurnStarted { .. } => open_since = Some(event.seq.map(rows::integer)),
            EventBody::TurnEnded { .. } => open_since = Some(None),
            EventBody::ItemStarted { item } | EventBody::ItemCompleted { item } => ids.push(item.id),
            _ => {}
        }
    }
    let found = query(match opens {
        Opens::Transaction => AssertSqlSafe(format!("BEGIN IMMEDIATE; {UPDATE_SESSION}")),
        Opens::Nothing => AssertSqlSafe(UPDATE_SESSION.to_owned()),
    })
    .bind(session.name.as_deref())
    .bind(session.title.as_deref())
    .bind(rows::folder(&session.cwd)?)
    .bind(rows::to_json(&session.settings)?)
    .bind(rows::status(session.status))
    .bind(session.updated_at)
    .bind(rows::integer(head))
    .bind(rows::integer(bytes))
    .bind(ids.iter().max().map(|id| rows::blob(id.0)))
    .bind(open_since.is_some())
    .bind(open_since.flatten())
    .bind(session.id.to_string())
    .bind(rows::integer(session.head))
    .fetch_optional(&mut *connection)
    .await
    .map_err(|error| name_taken(error, session))?;
    match found {
        Some(row) => Ok((row.try_get("key")?, row.try_get("newest_before")?)),
        None => Err(why_not(connection, session).await?),
    }
}

async fn why_not(connection: &mut SqliteConnection, session: &Session) -> Result<StoreError, StoreError> {
    let stored: Option<i64> = query_scalar("SELECT head FROM sessions WHERE id = ?")
        .bind(session.id.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(match stored {
        Some(stored) => {
            StoreError::Conflict { session: session.id, stored: rows::number(stored), given: session.head }
        }
        None => StoreError::Missing(session.id.to_string()),
    })
}

/// The only unique values of `sessions` that an update can hit are names.
fn name_taken(error: sqlx::Error, session: &Session) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            StoreError::NameTaken(session.name.clone().unwrap_or_default())
        }
        _ => error.into(),
    }
}

/// A statement that is being given its values; where it yields a row, a place.
type Placed<'q> = QueryScalar<'q, Sqlite, i64, SqliteArguments>;

/// The statements that write an event, and what follows from it.
fn statement(place: &Place, text: &str, then: &str) -> String {
    let body = if text.len() > LONGEST_IN_ROW { INSERT_BODY } else { "" };
    let span = if place.begins.is_some() { INSERT_SPAN } else { "" };
    [INSERT_EVENT, body, span, then].concat()
}

/// Gives those statements their values, up to what follows.
fn bind_event<'q>(insert: Placed<'q>, place: &Place, at: i64, text: String) -> Placed<'q> {
    let insert = insert.bind(at).bind(rows::BODY_VERSION);
    let insert =
        if text.len() > LONGEST_IN_ROW { insert.bind(None::<String>).bind(text) } else { insert.bind(text) };
    let Some(turn) = place.begins else { return insert };
    let turn = turn.map(|turn| rows::blob(turn.0));
    let insert = insert.bind(place.session).bind(place.seq).bind(turn.clone());
    insert.bind(place.session).bind(turn).bind(place.seq)
}

/// Writes the event of an item that begins, and the item. Returns where it first appeared.
async fn start_item(
    connection: &mut SqliteConnection,
    place: &Place,
    item: &Item,
    at: i64,
    text: String,
) -> Result<i64, StoreError> {
    let sql = statement(place, &text, OPEN_ITEM);
    Ok(bind_event(query_scalar(AssertSqlSafe(sql)), place, at, text)
        .bind(place.session)
        .bind(rows::blob(item.id.0))
        .bind(place.seq)
        .bind(rows::to_json(item)?)
        .fetch_one(connection)
        .await?)
}

/// Writes the event of an item that is final, which from now on holds it. Returns whether the item had
/// been open.
async fn finish_item(
    connection: &mut SqliteConnection,
    place: &Place,
    item: &Item,
    at: i64,
    text: String,
) -> Result<bool, StoreError> {
    let (is_found, has_partial) = match item.body {
        ItemBody::UserMessage { .. } => (true, false),
        ItemBody::AgentMessage { .. } => (true, true),
        ItemBody::Reasoning { .. } => (false, true),
        ItemBody::ToolCall { .. } | ItemBody::Summary { .. } => (false, false),
    };
    let then = [
        FINISH_ITEM,
        if is_found { INDEX_ITEM } else { "" },
        if has_partial { FORGET_TEXT } else { "" },
        CLOSE_ITEM,
    ]
    .concat();
    let id = rows::blob(item.id.0);
    let sql = statement(place, &text, &then);
    let mut finish = bind_event(query_scalar(AssertSqlSafe(sql)), place, at, text)
        .bind(place.session)
        .bind(place.session)
        .bind(id.clone())
        .bind(place.seq);
    if has_partial {
        finish = finish.bind(place.session).bind(id.clone());
    }
    Ok(finish.bind(place.session).bind(id).fetch_optional(connection).await?.is_some())
}

/// Marks the call that waited for an answer as running.
async fn let_run(connection: &mut SqliteConnection, session: i64) -> Result<(), StoreError> {
    let waiting = query(
        "SELECT id, item FROM open_items WHERE session = ? AND item ->> '$.body.call.status' = 'waiting' \
         ORDER BY seq DESC LIMIT 1",
    )
    .bind(session)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = waiting else { return Ok(()) };
    let mut item: Item = rows::from_json(row.try_get("item")?)?;
    if let ItemBody::ToolCall { call } = &mut item.body {
        call.status = CallStatus::Running;
    }
    query("UPDATE open_items SET item = ? WHERE session = ? AND id = ?")
        .bind(rows::to_json(&item)?)
        .bind(session)
        .bind(row.try_get::<Vec<u8>, _>("id")?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes a session and its first event.
pub(super) async fn create(
    connection: &mut SqliteConnection,
    session: &Session,
) -> Result<Event, StoreError> {
    let session = Session { head: 0, ..session.clone() };
    let id = session.id.to_string();
    let there: Option<i64> = query_scalar("SELECT key FROM sessions WHERE id = ?")
        .bind(&id)
        .fetch_optional(&mut *connection)
        .await?;
    if there.is_some() {
        return Err(StoreError::Exists(session.id));
    }
    query(
        "INSERT INTO sessions (id, name, cwd, settings, status, created_at, updated_at, head) \
         VALUES (?, ?, ?, '{}', 'idle', ?, ?, 0)",
    )
    .bind(&id)
    .bind(session.name.as_deref())
    .bind(rows::folder(&session.cwd)?)
    .bind(session.created_at)
    .bind(session.updated_at)
    .execute(&mut *connection)
    .await
    .map_err(|error| name_taken(error, &session))?;
    let told = Session { head: 1, ..session.clone() };
    let entry = Entry {
        at: session.created_at,
        session,
        turn: None,
        bodies: vec![EventBody::SessionUpdated { session: told }],
        op: None,
        spent: None,
        durability: jamey_engine::ports::Durability::Process,
    };
    let event = append(connection, &entry, Opens::Nothing).await?.pop();
    event.ok_or_else(|| StoreError::Internal("a new session has no event".into()))
}

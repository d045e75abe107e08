//! One entry into the database: its events, and what follows from them, inside the caller's
//! transaction.

use jamey_engine::ports::{Entry, OpenText};
use jamey_protocol::{CallStatus, Event, EventBody, Item, ItemBody, Session, SessionId};
use sqlx::{Row, Sqlite, SqliteConnection, query, query::QueryScalar, query_scalar, sqlite::SqliteArguments};

use super::{StoreError, rows};

/// Parts of statements, as macros so that `concat!` can join them.
macro_rules! update_session {
    () => {
        "UPDATE sessions SET name = ?, title = ?, cwd = ?, settings = ?, status = ?, updated_at = ?, head = ?, \
         open_since = CASE WHEN ? THEN ? ELSE open_since END WHERE id = ? AND head = ? RETURNING key"
    };
}
macro_rules! insert_event {
    () => {
        "INSERT INTO events (session, seq, at, turn, kind, version, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
    };
}
macro_rules! insert_item {
    () => {
        "INSERT INTO items (session, id, seq, turn, step, at, kind, status, body) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session, id) DO UPDATE SET turn = excluded.turn, \
         step = excluded.step, at = excluded.at, kind = excluded.kind, status = excluded.status, \
         body = excluded.body WHERE items.status = 'open' RETURNING key"
    };
}
/// Makes an item findable, with the same text that making the index anew would take.
macro_rules! index_item {
    () => {
        "INSERT INTO items_fts (rowid, text) SELECT key, text FROM items_text WHERE key = ?"
    };
}
/// Drops the partial text of an item.
macro_rules! forget_item {
    () => {
        "DELETE FROM open_text WHERE session = ? AND item = ?"
    };
}
/// Drops the partial text of all items of a session.
macro_rules! forget_all {
    () => {
        "DELETE FROM open_text WHERE session = ?"
    };
}

/// Who opens the transaction of an append.
///
/// Each statement that is sent alone wakes the thread of the database and is waited for, and text that
/// a person is about to read waits too. So statements that follow each other go together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opens {
    /// The append's first statement.
    Transaction,
    /// The caller has done it.
    Nothing,
}

/// Appends the entry's events after its session's head.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    entry: &Entry,
    opens: Opens,
) -> Result<Vec<Event>, StoreError> {
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
    let key = advance(connection, &entry.session, &events, opens).await?;
    for event in &events {
        let seq = rows::integer(event.seq.unwrap_or(0));
        match &event.body {
            EventBody::ItemStarted { item } => {
                put_item(connection, key, seq, item, "open", event).await?;
            }
            EventBody::ItemCompleted { item } => complete_item(connection, key, seq, item, event).await?,
            EventBody::TurnEnded { .. } => {
                let end = query_scalar(concat!(insert_event!(), "; ", forget_all!()));
                bind_event(end, key, seq, event)?.bind(key).fetch_optional(&mut *connection).await?;
            }
            body => {
                let insert = query_scalar(insert_event!());
                bind_event(insert, key, seq, event)?.fetch_optional(&mut *connection).await?;
                if matches!(body, EventBody::ApprovalResolved { decision, .. } if decision.allows()) {
                    let_run(connection, key).await?;
                }
            }
        }
    }
    if let Some(op) = &entry.op {
        query("INSERT INTO ops (session, op_id, body, turn, at) VALUES (?, ?, ?, ?, ?)")
            .bind(key)
            .bind(op.op_id.to_string())
            .bind(op.body.as_str())
            .bind(op.turn.map(|turn| turn.to_string()))
            .bind(entry.at)
            .execute(&mut *connection)
            .await?;
    }
    Ok(events)
}

/// Writes the session as it is after `events`, if it stands where the entry thinks, and returns its
/// key.
async fn advance(
    connection: &mut SqliteConnection,
    session: &Session,
    events: &[Event],
    opens: Opens,
) -> Result<i64, StoreError> {
    let head = session.head + events.len() as u64;
    // None: as it was. Some(None): no open turn. Some(Some(seq)): open since there.
    let mut open_since: Option<Option<i64>> = None;
    for event in events {
        match event.body {
            EventBody::TurnStarted { .. } => open_since = Some(event.seq.map(rows::integer)),
            EventBody::TurnEnded { .. } => open_since = Some(None),
            _ => {}
        }
    }
    let key = query_scalar(match opens {
        Opens::Transaction => concat!("BEGIN IMMEDIATE; ", update_session!()),
        Opens::Nothing => update_session!(),
    })
    .bind(session.name.as_deref())
    .bind(session.title.as_deref())
    .bind(rows::folder(&session.cwd)?)
    .bind(rows::to_json(&session.settings)?)
    .bind(rows::status(session.status))
    .bind(session.updated_at)
    .bind(rows::integer(head))
    .bind(open_since.is_some())
    .bind(open_since.flatten())
    .bind(session.id.to_string())
    .bind(rows::integer(session.head))
    .fetch_optional(&mut *connection)
    .await
    .map_err(|error| name_taken(error, session))?;
    match key {
        Some(key) => Ok(key),
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

/// A statement that is being given its values; where it yields a row, a key.
type Keyed<'q> = QueryScalar<'q, Sqlite, i64, SqliteArguments>;

fn bind_event<'q>(insert: Keyed<'q>, key: i64, seq: i64, event: &Event) -> Result<Keyed<'q>, StoreError> {
    let Some(kind) = rows::event_kind(&event.body) else {
        return Err(StoreError::Internal("an event that is not kept was to be kept".into()));
    };
    Ok(insert
        .bind(key)
        .bind(seq)
        .bind(event.at)
        .bind(event.turn.map(|turn| turn.to_string()))
        .bind(kind)
        .bind(rows::BODY_VERSION)
        .bind(rows::to_json(&event.body)?))
}

/// Writes the event of an item, and the item as it is now at the place of its first event. Returns the
/// item's key.
async fn put_item(
    connection: &mut SqliteConnection,
    session: i64,
    seq: i64,
    item: &Item,
    status: &'static str,
    event: &Event,
) -> Result<i64, StoreError> {
    let body = rows::to_json(&item.body)?;
    for is_second_try in [false, true] {
        let insert = if is_second_try {
            query_scalar(insert_item!())
        } else {
            bind_event(query_scalar(concat!(insert_event!(), "; ", insert_item!())), session, seq, event)?
        };
        let key = insert
            .bind(session)
            .bind(item.id.to_string())
            .bind(seq)
            .bind(item.turn.to_string())
            .bind(item.step)
            .bind(item.at)
            .bind(rows::item_kind(&item.body))
            .bind(status)
            .bind(body.clone())
            .fetch_optional(&mut *connection)
            .await?;
        match key {
            Some(key) => return Ok(key),
            None if is_second_try => break,
            None => reopen_item(connection, session, item).await?,
        }
    }
    Err(StoreError::Internal("an item could not be written".into()))
}

/// Makes a finished item writable again. A turn does not do this, but the log is what counts.
async fn reopen_item(connection: &mut SqliteConnection, session: i64, item: &Item) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM items_fts WHERE rowid IN (SELECT items_text.key FROM items_text \
         JOIN items ON items.key = items_text.key WHERE items.session = ? AND items.id = ?)",
        "UPDATE items SET status = 'open' WHERE session = ? AND id = ?",
    ] {
        query(statement).bind(session).bind(item.id.to_string()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Marks the call that waited for an answer as running.
async fn let_run(connection: &mut SqliteConnection, session: i64) -> Result<(), StoreError> {
    let waiting = query(
        "SELECT key, body FROM items WHERE session = ? AND kind = 'toolCall' \
         AND body ->> '$.call.status' = 'waiting' ORDER BY seq DESC LIMIT 1",
    )
    .bind(session)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = waiting else { return Ok(()) };
    let mut body: ItemBody = rows::from_json(row.try_get("body")?)?;
    if let ItemBody::ToolCall { call } = &mut body {
        call.status = CallStatus::Running;
    }
    query("UPDATE items SET body = ? WHERE key = ?")
        .bind(rows::to_json(&body)?)
        .bind(row.try_get::<i64, _>("key")?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn complete_item(
    connection: &mut SqliteConnection,
    session: i64,
    seq: i64,
    item: &Item,
    event: &Event,
) -> Result<(), StoreError> {
    let key = put_item(connection, session, seq, item, "done", event).await?;
    match item.body {
        ItemBody::UserMessage { .. } => {
            query(index_item!()).bind(key).execute(connection).await?;
        }
        ItemBody::AgentMessage { .. } => {
            query(concat!(index_item!(), "; ", forget_item!()))
                .bind(key)
                .bind(session)
                .bind(item.id.to_string())
                .execute(connection)
                .await?;
        }
        ItemBody::Reasoning { .. } => {
            query(forget_item!()).bind(session).bind(item.id.to_string()).execute(connection).await?;
        }
        ItemBody::ToolCall { .. } | ItemBody::Summary { .. } => {}
    }
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
        durability: jamey_engine::ports::Durability::Process,
    };
    let event = append(connection, &entry, Opens::Nothing).await?.pop();
    event.ok_or_else(|| StoreError::Internal("a new session has no event".into()))
}

/// Keeps partial text, each by itself: no two texts belong together. Text of an item that is not open
/// came too late and is of no use.
pub(super) async fn keep_text(
    connection: &mut SqliteConnection,
    session: SessionId,
    texts: &[OpenText],
) -> Result<(), StoreError> {
    for text in texts {
        query(
            "INSERT INTO open_text (session, item, n, text) SELECT items.session, items.id, \
             (SELECT coalesce(max(n), 0) + 1 FROM open_text AS o WHERE o.session = items.session AND o.item = items.id), \
             ? FROM items JOIN sessions ON sessions.key = items.session \
             WHERE sessions.id = ? AND items.id = ? AND items.status = 'open'",
        )
        .bind(text.text.as_str())
        .bind(session.to_string())
        .bind(text.item_id.to_string())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Reads the partial texts of a session, one for each open item.
pub(super) async fn open_texts(
    connection: &mut SqliteConnection,
    session: SessionId,
) -> Result<Vec<OpenText>, StoreError> {
    let rows = query(
        "SELECT item, text FROM open_text JOIN sessions ON sessions.key = session \
         WHERE sessions.id = ? ORDER BY item, n",
    )
    .bind(session.to_string())
    .fetch_all(connection)
    .await?;
    let mut texts: Vec<OpenText> = Vec::new();
    for row in rows {
        let item_id = rows::id(row.try_get("item")?)?;
        let more: &str = row.try_get("text")?;
        match texts.last_mut() {
            Some(open) if open.item_id == item_id => open.text.push_str(more),
            _ => texts.push(OpenText { item_id, text: more.to_owned() }),
        }
    }
    Ok(texts)
}

/// Removes everything of a session, its events included.
pub(super) async fn erase(connection: &mut SqliteConnection, session: SessionId) -> Result<(), StoreError> {
    let key: Option<i64> = query_scalar("SELECT key FROM sessions WHERE id = ?")
        .bind(session.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(key) = key else { return Err(StoreError::Missing(session.to_string())) };
    for statement in [
        "INSERT INTO erasing (session) VALUES (?)",
        // The index asks the items for the words to remove, so it goes first.
        "DELETE FROM items_fts WHERE rowid IN (SELECT items_text.key FROM items_text \
         JOIN items ON items.key = items_text.key WHERE items.session = ?)",
        "DELETE FROM items WHERE session = ?",
        "DELETE FROM open_text WHERE session = ?",
        "DELETE FROM ops WHERE session = ?",
        "DELETE FROM events WHERE session = ?",
        "DELETE FROM sessions WHERE key = ?",
        "DELETE FROM erasing WHERE session = ?",
    ] {
        query(statement).bind(key).execute(&mut *connection).await?;
    }
    Ok(())
}

//! What a start does with turns that the last run left open: they are closed by events, from their
//! last durable state, and nothing is run again.
//!
//! The sessions are found by an index, and of each only the events since its open turn began are
//! read, so a long history costs nothing here.

use std::time::{SystemTime, UNIX_EPOCH};

use jamey_engine::{
    ports::{Durability, Entry},
    session::recover,
};
use jamey_protocol::{Event, EventBody, Session, SessionStatus};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query};

use super::{StoreError, append, history, partial, rows};

/// Closes all open turns. Returns a notice for each session.
pub(super) async fn close_open_turns(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let open = query(AssertSqlSafe(format!(
        "SELECT {}, open_since FROM sessions WHERE open_since IS NOT NULL ORDER BY key",
        rows::SESSION
    )))
    .fetch_all(&mut *connection)
    .await?;
    let mut notices = Vec::new();
    for row in open {
        let session = rows::session(&row)?;
        let events = events_since(connection, &session, row.try_get("open_since")?).await?;
        let texts = partial::open_texts(connection, session.id).await?;
        notices.push(notice(&session));
        let entry = Entry {
            turn: events.first().and_then(|event| event.turn),
            bodies: recover(&events, &texts),
            session: Session {
                status: SessionStatus::Idle,
                updated_at: now.max(session.updated_at),
                ..session
            },
            at: now,
            op: None,
            spent: None,
            durability: Durability::Process,
        };
        append_now(connection, &entry).await?;
    }
    // No turn is open now, so nothing runs, whatever a row says.
    query("UPDATE sessions SET status = 'idle' WHERE status <> 'idle'").execute(&mut *connection).await?;
    Ok(notices)
}

async fn append_now(connection: &mut SqliteConnection, entry: &Entry) -> Result<(), StoreError> {
    let done = append::append(connection, entry, append::Opens::Transaction).await;
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = query(end).execute(connection).await;
    done?;
    ended?;
    Ok(())
}

/// Reads the events of a turn. One that cannot be read is passed over: the turn must be closed all
/// the same.
async fn events_since(
    connection: &mut SqliteConnection,
    session: &Session,
    since: i64,
) -> Result<Vec<Event>, StoreError> {
    let found =
        query(history::EVENTS_FROM).bind(since).bind(session.id.to_string()).fetch_all(connection).await?;
    let mut events = Vec::with_capacity(found.len());
    for row in &found {
        events.push(rows::event(session.id, row).or_else(|error| {
            tracing::warn!(%error, session = %session.id, "an event of an open turn cannot be read");
            Ok::<_, StoreError>(Event {
                session: session.id,
                seq: Some(rows::number(row.try_get("seq")?)),
                at: row.try_get("at")?,
                turn: None,
                body: EventBody::Unknown,
            })
        })?);
    }
    Ok(events)
}

fn notice(session: &Session) -> String {
    let name = session.name.as_deref().or(session.title.as_deref()).unwrap_or("without a name");
    let name: String = name.chars().filter(|char| !char.is_control()).take(60).collect();
    format!(
        "A turn was interrupted when the runtime ended, in session {} ({name}). Nothing of it is run again by itself.",
        session.id
    )
}

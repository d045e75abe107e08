//! An item that begins or ends a second time. A turn does not do this, but the log is what counts: the
//! item stays at its first place and becomes what the newest event says.

use jamey_protocol::ItemId;
use sqlx::{Row, SqliteConnection, query};

use super::{StoreError, rows};

/// Where a finished item lies.
struct Found {
    seq: i64,
    event: i64,
}

/// An item that just began at `seq` and may have been finished before.
pub(super) async fn reopen(
    connection: &mut SqliteConnection,
    session: i64,
    seq: i64,
    item: ItemId,
) -> Result<(), StoreError> {
    let Some(old) = find(connection, session, seq, item).await? else { return Ok(()) };
    forget(connection, old.event).await?;
    query("DELETE FROM done WHERE session = ? AND seq = ?")
        .bind(session)
        .bind(old.seq)
        .execute(&mut *connection)
        .await?;
    query("UPDATE open_items SET seq = ? WHERE session = ? AND id = ?")
        .bind(old.seq)
        .bind(session)
        .bind(rows::blob(item.0))
        .execute(connection)
        .await?;
    Ok(())
}

/// An item that was just finished at `seq` and may have been finished before.
pub(super) async fn supersede(
    connection: &mut SqliteConnection,
    session: i64,
    seq: i64,
    item: ItemId,
) -> Result<(), StoreError> {
    let Some(old) = find(connection, session, seq, item).await? else { return Ok(()) };
    forget(connection, old.event).await?;
    query(
        "UPDATE done SET event = (SELECT event FROM done WHERE session = ? AND seq = ?) WHERE session = ? AND seq = ?",
    )
    .bind(session)
    .bind(seq)
    .bind(session)
    .bind(old.seq)
    .execute(&mut *connection)
    .await?;
    query("DELETE FROM done WHERE session = ? AND seq = ?")
        .bind(session)
        .bind(seq)
        .execute(connection)
        .await?;
    Ok(())
}

/// Looks through all finished items of the session, except the one at `but`.
async fn find(
    connection: &mut SqliteConnection,
    session: i64,
    but: i64,
    item: ItemId,
) -> Result<Option<Found>, StoreError> {
    let found = query(
        "SELECT done.seq, done.event FROM done CROSS JOIN events AS e ON e.id = done.event \
         LEFT JOIN bodies AS b ON b.event = e.id WHERE done.session = ? AND done.seq <> ? \
         AND coalesce(e.body, b.body) ->> '$.item.id' = ?",
    )
    .bind(session)
    .bind(but)
    .bind(item.to_string())
    .fetch_optional(connection)
    .await?;
    let Some(row) = found else { return Ok(None) };
    Ok(Some(Found { seq: row.try_get("seq")?, event: row.try_get("event")? }))
}

/// Takes the words of an event out of the index, for good.
async fn forget(connection: &mut SqliteConnection, event: i64) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM items_fts WHERE rowid IN (SELECT key FROM items_text WHERE key = ?)",
        "INSERT INTO superseded (event) VALUES (?)",
    ] {
        query(statement).bind(event).execute(&mut *connection).await?;
    }
    Ok(())
}

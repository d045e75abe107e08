//! Erasing a session for good.
//!
//! Invariant: what is erased leaves the log, the items and the index in one transaction.

use jamey_protocol::SessionId;
use sqlx::{SqliteConnection, query, query_scalar};

use super::StoreError;

/// Removes everything of a session, its events included.
pub(super) async fn erase(connection: &mut SqliteConnection, session: SessionId) -> Result<(), StoreError> {
    let key: Option<i64> = query_scalar("SELECT key FROM sessions WHERE id = ?")
        .bind(session.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(key) = key else { return Err(StoreError::Missing(session.to_string())) };
    for statement in [
        "INSERT INTO erasing (session) VALUES (?)",
        // The index asks the events for the words to remove, so it goes first.
        "DELETE FROM items_fts WHERE rowid IN (SELECT items_text.key FROM done \
         CROSS JOIN items_text ON items_text.key = done.event WHERE done.session = ?)",
        "DELETE FROM done WHERE session = ?",
        "DELETE FROM open_items WHERE session = ?",
        "DELETE FROM open_text WHERE session = ?",
        "DELETE FROM ops WHERE session = ?",
        // A span reaches up to the next one, whosever that is.
        "DELETE FROM superseded WHERE event IN (SELECT o.event FROM spans AS s CROSS JOIN superseded AS o \
         ON o.event >= s.first AND o.event < coalesce((SELECT min(first) FROM spans AS n \
         WHERE n.first > s.first), 9223372036854775807) WHERE s.session = ?)",
        "DELETE FROM events WHERE id IN (SELECT e.id FROM spans AS s CROSS JOIN events AS e \
         ON e.id >= s.first AND e.id < coalesce((SELECT min(first) FROM spans AS n \
         WHERE n.first > s.first), 9223372036854775807) WHERE s.session = ?)",
        "DELETE FROM bodies WHERE event IN (SELECT b.event FROM spans AS s CROSS JOIN bodies AS b \
         ON b.event >= s.first AND b.event < coalesce((SELECT min(first) FROM spans AS n \
         WHERE n.first > s.first), 9223372036854775807) WHERE s.session = ?)",
        "DELETE FROM spans WHERE session = ?",
        // The money was spent.
        "INSERT INTO gone (session, id) SELECT key, unhex(id, '-') FROM sessions WHERE key = ? \
         AND EXISTS (SELECT 1 FROM ledger WHERE ledger.session = sessions.key)",
        "DELETE FROM sessions WHERE key = ?",
        "DELETE FROM erasing WHERE session = ?",
    ] {
        query(statement).bind(key).execute(&mut *connection).await?;
    }
    Ok(())
}

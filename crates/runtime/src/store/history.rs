//! Questions about what happened: events and items, in pages.

use futures_util::TryStreamExt;
use jamey_protocol::{Event, Item, SessionId, route::Page};
use sqlx::{Row, query};

use super::{Store, StoreError, rows};

impl Store {
    /// Reads at most `limit` events of a session after `after`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn events(&self, session: SessionId, after: u64, limit: u64) -> Result<Vec<Event>, StoreError> {
        let mut found = query(
            "SELECT seq, at, turn, version, body FROM events \
             WHERE session = (SELECT key FROM sessions WHERE sessions.id = ?) AND seq > ? ORDER BY seq LIMIT ?",
        )
        .bind(session.to_string())
        .bind(rows::integer(after))
        .bind(rows::integer(limit))
        .fetch(&self.shared.readers);
        // Row by row, so that a long history is in memory once and not twice.
        let mut events = Vec::new();
        while let Some(row) = self.watch(found.try_next().await)? {
            events.push(rows::event(session, &row)?);
        }
        Ok(events)
    }

    /// Reads at most `limit` events of all sessions in the order in which they were stored, with the
    /// place of each in that order. Events of erased sessions leave gaps.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn events_all(&self, after: i64, limit: u64) -> Result<Vec<(i64, Event)>, StoreError> {
        let mut found = query(
            "SELECT events.id AS place, sessions.id AS owner, seq, at, turn, version, body \
             FROM events JOIN sessions ON sessions.key = events.session \
             WHERE events.id > ? ORDER BY events.id LIMIT ?",
        )
        .bind(after)
        .bind(rows::integer(limit))
        .fetch(&self.shared.readers);
        let mut events = Vec::new();
        while let Some(row) = self.watch(found.try_next().await)? {
            let session = rows::id(row.try_get("owner")?)?;
            events.push((row.try_get("place")?, rows::event(session, &row)?));
        }
        Ok(events)
    }

    /// The place of the newest event of all sessions; 0 when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn newest(&self) -> Result<i64, StoreError> {
        let found =
            query("SELECT coalesce(max(id), 0) AS place FROM events").fetch_one(&self.shared.readers).await;
        Ok(self.watch(found)?.try_get("place")?)
    }

    /// Reads at most `limit` items of a session whose first event lies after `after`, in their order.
    /// The page's cursor is the `seq` to pass as the next `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn items(&self, session: SessionId, after: u64, limit: u64) -> Result<Page<Item>, StoreError> {
        let mut found = query(
            "SELECT id, seq, turn, step, at, body FROM items \
             WHERE session = (SELECT key FROM sessions WHERE sessions.id = ?) AND seq > ? ORDER BY seq LIMIT ?",
        )
        .bind(session.to_string())
        .bind(rows::integer(after))
        .bind(rows::integer(limit.saturating_add(1)))
        .fetch(&self.shared.readers);
        let mut page = Page { data: Vec::new(), next: None };
        let mut last = after;
        while let Some(row) = self.watch(found.try_next().await)? {
            if page.data.len() as u64 == limit {
                page.next = Some(last.to_string());
                break;
            }
            last = rows::number(row.try_get("seq")?);
            page.data.push(rows::item(&row)?);
        }
        Ok(page)
    }
}

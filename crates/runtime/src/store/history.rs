//! Questions about what happened: events and items, in pages.

use futures_util::TryStreamExt;
use jamey_protocol::{Event, Item, SessionId, route::Page};
use sqlx::{AssertSqlSafe, Row, query};

use super::{Store, StoreError, rows};

/// Events of one session from a place on, in their order. Takes the place and the session's id.
pub(super) const EVENTS_FROM: &str = "SELECT e.id - s.first + s.seq AS seq, e.at, s.turn, e.version, \
    coalesce(e.body, b.body) AS body FROM (SELECT key, ? AS place FROM sessions WHERE id = ?) AS o \
    CROSS JOIN spans AS s ON s.session = o.key AND s.seq >= coalesce((SELECT max(n.seq) FROM spans AS n \
    WHERE n.session = o.key AND n.seq <= o.place), 0) \
    CROSS JOIN events AS e ON e.id >= s.first + max(0, o.place - s.seq) \
    AND e.id < coalesce((SELECT min(n.first) FROM spans AS n WHERE n.first > s.first), 9223372036854775807) \
    LEFT JOIN bodies AS b ON b.event = e.id ORDER BY s.seq, e.id";

impl Store {
    /// Reads at most `limit` events of a session after `after`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn events(&self, session: SessionId, after: u64, limit: u64) -> Result<Vec<Event>, StoreError> {
        let readers = self.shared.readers.now().await;
        let mut found = query(AssertSqlSafe(format!("{EVENTS_FROM} LIMIT ?")))
            .bind(rows::integer(after.saturating_add(1)))
            .bind(session.to_string())
            .bind(rows::integer(limit))
            .fetch(&*readers);
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
        let readers = self.shared.readers.now().await;
        let mut found = query(
            "SELECT e.id AS place, sessions.id AS owner, e.id - s.first + s.seq AS seq, e.at, s.turn, e.version, \
             coalesce(e.body, b.body) AS body FROM spans AS s \
             JOIN sessions ON sessions.key = s.session \
             CROSS JOIN events AS e ON e.id >= max(s.first, ?) AND e.id < coalesce((SELECT min(n.first) \
             FROM spans AS n WHERE n.first > s.first), 9223372036854775807) \
             LEFT JOIN bodies AS b ON b.event = e.id \
             WHERE s.first >= coalesce((SELECT max(n.first) FROM spans AS n WHERE n.first <= ?), 0) \
             ORDER BY s.first, e.id LIMIT ?",
        )
        .bind(after.saturating_add(1))
        .bind(after.saturating_add(1))
        .bind(rows::integer(limit))
        .fetch(&*readers);
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
        let found = query("SELECT coalesce(max(id), 0) AS place FROM events")
            .fetch_one(&*self.shared.readers.now().await)
            .await;
        Ok(self.watch(found)?.try_get("place")?)
    }

    /// Reads at most `limit` items of a session whose first event lies after `after`, in their order.
    /// The page's cursor is the `seq` to pass as the next `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn items(&self, session: SessionId, after: u64, limit: u64) -> Result<Page<Item>, StoreError> {
        let readers = self.shared.readers.now().await;
        let mut found = query(
            "SELECT d.seq AS seq, NULL AS item, coalesce(e.body, b.body) AS body FROM done AS d \
             CROSS JOIN events AS e ON e.id = d.event LEFT JOIN bodies AS b ON b.event = e.id \
             WHERE d.session = (SELECT key FROM sessions WHERE id = ?) AND d.seq > ? \
             UNION ALL SELECT seq, item, NULL FROM open_items \
             WHERE session = (SELECT key FROM sessions WHERE id = ?) AND seq > ? ORDER BY 1 LIMIT ?",
        )
        .bind(session.to_string())
        .bind(rows::integer(after))
        .bind(session.to_string())
        .bind(rows::integer(after))
        .bind(rows::integer(limit.saturating_add(1)))
        .fetch(&*readers);
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

//! Questions about sessions: one, many, the last of a folder, how many.

use std::path::Path;

use jamey_protocol::{Session, SessionId, route::Page};
use sqlx::{AssertSqlSafe, Row, query, sqlite::SqliteRow};

use super::{Store, StoreError, rows};

/// How many sessions there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In all.
    pub sessions: u64,
    /// With a running turn.
    pub running: u64,
    /// With a turn that waits for a person.
    pub waiting: u64,
}

impl Store {
    /// Lists sessions, of one folder or of all, the last changed first. `after` is the cursor of the
    /// page before.
    ///
    /// # Errors
    /// When the cursor is none of ours or the database cannot be read.
    pub async fn sessions(
        &self,
        cwd: Option<&Path>,
        limit: u64,
        after: Option<&str>,
    ) -> Result<Page<Session>, StoreError> {
        let (updated_at, key) = match after {
            Some(cursor) => read_cursor(cursor)?,
            None => (i64::MAX, i64::MAX),
        };
        let folder = if cwd.is_some() { "cwd = ?1 AND" } else { "" };
        let found = query(AssertSqlSafe(format!(
            "SELECT {}, key FROM sessions WHERE {folder} (updated_at, key) < (?2, ?3) \
             ORDER BY updated_at DESC, key DESC LIMIT ?4",
            rows::SESSION
        )))
        .bind(cwd.map(rows::folder).transpose()?)
        .bind(updated_at)
        .bind(key)
        .bind(rows::integer(limit.saturating_add(1)))
        .fetch_all(&*self.shared.readers.now().await)
        .await;
        let mut found = self.watch(found)?;
        let more = found.len() as u64 > limit;
        if more {
            found.pop();
        }
        let next = match found.last() {
            Some(last) if more => {
                Some(format!("{}.{}", last.try_get::<i64, _>("updated_at")?, last.try_get::<i64, _>("key")?))
            }
            _ => None,
        };
        Ok(Page { data: found.iter().map(rows::session).collect::<Result<_, _>>()?, next })
    }

    /// Finds a session by its id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(&self, session: SessionId) -> Result<Option<Session>, StoreError> {
        self.one("id = ?", &session.to_string()).await
    }

    /// Finds a session by its name or, failing that, by the beginning of its id.
    ///
    /// # Errors
    /// When the beginning fits several sessions or the database cannot be read.
    pub async fn find(&self, name_or_prefix: &str) -> Result<Option<Session>, StoreError> {
        if let Some(named) = self.one("name = ?", name_or_prefix).await? {
            return Ok(Some(named));
        }
        let prefix = name_or_prefix.to_ascii_lowercase();
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return Ok(None);
        }
        // Ids are lower-case hex, so "g" is behind everything that begins with the prefix.
        let found = query(AssertSqlSafe(format!(
            "SELECT {} FROM sessions WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2",
            rows::SESSION
        )))
        .bind(&prefix)
        .fetch_all(&*self.shared.readers.now().await)
        .await;
        match self.watch(found)?.as_slice() {
            [] => Ok(None),
            [row] => rows::session(row).map(Some),
            _ => Err(StoreError::Ambiguous(prefix)),
        }
    }

    /// Finds the session of a folder that changed last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_in(&self, cwd: &Path) -> Result<Option<Session>, StoreError> {
        self.one("cwd = ? ORDER BY updated_at DESC, key DESC LIMIT 1", rows::folder(cwd)?).await
    }

    /// Counts sessions.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let counted = query(
            "SELECT (SELECT count(*) FROM sessions), \
             (SELECT count(*) FROM sessions WHERE status = 'running' AND status <> 'idle'), \
             (SELECT count(*) FROM sessions WHERE status = 'waiting' AND status <> 'idle')",
        )
        .fetch_one(&*self.shared.readers.now().await)
        .await;
        let row: SqliteRow = self.watch(counted)?;
        let count = |column: usize| Ok::<_, StoreError>(rows::number(row.try_get(column)?));
        Ok(Counts { sessions: count(0)?, running: count(1)?, waiting: count(2)? })
    }

    async fn one(&self, condition: &'static str, value: &str) -> Result<Option<Session>, StoreError> {
        let found = query(AssertSqlSafe(format!("SELECT {} FROM sessions WHERE {condition}", rows::SESSION)))
            .bind(value)
            .fetch_optional(&*self.shared.readers.now().await)
            .await;
        self.watch(found)?.as_ref().map(rows::session).transpose()
    }
}

/// A cursor is the time and key of the last session of a page.
fn read_cursor(cursor: &str) -> Result<(i64, i64), StoreError> {
    cursor
        .split_once('.')
        .and_then(|(time, key)| Some((time.parse().ok()?, key.parse().ok()?)))
        .ok_or_else(|| StoreError::BadRequest("the cursor of the list is not one that the list gave".into()))
}

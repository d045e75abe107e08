//! Finding sessions by what lists call them: the name that a person gave, or else how they began.

use std::cmp::Reverse;

use jamey_protocol::Session;
use sqlx::{AssertSqlSafe, query, query_scalar};

use super::{Store, StoreError, letters::Letters, rows, search::split};

/// So many sessions are looked at at once.
const BATCH: i64 = 1000;

impl Store {
    /// Finds sessions whose title holds all words of `text`, wherever, the last changed first. Nothing to
    /// look for finds nothing.
    ///
    /// # Errors
    /// When the search is too long or the database cannot be read.
    pub async fn titled(&self, text: &str, limit: u64) -> Result<Vec<Session>, StoreError> {
        let letters = Letters::read().await?;
        let mut words = Vec::new();
        for word in split(text)? {
            let mut plain = String::new();
            letters.fold(word, &mut plain);
            words.push(plain);
        }
        words.retain(|word| !word.is_empty());
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let mut keys = self.holding_all(letters, &words).await?;
        keys.sort_unstable_by_key(|&place| Reverse(place));
        keys.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let keys: Vec<i64> = keys.into_iter().map(|(_, key)| key).collect();
        let found = query(AssertSqlSafe(format!(
            "SELECT {} FROM sessions WHERE key IN (SELECT value FROM json_each(?)) \
             ORDER BY updated_at DESC, key DESC",
            rows::SESSION
        )))
        .bind(rows::to_json(&keys)?)
        .fetch_all(&*self.shared.readers.now().await)
        .await;
        self.watch(found)?.iter().map(rows::session).collect()
    }

    /// When the sessions with all words in their title last changed, and their keys.
    async fn holding_all(&self, letters: &Letters, words: &[String]) -> Result<Vec<(i64, i64)>, StoreError> {
        let (mut found, mut plain, mut after) = (Vec::new(), String::new(), 0);
        loop {
            // In the order in which they lie, which reads each page once; and many in one row, since rows are what
            // takes time here.
            let batch = query_scalar(
                "SELECT json_group_array(json_array(updated_at, key, called)) FROM (SELECT updated_at, key, \
                 coalesce(nullif(name, ''), title) AS called FROM sessions WHERE key > ? ORDER BY key LIMIT ?)",
            )
            .bind(after)
            .bind(BATCH)
            .fetch_one(&*self.shared.readers.now().await)
            .await;
            let batch: String = self.watch(batch)?;
            let batch: Vec<(i64, i64, Option<String>)> = rows::from_json(&batch)?;
            let Some((_, last, _)) = batch.last() else { return Ok(found) };
            after = *last;
            for (updated_at, key, title) in &batch {
                letters.fold(title.as_deref().unwrap_or_default(), &mut plain);
                if words.iter().all(|word| plain.contains(word.as_str())) {
                    found.push((*updated_at, *key));
                }
            }
        }
    }
}

/// What lists call a session.
pub(super) fn called<'a>(name: Option<&'a str>, title: Option<&'a str>) -> Option<&'a str> {
    [name, title].into_iter().flatten().find(|text| !text.is_empty())
}

//! Words as the index knows them.
//!
//! The index knows which messages hold a piece of text, but not where. A word such as `file_read` is two
//! pieces for it, which must follow each other: messages that hold both are looked through for that, with
//! SQLite's own eyes, in a small index of their own in memory.

use sqlx::{ConnectOptions, Row, SqliteConnection, query, raw_sql, sqlite::SqliteConnectOptions};

use super::{StoreError, connect, search::Found};

/// A place for words, and the pieces that the index makes of them.
pub(super) const SCRATCH: &str = "PRAGMA temp_store = MEMORY;
    CREATE VIRTUAL TABLE said USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE pieces USING fts5vocab (said, instance);";

/// What to ask the index for, and what must hold besides.
pub(super) struct Phrases {
    /// All pieces of all words; empty when there is none.
    pub(super) query: String,
    /// The words as phrases, and where messages are looked through for them; none if the query says all.
    exact: Option<(String, SqliteConnection)>,
}

impl Phrases {
    /// Parts words into the pieces that the index knows.
    pub(super) async fn read(words: &[&str]) -> Result<Self, StoreError> {
        if words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            return Ok(Self { query: quote(words), exact: None });
        }
        let mut scratch =
            SqliteConnectOptions::new().in_memory(true).disable_statement_logging().connect().await?;
        raw_sql(SCRATCH).execute(&mut scratch).await?;
        for (number, word) in (1i64..).zip(words) {
            query("INSERT INTO said (rowid, text) VALUES (?, ?)")
                .bind(number)
                .bind(word.replace('\0', " "))
                .execute(&mut scratch)
                .await?;
        }
        let found =
            query("SELECT doc, term FROM pieces ORDER BY doc, offset").fetch_all(&mut scratch).await?;
        raw_sql("DELETE FROM said").execute(&mut scratch).await?;
        let mut pieces: Vec<&str> = Vec::new();
        let mut whole: Vec<usize> = Vec::new();
        for row in &found {
            pieces.push(row.try_get("term")?);
            whole.push(usize::try_from(row.try_get::<i64, _>("doc")?).unwrap_or(1) - 1);
        }
        let query = quote(&pieces);
        if whole.windows(2).all(|pair| pair[0] != pair[1]) {
            connect::close(scratch).await;
            return Ok(Self { query, exact: None });
        }
        whole.dedup();
        let words: Vec<&str> = whole.iter().filter_map(|at| words.get(*at).copied()).collect();
        Ok(Self { query, exact: Some((quote(&words), scratch)) })
    }

    /// Tells whether whatever holds the pieces is a hit.
    pub(super) fn is_exact(&self) -> bool {
        self.exact.is_none()
    }

    /// Keeps what holds the pieces in the order of the words.
    pub(super) async fn sift(&mut self, found: Vec<Found>) -> Result<Vec<Found>, StoreError> {
        let Some((phrases, scratch)) = &mut self.exact else { return Ok(found) };
        raw_sql("BEGIN").execute(&mut *scratch).await?;
        for one in &found {
            query("INSERT INTO said (rowid, text) VALUES (?, ?)")
                .bind(one.place)
                .bind(one.text())
                .execute(&mut *scratch)
                .await?;
        }
        let held = query("SELECT rowid FROM said WHERE said MATCH ?")
            .bind(phrases.as_str())
            .fetch_all(&mut *scratch)
            .await?;
        raw_sql("ROLLBACK").execute(&mut *scratch).await?;
        let held: Vec<i64> = held.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter(|one| held.binary_search(&one.place).is_ok()).collect())
    }
}

/// Makes each word a phrase in quotes; side by side they must all be there.
fn quote(words: &[&str]) -> String {
    let phrases: Vec<String> =
        words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    phrases.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn words_become_pieces_and_syntax_becomes_words() {
        let read = async |words: &[&str]| {
            let phrases = Phrases::read(words).await.unwrap();
            (phrases.query, phrases.exact.map(|(phrases, _)| phrases))
        };
        assert_eq!(read(&["deadline", "friday"]).await, (r#""deadline" "friday""#.into(), None));
        assert_eq!(read(&["Café", "OR"]).await, (r#""cafe" "or""#.into(), None));
        let parted = (r#""file" "read" "now""#.into(), Some(r#""file_read" "now""#.into()));
        assert_eq!(read(&["file_read", "now"]).await, parted);
        let quoted = (r#""a" "or" "near" "b""#.into(), Some(r#""a""" "OR" "NEAR(b*""#.into()));
        assert_eq!(read(&["a\"", "OR", "NEAR(b*"]).await, quoted);
        // What has no piece is as if it were not there.
        assert_eq!(read(&["Ⓐ", "b"]).await.0, r#""b""#);
    }
}

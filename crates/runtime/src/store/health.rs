//! Whether a database is whole. Both an error and any answer but "ok" mean that it is not.

use std::path::Path;

use sqlx::{Connection, SqliteConnection, query, query_scalar};

use super::{StoreError, connect, schema};

/// Up to this size the check after an unclean end is part of the start; beyond it, it runs behind.
pub(super) const CHECKED_AT_START: u64 = 64 * 1024 * 1024;

/// Checks the structure of an open database. A damaged search index alone is made anew from the items.
pub(super) async fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let answers = quick_check(connection).await?;
    if answers.is_empty() {
        // How the search index was made is text, which that check does not read.
        query("SELECT rowid FROM items_fts LIMIT 1").fetch_optional(&mut *connection).await?;
        return Ok(());
    }
    if answers.iter().all(|answer| answer.contains("items_fts")) {
        tracing::warn!("the search index was damaged and is made anew");
        query("INSERT INTO items_fts (items_fts) VALUES ('rebuild')").execute(&mut *connection).await?;
        if quick_check(connection).await?.is_empty() {
            return Ok(());
        }
    }
    let reason = answers.into_iter().next().unwrap_or_default();
    Err(StoreError::Corrupt { reason: reason.lines().last().unwrap_or_default().to_owned() })
}

/// What the quick check complains about; nothing if all is well.
pub(super) async fn quick_check(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let answers: Vec<String> = query_scalar("PRAGMA quick_check(10)").fetch_all(connection).await?;
    Ok(answers.into_iter().filter(|answer| answer != "ok").collect())
}

/// Checks a copy that nobody has open: that it is whole, ours, and of a version we know.
pub(super) async fn check_copy(copy: &Path) -> Result<(), StoreError> {
    let mut connection = connect::copy(copy).await?;
    let checked = async {
        if let Some(reason) = quick_check(&mut connection).await?.into_iter().next() {
            return Err(StoreError::Corrupt { reason });
        }
        let found = schema::version(&mut connection).await?;
        if found > schema::newest() {
            return Err(StoreError::Newer { path: copy.into(), found, known: schema::newest() });
        }
        if schema::owner(&mut connection).await? != schema::Owner::Jamey {
            return Err(StoreError::Foreign { path: copy.into() });
        }
        Ok(())
    }
    .await;
    connection.close().await?;
    checked
}

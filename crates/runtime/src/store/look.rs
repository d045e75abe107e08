//! A look at the database for somebody who helps from afar: sizes, counts, versions, whether it is whole.
//! Nothing that anybody said, and nothing is changed, whatever state it is in.

use std::{fs, time::Duration};

use serde_json::{Map, Value, json};
use sqlx::{SqliteConnection, query_as, query_scalar};

use super::{StoreError, StorePaths, backup, connect, health, schema};

/// How long the check of a large database may take.
const CHECKED_WITHIN: Duration = Duration::from_secs(20);
/// Sessions whose names are learnt, the newest first. More than a person has.
const MOST_NAMES: i64 = 2_000;

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// What may be shown to others.
    pub facts: Value,
    /// Names, titles and folders of sessions: what must be taken out of everything that is shown.
    pub private: Vec<String>,
}

/// Looks, without changing anything. What cannot be read says why.
pub async fn look(paths: &StorePaths) -> Look {
    let size = |path: &std::path::Path| fs::metadata(path).map(|facts| facts.len()).ok();
    let mut facts = json!({
        "bytes": size(&paths.db),
        "logBytes": size(&paths.wal()),
        "suspect": paths.suspect().exists(),
        "backups": backup::list(paths).unwrap_or_default().iter().map(|copy| size(copy)).collect::<Vec<_>>(),
        "quarantined": fs::read_dir(&paths.quarantine).map_or(0, Iterator::count),
        "newestVersion": schema::newest(),
    });
    if !paths.db.is_file() {
        facts["fault"] = "there is no database".into();
        return Look { facts, private: Vec::new() };
    }
    let mut private = Vec::new();
    match open(paths).await {
        Err(error) => facts["fault"] = error.to_string().into(),
        Ok(mut connection) => {
            if let Err(error) = inside(&mut connection, &mut facts, &mut private).await {
                facts["fault"] = error.to_string().into();
            }
            // A check that takes too long is left to end with this process.
            let checked = tokio::time::timeout(CHECKED_WITHIN, health::quick_check(&mut connection)).await;
            facts["integrity"] = match checked {
                Ok(Ok(complaints)) if complaints.is_empty() => "ok".into(),
                Ok(Ok(complaints)) => json!(complaints),
                Ok(Err(error)) => error.to_string().into(),
                Err(_) => format!("not known after {} seconds", CHECKED_WITHIN.as_secs()).into(),
            };
        }
    }
    Look { facts, private }
}

/// With its log where there is one, else so that SQLite makes no file beside it.
async fn open(paths: &StorePaths) -> Result<SqliteConnection, StoreError> {
    if paths.wal().exists()
        && let Ok(mut connection) = connect::reader(&paths.db).await
        && query_scalar::<_, i64>("PRAGMA schema_version").fetch_one(&mut connection).await.is_ok()
    {
        return Ok(connection);
    }
    connect::copy(&paths.db).await
}

async fn inside(
    connection: &mut SqliteConnection,
    facts: &mut Value,
    private: &mut Vec<String>,
) -> Result<(), StoreError> {
    for pragma in ["page_size", "page_count", "freelist_count", "user_version", "application_id"] {
        let value: i64 =
            query_scalar(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).fetch_one(&mut *connection).await?;
        facts[pragma] = value.into();
    }
    if schema::owner(connection).await? != schema::Owner::Jamey {
        facts["fault"] = "it holds another program's tables, or none".into();
        return Ok(());
    }
    facts["version"] = schema::version(connection).await?.into();
    let known = "SELECT name, title, cwd FROM sessions ORDER BY updated_at DESC LIMIT ?";
    let rows: Vec<(Option<String>, Option<String>, String)> =
        query_as(known).bind(MOST_NAMES).fetch_all(&mut *connection).await?;
    for (name, title, cwd) in rows {
        private.extend(name.into_iter().chain(title).chain([cwd]));
    }
    private.sort_unstable();
    private.dedup();
    let mut rows = Map::new();
    for table in ["sessions", "events", "spans", "done", "open_items", "ops", "open_text"] {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        rows.insert(
            table.to_owned(),
            query_scalar::<_, i64>(count).fetch_one(&mut *connection).await?.into(),
        );
    }
    facts["rows"] = Value::Object(rows);
    let kind = "coalesce(events.body, bodies.body) ->> '$.type'";
    let events = "events LEFT JOIN bodies ON bodies.event = events.id";
    for (name, column, table) in [("sessionsByStatus", "status", "sessions"), ("eventsByKind", kind, events)]
    {
        let counts = format!("SELECT {column}, count(*) FROM {table} GROUP BY 1");
        let counts: Vec<(String, i64)> =
            query_as(sqlx::AssertSqlSafe(counts)).fetch_all(&mut *connection).await?;
        facts[name] =
            counts.into_iter().map(|(kind, count)| (kind, count.into())).collect::<Map<_, _>>().into();
    }
    let largest = "SELECT max(head) FROM sessions";
    facts["longestSession"] =
        query_scalar::<_, Option<i64>>(largest).fetch_one(&mut *connection).await?.into();
    Ok(())
}

//! The database's versions: forward only, each step in one transaction, with a backup before the
//! first step on a database that holds something.

use sqlx::{
    SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    query_scalar,
};

use super::{StoreError, StorePaths, backup};

/// One step to the next version.
pub(super) struct Step {
    /// The version it leads to.
    pub(super) version: i64,
    /// What it does, for the record in the database.
    pub(super) name: &'static str,
    /// How.
    pub(super) sql: &'static str,
}

/// All steps from an empty file. Only ever appended to.
pub(super) const STEPS: &[Step] = &[
    Step { version: 1, name: "sessions", sql: include_str!("../../migrations/0001_sessions.sql") },
    Step { version: 2, name: "leaner", sql: include_str!("../../migrations/0002_leaner.sql") },
    Step { version: 3, name: "ledger", sql: include_str!("../../migrations/0003_ledger.sql") },
    Step { version: 4, name: "estimates", sql: include_str!("../../migrations/0004_estimates.sql") },
];

/// The newest version that this program can use.
pub(super) fn newest() -> i64 {
    STEPS.last().map_or(0, |step| step.version)
}

/// Reads the version of an open database from the record of its steps, which a bit that flips in the
/// header cannot change.
pub(super) async fn version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    if !tables(connection).await?.iter().any(|table| table == "_sqlx_migrations") {
        return Ok(0);
    }
    let version: Option<i64> =
        query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success").fetch_one(connection).await?;
    Ok(version.unwrap_or(0))
}

async fn tables(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let tables = query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'");
    Ok(tables.fetch_all(connection).await?)
}

/// Tells whether a database has Jamey's tables, another program's, or none.
pub(super) async fn owner(connection: &mut SqliteConnection) -> Result<Owner, StoreError> {
    let tables = tables(connection).await?;
    let ours = |name: &str| tables.iter().any(|table| table == name);
    Ok(if ours("events") && ours("_sqlx_migrations") {
        Owner::Jamey
    } else if tables.iter().any(|table| table != "_sqlx_migrations") {
        Owner::Other
    } else {
        Owner::Nobody
    })
}

/// Whose tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Ours.
    Jamey,
    /// Another program's.
    Other,
    /// It has none.
    Nobody,
}

/// Brings a database to the version of the last of `steps`. Returns a notice if it was an old one.
pub(super) async fn bring_up(
    connection: &mut SqliteConnection,
    steps: &'static [Step],
    paths: &StorePaths,
) -> Result<Option<String>, StoreError> {
    let found = version(connection).await?;
    let known = steps.last().map_or(0, |step| step.version);
    if found > known {
        return Err(StoreError::Newer { path: paths.db.clone(), found, known });
    }
    if found == known {
        return Ok(None);
    }
    let saved = if found > 0 { Some(backup::make(connection, paths).await?) } else { None };
    let migrations = steps
        .iter()
        .map(|step| {
            let sql = sqlx::SqlStr::from_static(step.sql);
            Migration::new(step.version, step.name.into(), MigrationType::Simple, sql, false)
        })
        .collect();
    Migrator::with_migrations(migrations).run(&mut *connection).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error)
        | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Internal(other.to_string()),
    })?;
    Ok(saved.map(|saved| {
        format!(
            "The database was brought from version {found} to {known}; a copy of the old one is {}",
            saved.display()
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, connect, health};

    /// What a later version might do, and what one might get wrong.
    const LATER: &[Step] = &[
        Step { version: 1, name: "sessions", sql: STEPS[0].sql },
        Step { version: 2, name: "leaner", sql: STEPS[1].sql },
        Step { version: 3, name: "ledger", sql: STEPS[2].sql },
        Step { version: 4, name: "estimates", sql: STEPS[3].sql },
        Step { version: 5, name: "pins", sql: "CREATE TABLE pins (session INTEGER) STRICT;" },
    ];
    const BROKEN: &[Step] = &[
        Step { version: 1, name: "sessions", sql: STEPS[0].sql },
        Step { version: 2, name: "leaner", sql: STEPS[1].sql },
        Step { version: 3, name: "ledger", sql: STEPS[2].sql },
        Step { version: 4, name: "estimates", sql: STEPS[3].sql },
        Step { version: 5, name: "pins", sql: "CREATE TABLE pins (x TEXT) STRICT; DROP TABLE nothing;" },
    ];

    async fn old_database(folder: &std::path::Path) -> StorePaths {
        let paths = StorePaths {
            db: folder.join("jamey.db"),
            backups: folder.join("backups"),
            quarantine: folder.join("quarantine"),
        };
        let (store, _) = Store::open(paths.clone()).await.unwrap();
        store.close().await;
        paths
    }

    #[tokio::test]
    async fn an_old_database_is_copied_before_it_is_brought_up() {
        let folder = tempfile::tempdir().unwrap();
        let paths = old_database(folder.path()).await;
        let mut connection = connect::writer(&paths.db).await.unwrap();
        let notice = bring_up(&mut connection, LATER, &paths).await.unwrap().unwrap();
        assert!(notice.contains("from version 4 to 5"), "{notice}");
        assert_eq!(version(&mut connection).await.unwrap(), 5);
        assert_eq!(bring_up(&mut connection, LATER, &paths).await, Ok(None));
        let copies = backup::list(&paths).unwrap();
        assert_eq!(copies.len(), 1);
        health::check_copy(&copies[0]).await.unwrap();
    }

    #[tokio::test]
    async fn a_step_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let paths = old_database(folder.path()).await;
        let mut connection = connect::writer(&paths.db).await.unwrap();
        bring_up(&mut connection, BROKEN, &paths).await.unwrap_err();
        assert_eq!(version(&mut connection).await.unwrap(), 4);
        assert!(!tables(&mut connection).await.unwrap().contains(&"pins".to_owned()));
        connect::close(connection).await;
        let (_, notices) = Store::open(paths).await.unwrap();
        assert!(notices.is_empty(), "{notices:?}");
    }
}

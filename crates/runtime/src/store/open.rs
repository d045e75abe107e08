//! The start: look, repair, check, bring up to date, recover, pack. In this order, and with nothing that
//! grows with the length of the history.

use std::fs;

use sqlx::{SqliteConnection, query_scalar};

use super::{
    StoreError, StorePaths, backup, connect, health,
    inspect::{Found, inspect},
    pack,
    paths::{keep_private, make_private},
    recovery,
    repair::{self, repair},
    schema,
};

/// A database that is ready for use.
pub(super) struct Opened {
    /// The connection that writes.
    pub(super) writer: SqliteConnection,
    /// What a person should know.
    pub(super) notices: Vec<String>,
    /// The last end was unclean and the database is too large to be checked before it is used.
    pub(super) unchecked: bool,
    /// When a session changed last, in milliseconds since 1970; 0 without sessions.
    pub(super) last_change: i64,
}

/// Opens the database, repairing it at most once.
pub(super) async fn open(paths: &StorePaths) -> Result<Opened, StoreError> {
    repair::finish_interrupted(paths)?;
    let mut notices = Vec::new();
    let mut opened = match attempt(paths).await {
        Err(StoreError::Corrupt { reason }) => {
            notices = repair(paths, &reason).await?;
            attempt(paths).await?
        }
        other => other?,
    };
    notices.append(&mut opened.notices);
    Ok(Opened { notices, ..opened })
}

async fn attempt(paths: &StorePaths) -> Result<Opened, StoreError> {
    let mut notices = Vec::new();
    let (unclean, bytes) = match inspect(paths).await? {
        Found::Damaged(reason) => return Err(StoreError::Corrupt { reason }),
        Found::Database { unclean, bytes } => (unclean, bytes),
        Found::Nothing => {
            if let Some(copy) = backup::list(paths)?.first()
                && !paths.suspect().exists()
            {
                notices.push(format!(
                    "There was no database, so a new one was begun. A backup of {} is {}; to have it back, \
                     stop Jamey, copy it to {} and start again.",
                    backup::time_of(copy),
                    copy.display(),
                    paths.db.display()
                ));
            }
            if paths.db.exists() {
                notices.push(format!(
                    "The database {} was an empty file and there was no backup, so the history begins EMPTY.",
                    paths.db.display()
                ));
            } else {
                make_private(&paths.db)?;
            }
            (false, 0)
        }
    };
    keep_private(&paths.db)?;
    let mut writer = connect::writer(&paths.db).await?;
    match ready(&mut writer, paths, unclean, bytes).await {
        Ok((mut more, unchecked, last_change)) => {
            notices.append(&mut more);
            let (writer, more) = pack::at_start(writer, paths).await?;
            notices.extend(more);
            Ok(Opened { writer, notices, unchecked, last_change })
        }
        Err(error) => {
            connect::close(writer).await;
            Err(error)
        }
    }
}

async fn ready(
    writer: &mut SqliteConnection,
    paths: &StorePaths,
    unclean: bool,
    bytes: u64,
) -> Result<(Vec<String>, bool, i64), StoreError> {
    connect::check_sqlite(writer).await?;
    let suspect = paths.suspect();
    let is_suspect = suspect.exists();
    let (mut unchecked, mut checked) = (false, false);
    if is_suspect || (unclean && bytes <= health::CHECKED_AT_START) {
        if schema::version(writer).await? > 0 {
            health::check(writer).await?;
            checked = true;
        }
    } else {
        unchecked = unclean;
    }
    if is_suspect {
        fs::remove_file(&suspect).map_err(|error| StoreError::file("remove", &suspect, &error))?;
    }
    let mut notices = Vec::new();
    notices.extend(schema::bring_up(writer, schema::STEPS, paths).await?);
    if checked {
        let sizes = pack::measure(writer, paths).await?;
        pack::note(writer, "check", sizes).await?;
    }
    notices.extend(recovery::close_open_turns(writer).await?);
    let last_change: Option<i64> =
        query_scalar("SELECT max(updated_at) FROM sessions").fetch_one(&mut *writer).await?;
    Ok((notices, unchecked, last_change.unwrap_or(0)))
}

//! Copies as a person sees them: listed, looked into, and put in the place of the database.
//!
//! Invariant: a copy is proven before anything is touched, what was in use is set aside whole, and a crash
//! at any point leaves either the old database or the copy in use.

use std::{
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use jamey_protocol::backup::{Backup, Contents, Restore};
use sqlx::{Row, SqliteConnection, query};

use super::{
    Store, StoreError, StorePaths, backup, connect, health,
    paths::{beside, keep_private, remove, sync_file, sync_folder},
    repair::{self, set_aside},
};

/// When a copy was made, in milliseconds since 1970.
pub(super) fn made_at(copy: &Path) -> Option<i64> {
    let made = fs::metadata(copy).ok()?.modified().ok()?;
    i64::try_from(made.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

fn described(copy: &Path) -> Backup {
    Backup {
        path: copy.display().to_string(),
        name: copy.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        at: made_at(copy),
        bytes: fs::metadata(copy).map_or(0, |meta| meta.len()),
    }
}

impl Store {
    /// The copies, newest first.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub fn backups(&self) -> Result<Vec<Backup>, StoreError> {
        Ok(backup::list(&self.shared.paths)?.iter().map(|copy| described(copy)).collect())
    }

    /// Describes a copy that was made.
    #[must_use]
    pub fn describe_backup(&self, copy: &Path) -> Backup {
        described(copy)
    }
}

/// Finds a copy and proves that it is whole, ours and of a version we know. `which` is the name of one of
/// the backups or a file; none is the newest backup. Changes nothing.
///
/// # Errors
/// When there is no such copy, or it will not do.
pub async fn preview(paths: &StorePaths, which: Option<&Path>) -> Result<Restore, StoreError> {
    let paths = paths.absolute()?;
    let copy = find(&paths, which)?;
    health::check_copy(&copy).await?;
    let mut connection = connect::copy(&copy).await?;
    let holds = contents(&mut connection).await;
    connect::close(connection).await;
    let present = if paths.db.is_file() { present(&paths).await.ok() } else { None };
    Ok(Restore { copy: described(&copy), holds: holds?, present, aside: None })
}

/// Puts a copy in the place of the database, which nobody may have open, and returns where the old one
/// lies now, if there was one.
///
/// # Errors
/// When the copy will not do or a file cannot be written; then the old database is in use as before.
pub async fn apply(paths: &StorePaths, copy: &Path) -> Result<Option<PathBuf>, StoreError> {
    let paths = paths.absolute()?;
    repair::finish_interrupted(&paths)?;
    let copy = find(&paths, Some(copy))?;
    let restoring = paths.restoring();
    let staged = stage(&copy, &restoring).await;
    if let Err(error) = staged {
        remove(&restoring)?;
        return Err(error);
    }
    // What the log of the old database holds belongs into its file, which must be whole by itself at any
    // moment from now on. If it is damaged it is set aside as it is.
    if paths.db.is_file()
        && let Ok(connection) = connect::writer(&paths.db).await
    {
        connect::close(connection).await;
    }
    let had_one = paths.db.exists() || paths.wal().exists();
    let aside = set_aside(&paths).await?;
    fs::rename(&restoring, &paths.db).map_err(|error| StoreError::file("restore", &paths.db, &error))?;
    sync_folder(paths.folder())?;
    Ok(had_one.then_some(aside))
}

async fn stage(copy: &Path, restoring: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::file("copy", copy, &error);
    super::room::check(restoring, fs::metadata(copy).map_err(failed)?.len())?;
    // The name must say that it is whole, so it comes last.
    let growing = beside(restoring, "-unfinished");
    remove(&growing)?;
    fs::copy(copy, &growing).map_err(failed)?;
    let checked = async {
        keep_private(&growing)?;
        sync_file(&growing)?;
        health::check_copy(&growing).await
    };
    if let Err(error) = checked.await {
        remove(&growing)?;
        return Err(error);
    }
    fs::rename(&growing, restoring).map_err(|error| StoreError::file("rename", &growing, &error))?;
    if let Some(folder) = restoring.parent() {
        sync_folder(folder)?;
    }
    Ok(())
}

/// A name in the folder of the copies, or a file anywhere.
fn find(paths: &StorePaths, which: Option<&Path>) -> Result<PathBuf, StoreError> {
    let unfit = |message: String| Err(StoreError::BadRequest(message));
    let Some(which) = which else {
        let newest = backup::list(paths)?.into_iter().next();
        return newest.map_or_else(|| unfit("there is no backup yet".into()), Ok);
    };
    let named = backup::list(paths)?.into_iter().find(|copy| {
        copy.file_name() == Some(which.as_os_str()) || copy.file_stem() == Some(which.as_os_str())
    });
    let copy = match named {
        Some(copy) => copy,
        None => std::path::absolute(which).map_err(|error| StoreError::file("use", which, &error))?,
    };
    let shown = copy.display();
    if !copy.is_file() {
        return unfit(format!("{shown} is neither the name of a backup nor a file"));
    }
    if same_file::is_same_file(&copy, &paths.db).unwrap_or(false) {
        return unfit(format!("{shown} is the database that is in use"));
    }
    if fs::metadata(beside(&copy, "-wal")).is_ok_and(|meta| meta.len() > 0) {
        return unfit(format!(
            "{shown} has a log beside it, so it is a database in use and no finished copy"
        ));
    }
    Ok(copy)
}

async fn present(paths: &StorePaths) -> Result<Contents, StoreError> {
    let mut connection = if paths.wal().exists() {
        connect::reader(&paths.db).await?
    } else {
        connect::copy(&paths.db).await?
    };
    let found = contents(&mut connection).await;
    connect::close(connection).await;
    found
}

async fn contents(connection: &mut SqliteConnection) -> Result<Contents, StoreError> {
    let row = query("SELECT count(*) AS sessions, max(updated_at) AS newest FROM sessions")
        .fetch_one(connection)
        .await?;
    let sessions = u64::try_from(row.try_get::<i64, _>("sessions")?).unwrap_or(0);
    Ok(Contents { sessions, newest: row.try_get("newest")? })
}

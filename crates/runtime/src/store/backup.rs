//! Verified copies of the database: one a day, and one before anything that cannot be taken back. The
//! newest are kept, as many as the person wants.
//!
//! A copy has its final name only after it was synced and checked, so every `jamey-*.db` in the
//! folder was good when it was made.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sqlx::SqliteConnection;

use super::{
    StoreError, StorePaths, connect, health,
    paths::{keep_private, make_folder, remove, sync_file, sync_folder},
};

/// When the newest copy is older, another is due.
const DUE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Lists the copies, newest first. Their names hold their time, so they sort.
pub(super) fn list(paths: &StorePaths) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |error: std::io::Error| StoreError::file("read", &paths.backups, &error);
    let entries = match fs::read_dir(&paths.backups) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("jamey-") && name.ends_with(".db")) {
            found.push(entry.path());
        }
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    Ok(found)
}

/// Tells whether no copy is of the last day. One from a future that a wrong clock made does not count, so
/// that it neither keeps the next from being made nor lets one be made at each start.
pub(super) fn is_due(paths: &StorePaths) -> Result<bool, StoreError> {
    let now = SystemTime::now();
    for copy in list(paths)? {
        let made = fs::metadata(&copy)
            .and_then(|meta| meta.modified())
            .map_err(|error| StoreError::file("read", &copy, &error))?;
        if now.duration_since(made).is_ok_and(|age| age <= DUE_AFTER) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Copies the database that `connection` has open, and returns where the copy is.
pub(super) async fn make(
    connection: &mut SqliteConnection,
    paths: &StorePaths,
) -> Result<PathBuf, StoreError> {
    make_folder(&paths.backups)?;
    let growing = paths.backups.join("unfinished.db");
    let made = copy_verified(connection, &growing).await;
    if made.is_err() {
        // The reason is in `made`; what is left of the copy is of no use.
        let _ = fs::remove_file(&growing);
    }
    made?;
    let copy = free_name(&paths.backups, &connect::stamp().await?);
    fs::rename(&growing, &copy).map_err(|error| StoreError::file("rename", &growing, &error))?;
    sync_folder(&paths.backups)?;
    Ok(copy)
}

/// Removes all but the newest `kept` copies.
pub(super) fn prune(paths: &StorePaths, kept: usize) -> Result<(), StoreError> {
    list(paths)?.iter().skip(kept.max(1)).try_for_each(|old| remove(old))
}

/// Writes the database that `connection` has open to a new file, synced and checked.
pub(super) async fn copy_verified(connection: &mut SqliteConnection, to: &Path) -> Result<(), StoreError> {
    remove(to)?;
    let name = to.to_str().ok_or_else(|| StoreError::File {
        action: "use",
        path: to.into(),
        reason: "its name is not Unicode".into(),
    })?;
    sqlx::query("VACUUM INTO ?").bind(name).execute(connection).await?;
    keep_private(to)?;
    sync_file(to)?;
    health::check_copy(to).await
}

/// A name that no copy has yet; two in one second differ by a number.
fn free_name(folder: &Path, stamp: &str) -> PathBuf {
    let mut name = folder.join(format!("jamey-{stamp}.db"));
    let mut number = 2;
    while name.exists() {
        name = folder.join(format!("jamey-{stamp}-{number}.db"));
        number += 1;
    }
    name
}

/// What the name of a copy says about its time, as `2026-11-23 20:31 UTC`.
pub(super) fn time_of(copy: &Path) -> String {
    let stem = copy.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let stamp = stem.trim_start_matches("jamey-");
    let part = |from: usize, to: usize| stamp.get(from..to).unwrap_or("??");
    format!("{}-{}-{} {}:{} UTC", part(0, 4), part(4, 6), part(6, 8), part(9, 11), part(11, 13))
}

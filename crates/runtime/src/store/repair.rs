//! What is done with a damaged database: it is set aside, whole, and the newest good copy takes its
//! place. Nothing is deleted and nothing happens without a sentence for the person.

use std::{fs, path::PathBuf};

use super::{
    StoreError, StorePaths, backup, connect, health,
    paths::{keep_private, make_folder, make_private, remove, sync_file, sync_folder},
};

/// Ends a repair that a crash cut between its two renames.
pub(super) fn finish_interrupted(paths: &StorePaths) -> Result<(), StoreError> {
    // Packing that was cut short has changed nothing.
    remove(&paths.packed())?;
    let restoring = paths.restoring();
    if !restoring.exists() {
        return Ok(());
    }
    if paths.db.exists() {
        // The damaged files were not moved yet; the repair begins again with a fresh copy.
        return remove(&restoring);
    }
    fs::rename(&restoring, &paths.db).map_err(|error| StoreError::file("rename", &restoring, &error))?;
    sync_folder(paths.folder())
}

/// Sets the damaged files aside and restores the newest good copy. Returns what to tell the person.
pub(super) async fn repair(paths: &StorePaths, reason: &str) -> Result<Vec<String>, StoreError> {
    tracing::error!(reason, "the database is damaged");
    let mut notices = Vec::new();
    mark_suspect(paths);
    let restored = stage_newest_good(paths, &mut notices).await?;
    let aside = set_aside(paths).await?;
    if restored.is_some() {
        let restoring = paths.restoring();
        fs::rename(&restoring, &paths.db).map_err(|error| StoreError::file("restore", &paths.db, &error))?;
        sync_folder(paths.folder())?;
    }
    let damaged =
        format!("The database was damaged ({reason}). The damaged files are kept in {}.", aside.display());
    notices.push(match restored {
        Some(copy) => format!(
            "{damaged} The backup of {} was restored; what was said after that is not in this history.",
            backup::time_of(&copy)
        ),
        None => format!("{damaged} There was no good backup to restore, so the history begins EMPTY."),
    });
    Ok(notices)
}

/// Makes the next start check the whole database.
pub(super) fn mark_suspect(paths: &StorePaths) {
    let mark = paths.suspect();
    if !mark.exists()
        && let Err(error) = make_private(&mark)
    {
        tracing::warn!(%error, "could not mark the database for a check");
    }
}

/// Puts a verified copy of the newest good backup beside the database.
async fn stage_newest_good(
    paths: &StorePaths,
    notices: &mut Vec<String>,
) -> Result<Option<PathBuf>, StoreError> {
    let restoring = paths.restoring();
    for copy in backup::list(paths)? {
        fs::copy(&copy, &restoring).map_err(|error| StoreError::file("restore", &copy, &error))?;
        match health::check_copy(&restoring).await {
            Ok(()) => {
                keep_private(&restoring)?;
                sync_file(&restoring)?;
                return Ok(Some(copy));
            }
            Err(error) => {
                notices.push(format!("The backup {} was passed over: {error}.", copy.display()));
                remove(&restoring)?;
            }
        }
    }
    Ok(None)
}

/// Moves the database, its log and the log's index into a folder of their own.
pub(super) async fn set_aside(paths: &StorePaths) -> Result<PathBuf, StoreError> {
    let stamp = connect::stamp().await?;
    let mut aside = paths.quarantine.join(&stamp);
    let mut number = 2;
    while aside.exists() {
        aside = paths.quarantine.join(format!("{stamp}-{number}"));
        number += 1;
    }
    make_folder(&aside)?;
    // The log goes first: left beside a restored database it would be applied to it. The mark goes
    // last, so that a crash in between leads here again.
    for file in [paths.wal(), paths.shm(), paths.db.clone(), paths.suspect()] {
        let Some(name) = file.file_name() else { continue };
        match fs::rename(&file, aside.join(name)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::file("set aside", &file, &error)),
        }
    }
    sync_folder(&aside)?;
    sync_folder(paths.folder())?;
    Ok(aside)
}

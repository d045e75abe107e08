//! Removing everything that Jamey keeps for this person: settings, sessions, backups, logs, weights.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jamey_ipc::{Folders, instance::Lock};
use jamey_protocol::{ApiError, ErrorCode};

/// The folders that would go, those that are there, each once and none within another.
#[must_use]
pub fn folders(all: &Folders) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in [&all.config, &all.data, &all.cache, &all.models, &all.run] {
        let is_within = found.iter().any(|other| folder.starts_with(other));
        if !is_within && folder.symlink_metadata().is_ok() {
            found.push(folder.clone());
        }
    }
    found
}

/// Removes them. A folder that is a link loses the link alone.
///
/// # Errors
/// While a runtime lives, or when something stays.
pub fn purge(all: &Folders) -> Result<(), ApiError> {
    if Lock::holder(all).is_some() {
        return Err(ApiError::new(ErrorCode::Conflict, "a runtime is running with this data")
            .hint("end it first: jamey runtime stop"));
    }
    for folder in folders(all) {
        remove(&folder).map_err(|error| {
            ApiError::new(ErrorCode::Storage, format!("{} cannot be removed: {error}", folder.display()))
                .hint("remove what is left by hand")
        })?;
    }
    if let Some(home) = std::env::var_os("JAMEY_HOME").filter(|home| !home.is_empty()) {
        // Only when nothing else is in it: the person chose that folder.
        let _ = fs::remove_dir(home);
    }
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    if folder.symlink_metadata()?.is_symlink() { fs::remove_file(folder) } else { fs::remove_dir_all(folder) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purge_takes_our_folders_and_nothing_beside_them() {
        let temp = tempfile::tempdir().unwrap();
        let folders_of = Folders::under(&temp.path().join("jamey"));
        folders_of.create().unwrap();
        fs::write(folders_of.runtime_toml(), "").unwrap();
        fs::write(temp.path().join("mine.txt"), "stays").unwrap();
        assert!(folders(&folders_of).contains(&folders_of.config));
        purge(&folders_of).unwrap();
        assert!(folders(&folders_of).is_empty(), "{:?}", folders(&folders_of));
        assert!(temp.path().join("mine.txt").exists());
    }

    #[test]
    fn nothing_goes_while_a_runtime_lives() {
        let temp = tempfile::tempdir().unwrap();
        let all = Folders::under(temp.path());
        all.create().unwrap();
        let lock = Lock::acquire(&all).unwrap();
        assert_eq!(purge(&all).unwrap_err().code, ErrorCode::Conflict);
        assert!(all.config.exists());
        drop(lock);
    }
}

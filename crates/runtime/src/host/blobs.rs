//! Files that belong to sessions: what tools said at length, in a folder for each session.
//!
//! A session takes its files with it. What a crash left behind is swept later, and only when it has lain
//! untouched for a week: a database that was set aside by a restore may still be wanted back.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jamey_protocol::SessionId;

use crate::store::{Store, StoreError};

/// Orphans stay for so long.
const MOURNING: Duration = Duration::from_secs(7 * 24 * 3600);

/// The files of all sessions.
#[derive(Clone, Debug)]
pub struct Blobs(pub PathBuf);

impl Blobs {
    /// Removes the files of a session.
    pub fn remove(&self, session: SessionId) {
        let folder = self.0.join(session.to_string());
        if let Err(error) = fs::remove_dir_all(&folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            // They are swept later.
            tracing::warn!(%error, folder = %folder.display(), "the files of a deleted session stay for now");
        }
    }

    /// What all files take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        fn below(folder: &Path) -> u64 {
            entries(folder)
                .filter_map(|entry| {
                    let kind = entry.file_type().ok()?;
                    Some(if kind.is_dir() { below(&entry.path()) } else { entry.metadata().ok()?.len() })
                })
                .sum()
        }
        below(&self.0)
    }

    /// Removes the files of sessions that are no more. Returns how many folders and files that were.
    ///
    /// # Errors
    /// When the database cannot be read; then nothing more is removed.
    pub async fn sweep(&self, store: &Store) -> Result<usize, StoreError> {
        let mut swept = 0;
        for entry in entries(&self.0).filter(is_old).collect::<Vec<_>>() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_orphan = if is_folder {
                match name.parse::<SessionId>() {
                    Ok(session) => store.session(session).await?.is_none(),
                    Err(_) => false,
                }
            } else {
                // Those of the first version lay side by side; only the log knows whose they are.
                name.ends_with(".txt") && store.mentioned(&[name]).await?.is_empty()
            };
            if is_orphan {
                let path = entry.path();
                let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                match removed {
                    Ok(()) => swept += 1,
                    Err(error) => {
                        tracing::warn!(%error, path = %path.display(), "an orphan cannot be removed");
                    }
                }
            }
        }
        Ok(swept)
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn is_old(entry: &fs::DirEntry) -> bool {
    let changed = entry.metadata().and_then(|meta| meta.modified());
    changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age > MOURNING))
}

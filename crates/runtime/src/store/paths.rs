//! Where the store's files are, and that only their owner may read them.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
};

use jamey_ipc::Folders;

use super::StoreError;

/// The store's places. All of them should be on one file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorePaths {
    /// The database file; its `-wal` and `-shm` lie beside it.
    pub db: PathBuf,
    /// The folder of verified copies.
    pub backups: PathBuf,
    /// The folder for damaged files. Nothing in it is ever deleted.
    pub quarantine: PathBuf,
}

impl StorePaths {
    /// The customary places.
    #[must_use]
    pub fn of(folders: &Folders) -> Self {
        Self {
            db: folders.db(),
            backups: folders.data.join("backups"),
            quarantine: folders.data.join("quarantine"),
        }
    }

    /// Makes all paths absolute, since SQLite reads `file:` at the beginning of a name as a URL.
    pub(super) fn absolute(&self) -> Result<Self, StoreError> {
        let absolute =
            |path: &Path| std::path::absolute(path).map_err(|error| StoreError::file("use", path, &error));
        let mut db = absolute(&self.db)?;
        if db.is_symlink() {
            // SQLite keeps the log beside the file that the link names.
            db = std::fs::canonicalize(&db).map_err(|error| StoreError::file("follow", &db, &error))?;
        }
        let paths = Self { db, backups: absolute(&self.backups)?, quarantine: absolute(&self.quarantine)? };
        if paths.db.to_str().is_none() {
            return Err(StoreError::File {
                action: "use",
                path: paths.db,
                reason: "its name is not Unicode".into(),
            });
        }
        Ok(paths)
    }

    /// The write-ahead log. It is there exactly while the database is open, or if it was never
    /// closed.
    pub(super) fn wal(&self) -> PathBuf {
        beside(&self.db, "-wal")
    }

    /// The index of the log; it holds nothing of its own.
    pub(super) fn shm(&self) -> PathBuf {
        beside(&self.db, "-shm")
    }

    /// A backup on its way to become the database.
    pub(super) fn restoring(&self) -> PathBuf {
        beside(&self.db, "-restoring")
    }

    /// The database written anew, on its way to take its place.
    pub(super) fn packed(&self) -> PathBuf {
        beside(&self.db, "-packed")
    }

    /// Says that a read found damage, so that the next start looks closely whatever the size.
    pub(super) fn suspect(&self) -> PathBuf {
        beside(&self.db, "-suspect")
    }

    /// The folder of the database.
    pub(super) fn folder(&self) -> &Path {
        self.db.parent().unwrap_or_else(|| Path::new("/"))
    }
}

/// A path whose name ends with `suffix` besides.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes a folder for the owner alone; one that is already there stays as it is.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| StoreError::file("make the folder", folder, &error))
}

/// Removes a file, if it is there.
pub(super) fn remove(file: &Path) -> Result<(), StoreError> {
    for _ in 0..HELD_LOOKS {
        match fs::remove_file(file) {
            Err(error) if is_held(&error) => std::thread::sleep(HELD_PAUSE),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::file("remove", file, &error));
            }
            _ => return Ok(()),
        }
    }
    fs::remove_file(file).map_err(|error| StoreError::file("remove", file, &error))
}

/// How often, and how far apart, a file is tried again that somebody has open on Windows: a connection of ours
/// that failed and is closed by its own thread, or whoever looks for viruses. Half a second in all.
const HELD_LOOKS: u32 = 20;
const HELD_PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

/// Whether Windows refuses since somebody has the file open: `ERROR_SHARING_VIOLATION`.
fn is_held(error: &std::io::Error) -> bool {
    cfg!(windows) && error.raw_os_error() == Some(32)
}

/// Makes an empty file that only the owner may read.
pub(super) fn make_private(file: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(|error| StoreError::file("make", file, &error))
}

/// Takes other people's rights to a file away. SQLite gives the log and its index the same mode.
#[cfg(unix)]
pub(super) fn keep_private(file: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |error: std::io::Error| StoreError::file("open", file, &error);
    let mode = fs::metadata(file).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(())
}

/// Elsewhere the rights of the person's own folder are inherited.
#[cfg(not(unix))]
pub(super) fn keep_private(_file: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Makes new and renamed names in a folder survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| StoreError::file("sync", folder, &error))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Makes a file's contents survive a power cut.
pub(super) fn sync_file(file: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .write(true)
        .open(file)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::file("sync", file, &error))
}

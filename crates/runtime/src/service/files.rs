//! The files that a service consists of: shown, compared, written and removed.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use jamey_protocol::{ApiError, ErrorCode};

/// A file as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Where.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

impl Planned {
    /// Whether the file is so already.
    #[must_use]
    pub fn is_there(&self) -> bool {
        fs::read(&self.path).is_ok_and(|bytes| bytes == self.text.as_bytes())
    }

    /// Writes it, whole or not at all. Returns the topmost folder that had to be made, if any.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write(&self) -> Result<(), ApiError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let written = || -> io::Result<()> {
            fs::create_dir_all(folder)?;
            let beside = self.path.with_extension("jamey-new");
            let mut file = fs::File::create(&beside)?;
            file.write_all(self.text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)
        };
        written().map_err(|error| failed("written", &self.path, &error))
    }
}

/// Removes a file if it is there. Tells whether it was.
///
/// # Errors
/// When it is there and stays.
pub fn remove(path: &Path) -> Result<bool, ApiError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("removed", path, &error)),
    }
}

/// Removes folders that were made for such files and are empty now, from the inside out.
pub fn remove_empty(folder: &Path, levels: usize) {
    for folder in folder.ancestors().take(levels) {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

fn failed(what: &str, path: &Path, error: &io::Error) -> ApiError {
    ApiError::new(ErrorCode::Storage, format!("{} cannot be {what}: {error}", path.display()))
        .hint("check who owns that folder and whether it can be written")
}

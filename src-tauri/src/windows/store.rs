//! Where the web engine keeps what pages keep: below this home's data, so that each home has its own and it goes when
//! the data goes. On macOS the system decides where.

use std::{
    io,
    path::{Path, PathBuf},
};

use tauri::{AppHandle, Manager as _};

use crate::{desk::Desk, trouble};

/// Its folder.
pub(super) fn folder(app: &AppHandle) -> PathBuf {
    app.state::<Desk>().link.folders().data.join("window")
}

/// Moves what an earlier version kept elsewhere, once; to be called before the first window.
pub fn bring_over(app: &AppHandle) {
    let Ok(old) = app.path().app_local_data_dir() else { return };
    if let Err(error) = bring(&old, &folder(app)) {
        trouble::note(format_args!("drafts of an earlier version stay in {}: {error}", old.display()));
    }
}

fn bring(old: &Path, new: &Path) -> io::Result<()> {
    if new.exists() || !old.is_dir() {
        return Ok(());
    }
    if let Some(data) = new.parent() {
        std::fs::create_dir_all(data)?;
    }
    std::fs::rename(old, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_version_kept_is_moved_once() {
        let temp = tempfile::tempdir().unwrap();
        let (old, new) = (temp.path().join("old"), temp.path().join("data/window"));
        bring(&old, &new).unwrap();
        assert!(!new.exists(), "where nothing was, nothing is made");
        std::fs::create_dir(&old).unwrap();
        std::fs::write(old.join("draft"), "first").unwrap();
        bring(&old, &new).unwrap();
        assert_eq!(std::fs::read_to_string(new.join("draft")).unwrap(), "first");
        std::fs::create_dir(&old).unwrap();
        std::fs::write(old.join("draft"), "second").unwrap();
        bring(&old, &new).unwrap();
        assert_eq!(std::fs::read_to_string(new.join("draft")).unwrap(), "first");
    }
}

//! A runtime that cannot answer yet because it works on its database: brings it to a new form, checks it after
//! an unclean end, or takes a backup in its place. With a large history that takes minutes.
//!
//! The note lies beside the lock and counts only while the lock is held and the note is fresh, so that one
//! that was left behind by a death keeps nobody waiting.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::{Folders, instance::Lock};

/// How often whoever prepares says so again.
pub const AGAIN: Duration = Duration::from_secs(1);
/// After so long without that it does not prepare any more.
const FRESH: Duration = Duration::from_secs(10);

/// Says that a runtime prepares, or still does.
///
/// # Errors
/// When the note cannot be written.
pub fn note(folders: &Folders) -> io::Result<()> {
    fs::write(place(&folders.run), std::process::id().to_string())
}

/// Takes the note away.
pub fn remove(folders: &Folders) {
    // One that stays is soon no longer fresh.
    let _ = fs::remove_file(place(&folders.run));
}

/// Tells whether a runtime lives that prepares.
#[must_use]
pub fn is_preparing(folders: &Folders) -> bool {
    let noted = fs::metadata(place(&folders.run)).and_then(|facts| facts.modified());
    // A clock that was set back makes it come from the future; then it is as good as fresh.
    let is_fresh =
        noted.is_ok_and(|noted| SystemTime::now().duration_since(noted).unwrap_or_default() <= FRESH);
    is_fresh && Lock::holder(folders).is_some()
}

fn place(run: &Path) -> PathBuf {
    run.join("preparing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_counts_while_it_is_fresh_and_a_runtime_lives() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let lock = Lock::acquire(&folders).unwrap();
        assert!(!is_preparing(&folders));
        note(&folders).unwrap();
        assert!(is_preparing(&folders));
        let long_ago = SystemTime::now() - FRESH * 2;
        fs::File::options().write(true).open(place(&folders.run)).unwrap().set_modified(long_ago).unwrap();
        assert!(!is_preparing(&folders));
        note(&folders).unwrap();
        drop(lock);
        assert!(!is_preparing(&folders));
        remove(&folders);
        remove(&folders);
        assert!(!place(&folders.run).exists());
    }
}

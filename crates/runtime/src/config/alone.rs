//! One change of `runtime.toml` at a time: a change reads the file, edits it and puts it back, and what another wrote
//! meanwhile would be lost. Holds between processes too, since `jamey config set` writes by itself where no runtime runs.

use std::{
    fs::{self, File},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Who may change the file.
#[derive(Debug, Default)]
pub(super) struct Writing(Mutex<()>);

/// The right to change it, until this is dropped.
pub(super) struct Alone<'a> {
    file: Option<File>,
    _thread: MutexGuard<'a, ()>,
}

impl Writing {
    /// Waits for its turn. `path` is a file of ours that is locked; where that cannot be had, threads alone take turns.
    pub(super) fn alone(&self, path: &Path) -> Alone<'_> {
        let thread = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = path.parent() {
            let _ = fs::create_dir_all(folder);
        }
        let file = File::options().write(true).create(true).truncate(false).open(path).ok();
        Alone { file: file.filter(|file| file.lock().is_ok()), _thread: thread }
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        // Closing would do, but a child that is just being started may hold a copy for a moment.
        let _ = self.file.as_ref().map(File::unlock);
    }
}

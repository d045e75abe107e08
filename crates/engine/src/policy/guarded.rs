//! Jamey's own files, which no tool touches unasked.

use std::path::{Path, PathBuf};

use jamey_protocol::Access;

/// Where Jamey's own files lie. All paths are absolute with symlinks resolved.
#[derive(Clone, Copy, Debug)]
pub struct Guarded<'a> {
    /// Settings, keys, allowances, what is kept.
    pub folders: &'a [PathBuf],
    /// Below them, what this session's own tools said at length: its model was told to read that.
    pub own: &'a Path,
}

impl Guarded<'_> {
    /// Tells whether anything is written there, or read beyond the session's own.
    #[must_use]
    pub fn is_touched_by(self, accesses: &[Access]) -> bool {
        let is_in = |path: &Path| self.folders.iter().any(|folder| is_same_or_below(path, folder));
        accesses.iter().any(|access| match access {
            Access::Write { path } => is_in(path),
            Access::Read { path } => is_in(path) && !is_same_or_below(path, self.own),
            Access::Run { .. } | Access::System => false,
        })
    }
}

/// Where the usual file systems take names in any case, a name in another case is the same place.
fn is_same_or_below(path: &Path, folder: &Path) -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        let fold = |path: &Path| PathBuf::from(path.to_string_lossy().to_lowercase());
        return fold(path).starts_with(fold(folder));
    }
    path.starts_with(folder)
}

//! A folder that nobody can write to, as on a disk that the system mounted read-only.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Read-only as long as this is there.
pub struct ReadOnly {
    folder: PathBuf,
    /// Folders whose mode was changed, where no mount could be made.
    closed: Vec<PathBuf>,
}

impl ReadOnly {
    /// Makes everything below `folder` read-only: by a mount, or by modes for somebody whom those bind.
    ///
    /// # Panics
    /// When neither can be done.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        let mut made = Self { folder: folder.to_path_buf(), closed: Vec::new() };
        let mount =
            |command: &mut Command| command.arg(folder).output().is_ok_and(|ran| ran.status.success());
        let is_bound = mount(Command::new("mount").arg("--bind").arg(folder));
        if is_bound && mount(Command::new("mount").args(["-o", "remount,bind,ro"])) {
            return made;
        }
        made.close(folder);
        assert!(fs::write(folder.join("probe"), "").is_err(), "{} stays writable", folder.display());
        made
    }

    fn close(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.close(&entry.path());
            }
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
        self.closed.push(folder.to_path_buf());
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        for folder in self.closed.iter().rev() {
            let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
        }
        if self.closed.is_empty() {
            let _ = Command::new("umount").arg("-l").arg(&self.folder).output();
        }
    }
}

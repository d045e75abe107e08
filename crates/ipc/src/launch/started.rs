//! How the living runtime was started, so that a restart can start it the same way.
//!
//! The file lies beside the lock and is information: it counts only while the lock is held.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::Folders;

/// The variable by which whoever keeps the runtime says so, as `systemd:UNIT`, `launchd:LABEL` or
/// `keeper:PID`. A service of the whole machine (`scm:NAME`, Windows) is noted without it.
pub const KEEPER: &str = "JAMEY_SERVICE";

/// How a runtime was started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Started {
    /// Its process id.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// Its arguments behind `start --foreground`.
    pub arguments: Vec<String>,
    /// The service manager that keeps it, as the unit says; none for one that a person started.
    pub keeper: Option<String>,
}

impl Started {
    /// Describes this process.
    #[must_use]
    pub fn here(arguments: &[OsString]) -> Self {
        Self {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            arguments: arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            keeper: std::env::var(KEEPER).ok().filter(|keeper| !keeper.is_empty()),
        }
    }

    /// Notes it in the run folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folders: &Folders) -> io::Result<()> {
        std::fs::write(place(&folders.run), serde_json::to_vec(self)?)
    }

    /// Reads the note of the runtime that lives, or lived last.
    #[must_use]
    pub fn read(folders: &Folders) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(place(&folders.run)).ok()?).ok()
    }

    /// Takes the note away.
    pub fn remove(folders: &Folders) {
        // One that stays is overwritten by the next start.
        let _ = std::fs::remove_file(place(&folders.run));
    }

    /// The unit of systemd that keeps it.
    #[must_use]
    pub fn systemd_unit(&self) -> Option<&str> {
        self.keeper.as_deref()?.strip_prefix("systemd:")
    }

    /// The service of the whole machine that it is.
    #[must_use]
    pub fn machine_service(&self) -> Option<&str> {
        self.keeper.as_deref()?.strip_prefix("scm:")
    }

    /// The process of the program `jamey-keeper` that waits for its end.
    #[must_use]
    pub fn keeper_pid(&self) -> Option<u32> {
        self.keeper.as_deref()?.strip_prefix("keeper:")?.parse().ok()
    }
}

fn place(run: &Path) -> PathBuf {
    run.join("started.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_again_and_a_foreign_file_is_no_note() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        folders.prepare_run_dir().unwrap();
        assert_eq!(Started::read(&folders), None);
        let mut note = Started::here(&["--port".into(), "4000".into()]);
        note.keeper = Some("systemd:x.service".into());
        note.write(&folders).unwrap();
        assert_eq!(Started::read(&folders).as_ref(), Some(&note));
        assert_eq!(note.systemd_unit(), Some("x.service"));
        note.keeper = Some("keeper:12".into());
        assert_eq!((note.systemd_unit(), note.keeper_pid(), note.machine_service()), (None, Some(12), None));
        std::fs::write(place(&folders.run), "{").unwrap();
        assert_eq!(Started::read(&folders), None);
        Started::remove(&folders);
        assert!(!place(&folders.run).exists());
    }
}

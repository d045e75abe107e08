//! The folders and files that must be their owner's alone: looking at them, and closing them again.
//!
//! Runtime and `jamey doctor` judge by the same rules. What is put right is only what is surely ours: a
//! folder that is missing is made, and one that other users may enter is closed. Links, other people's
//! folders and files in a folder's place are told of and left alone.

use std::{
    io,
    path::{Path, PathBuf},
};

use jamey_protocol::health::Check;

use super::{Folders, private};

/// What lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder; it must be there.
    Folder,
    /// A file with a secret; it need not be there.
    Secret,
}

/// One folder or file that must be its owner's alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub kind: Kind,
}

/// What is wrong with a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not there.
    Missing,
    /// Others may look into it; its mode.
    Open(u32),
    /// It is there and of no use, in words, and what to do about it.
    Unfit(String, String),
}

impl Folders {
    /// Everything that must be its owner's alone, folders first.
    #[must_use]
    pub fn private_places(&self) -> Vec<Place> {
        let mut folders = vec![&self.config, &self.data, &self.cache, &self.run];
        folders.dedup();
        let folders = folders.into_iter().map(|path| Place { path: path.clone(), kind: Kind::Folder });
        let secrets = [self.dotenv(), self.token()].map(|path| Place { path, kind: Kind::Secret });
        folders.chain(secrets).collect()
    }
}

impl Place {
    /// Says what is wrong with it, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        let meta = match std::fs::metadata(&self.path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_needed = self.kind == Kind::Folder;
                return is_needed.then_some(Fault::Missing);
            }
            Err(error) => {
                return Some(self.unfit(
                    &format!("cannot be looked at: {error}"),
                    "make it readable for you, or set JAMEY_HOME to a folder that is",
                ));
            }
        };
        if self.kind == Kind::Folder && !meta.is_dir() {
            return Some(self.unfit("is not a folder", "move the file away, so that a folder can be made"));
        }
        self.access_fault(&meta)
    }

    fn unfit(&self, what: &str, remedy: &str) -> Fault {
        Fault::Unfit(format!("{} {what}", self.path.display()), remedy.to_owned())
    }

    #[cfg(unix)]
    fn access_fault(&self, meta: &std::fs::Metadata) -> Option<Fault> {
        use std::os::unix::fs::MetadataExt;
        let us = rustix::process::geteuid().as_raw();
        if meta.uid() != us {
            let what = format!("belongs to user {}, not to you (user {us})", meta.uid());
            return Some(
                self.unfit(&what, "have its owner give it to you, or set JAMEY_HOME to another folder"),
            );
        }
        if meta.mode() & 0o077 == 0 {
            return None;
        }
        if self.path.is_symlink() {
            // What a link leads to may be open on purpose.
            let what =
                format!("leads to something that other users can read (mode {:o})", meta.mode() & 0o777);
            return Some(self.unfit(&what, &self.by_hand()));
        }
        Some(Fault::Open(meta.mode() & 0o777))
    }

    /// The profile's own access list guards it here.
    #[cfg(not(unix))]
    fn access_fault(&self, _meta: &std::fs::Metadata) -> Option<Fault> {
        None
    }

    /// The fault in words.
    #[must_use]
    pub fn described(&self, fault: &Fault) -> String {
        let shown = self.path.display();
        match fault {
            Fault::Missing => format!("{shown} is not there"),
            Fault::Open(mode) => format!("{shown} can be read by other users (mode {mode:o})"),
            Fault::Unfit(what, _) => what.clone(),
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self, fault: &Fault) -> String {
        match fault {
            Fault::Missing => "the next start of the runtime makes it".to_owned(),
            Fault::Open(_) => self.by_hand(),
            Fault::Unfit(_, remedy) => remedy.clone(),
        }
    }

    /// The fault as a finding: what lays a secret open or keeps the door shut is worse than the rest.
    #[must_use]
    pub fn check(&self, name: &str, fault: &Fault) -> Check {
        let (finding, remedy) = (self.described(fault), self.remedy(fault));
        let is_grave = self.kind == Kind::Secret || matches!(fault, Fault::Unfit(..));
        let check = if is_grave {
            Check::broken(name, finding, remedy)
        } else {
            Check::warning(name, finding, remedy)
        };
        if matches!(fault, Fault::Unfit(..)) { check } else { check.mendable() }
    }

    /// The finding after an attempt to put the fault right.
    #[must_use]
    pub fn mended_check(&self, name: &str, fault: &Fault) -> Check {
        match self.mend(fault) {
            Ok(Some(what)) => Check::fine(name, format!("{} is in order", self.path.display())).mended(what),
            Ok(None) => self.check(name, fault),
            Err(error) => {
                let check = self.check(name, fault);
                Check { finding: format!("{}, and it cannot be put right: {error}", check.finding), ..check }
            }
        }
    }

    fn by_hand(&self) -> String {
        format!("close it: chmod {:o} '{}'", self.mode(), self.path.display())
    }

    fn mode(&self) -> u32 {
        if self.kind == Kind::Folder { 0o700 } else { 0o600 }
    }

    /// Puts a fault right, where that is safe; says what was done. Nothing for one that a person must look at.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn mend(&self, fault: &Fault) -> io::Result<Option<String>> {
        let shown = self.path.display();
        match fault {
            Fault::Missing => {
                private::create_with_parents(&self.path).map_err(|error| io::Error::other(error.message))?;
                Ok(Some(format!("made the folder {shown}, which was gone")))
            }
            Fault::Open(mode) => {
                close(&self.path, self.mode())?;
                Ok(Some(format!("closed {shown} to other users (its mode was {mode:o})")))
            }
            Fault::Unfit(..) => Ok(None),
        }
    }
}

#[cfg(unix)]
fn close(path: &Path, mode: u32) -> io::Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn close(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).map_or(0, |meta| meta.permissions().mode() & 0o777)
    }

    fn folder(path: PathBuf) -> Place {
        Place { path, kind: Kind::Folder }
    }

    #[test]
    fn what_is_loose_is_closed_and_what_is_missing_is_made() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let faults = |folders: &Folders| {
            folders
                .private_places()
                .into_iter()
                .filter_map(|it| it.fault().map(|f| (it, f)))
                .collect::<Vec<_>>()
        };
        assert!(faults(&folders).iter().all(|(_, fault)| *fault == Fault::Missing));
        folders.create().unwrap();
        folders.prepare_run_dir().unwrap();
        assert_eq!(faults(&folders), []);
        fs::write(folders.dotenv(), "KEY=x").unwrap();
        fs::set_permissions(folders.dotenv(), PermissionsExt::from_mode(0o644)).unwrap();
        fs::set_permissions(&folders.data, PermissionsExt::from_mode(0o755)).unwrap();
        fs::remove_dir_all(&folders.cache).unwrap();
        let found = faults(&folders);
        assert_eq!(found.len(), 3);
        for (place, fault) in found {
            assert!(place.mend(&fault).unwrap().is_some(), "{place:?}");
        }
        assert_eq!(faults(&folders), []);
        assert_eq!(
            (mode(&folders.dotenv()), mode(&folders.data), mode(&folders.cache)),
            (0o600, 0o700, 0o700)
        );
    }

    #[test]
    fn what_a_link_leads_to_and_a_file_in_a_folders_place_are_told_and_left() {
        let temp = tempfile::tempdir().unwrap();
        let open = temp.path().join("dotfiles");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, PermissionsExt::from_mode(0o755)).unwrap();
        let link = temp.path().join("link");
        symlink(&open, &link).unwrap();
        let file = temp.path().join("file");
        fs::write(&file, "precious").unwrap();
        for place in [folder(link), folder(file)] {
            let fault = place.fault().unwrap();
            assert!(matches!(fault, Fault::Unfit(..)), "{fault:?}");
            assert_eq!(place.mend(&fault).unwrap(), None);
        }
        assert_eq!(mode(&open), 0o755);
    }
}

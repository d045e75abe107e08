//! Computed prefixes on disk, so that the first answer after a start is as fast as the second.
//!
//! A file is named after everything that its content depends on, carries a checksum, and is written
//! under another name first. So a file that is there and whole is right; any other one is deleted.
//! llama.cpp must never see a damaged state: it may end the process over it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::llama::Token;

const MAGIC: &[u8; 8] = b"JMYPFX1\n";
const KEPT_FILES: usize = 4;
const SUFFIX: &str = "prefix";
const CHECKSUM: usize = 32;

/// What tells one set of weights from another without reading them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelIdentity {
    /// Bytes on disk.
    pub file_bytes: u64,
    /// When the file was last changed, in nanoseconds since 1970.
    pub modified: u128,
    /// The llama.cpp that computes.
    pub llama_version: String,
}

impl ModelIdentity {
    /// Looks at the file.
    pub fn of(path: &Path, llama_version: String) -> std::io::Result<Self> {
        let about = fs::metadata(path)?;
        let modified = about.modified()?.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
        Ok(Self { file_bytes: about.len(), modified, llama_version })
    }
}

/// A folder of computed prefixes of one model.
#[derive(Debug)]
pub struct PrefixStore {
    folder: PathBuf,
    identity: ModelIdentity,
    context: usize,
}

impl PrefixStore {
    /// Opens `folder`, creating it. `context` is the room that the states are made for.
    pub fn open(folder: PathBuf, identity: ModelIdentity, context: usize) -> std::io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, identity, context })
    }

    /// The file for `prefix`.
    pub fn path(&self, prefix: &[Token]) -> PathBuf {
        let mut hash = Sha256::new();
        hash.update(self.identity.file_bytes.to_le_bytes());
        hash.update(self.identity.modified.to_le_bytes());
        hash.update(self.identity.llama_version.as_bytes());
        hash.update((self.context as u64).to_le_bytes());
        for token in prefix {
            hash.update(token.to_le_bytes());
        }
        let name: String = hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect();
        self.folder.join(format!("{name}.{SUFFIX}"))
    }

    /// The state that was saved for `prefix`, if it is there and whole.
    pub fn load(&self, prefix: &[Token]) -> Option<Vec<u8>> {
        let path = self.path(prefix);
        let mut content = fs::read(&path).ok()?;
        let head = MAGIC.len() + CHECKSUM;
        let whole = content.len() > head
            && content.starts_with(MAGIC)
            && Sha256::digest(&content[head..]).as_slice() == &content[MAGIC.len()..head];
        if !whole {
            self.forget(prefix);
            return None;
        }
        // The folder keeps the newest files, and used ones count as new.
        let _ = File::options().write(true).open(&path).and_then(|f| f.set_modified(SystemTime::now()));
        content.drain(..head);
        Some(content)
    }

    /// Saves `state` for `prefix`. A failure is not worth more than a log line: the state can be computed again.
    pub fn save(&self, prefix: &[Token], state: &[u8]) {
        let path = self.path(prefix);
        let draft = path.with_extension(format!("{}.part", std::process::id()));
        let written = File::create(&draft)
            .and_then(|mut file| {
                file.write_all(MAGIC)?;
                file.write_all(&Sha256::digest(state))?;
                file.write_all(state)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&draft, &path));
        if let Err(problem) = written {
            eprintln!("local-model: the prefix was not kept: {problem}");
            let _ = fs::remove_file(&draft);
        }
        self.prune();
    }

    /// Deletes the state of `prefix`.
    pub fn forget(&self, prefix: &[Token]) {
        let _ = fs::remove_file(self.path(prefix));
    }

    /// Keeps the newest files, and no drafts of processes that died.
    fn prune(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut kept: Vec<(SystemTime, PathBuf)> = Vec::new();
        for path in entries.flatten().map(|e| e.path()) {
            match path.extension().and_then(|e| e.to_str()) {
                Some(SUFFIX) => {
                    let modified =
                        fs::metadata(&path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
                    kept.push((modified, path));
                }
                Some("part") => {
                    let _ = fs::remove_file(path);
                }
                _ => {}
            }
        }
        kept.sort();
        let surplus = kept.len().saturating_sub(KEPT_FILES);
        for (_, path) in kept.drain(..surplus) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn identity() -> ModelIdentity {
        ModelIdentity { file_bytes: 10, modified: 20, llama_version: "b1".into() }
    }

    fn store(folder: &Path) -> PrefixStore {
        PrefixStore::open(folder.join("cache"), identity(), 4096).unwrap()
    }

    #[test]
    fn a_saved_state_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        store.save(&[1, 2, 3], b"state");
        assert_eq!(store.load(&[1, 2, 3]).as_deref(), Some(b"state".as_slice()));
        assert_eq!(store.load(&[1, 2]), None);
    }

    #[test]
    fn the_name_depends_on_everything_the_state_depends_on() {
        let dir = tempfile::tempdir().unwrap();
        let base = store(dir.path()).path(&[1, 2]);
        let folder = dir.path().join("cache");
        let other =
            |identity, context| PrefixStore::open(folder.clone(), identity, context).unwrap().path(&[1, 2]);
        assert_eq!(other(identity(), 4096), base);
        assert_ne!(other(identity(), 2048), base);
        assert_ne!(other(ModelIdentity { file_bytes: 11, ..identity() }, 4096), base);
        assert_ne!(other(ModelIdentity { modified: 21, ..identity() }, 4096), base);
        assert_ne!(other(ModelIdentity { llama_version: "b2".into(), ..identity() }, 4096), base);
        assert_ne!(store(dir.path()).path(&[2, 1]), base);
    }

    #[test]
    fn a_damaged_file_is_ignored_and_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let path = store.path(&[7]);
        store.save(&[7], b"a longer state");
        let good = fs::read(&path).unwrap();
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for bad in [
            &b""[..],
            b"JMYPFX1\n",
            &good[..good.len() - 1],
            &flipped,
            b"something else altogether, and long enough",
        ] {
            fs::write(&path, bad).unwrap();
            assert_eq!(store.load(&[7]), None);
            assert!(!path.exists());
        }
    }

    #[test]
    fn only_the_newest_files_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        for token in 0..6 {
            store.save(&[token], b"state");
            let age = SystemTime::now() - Duration::from_secs(100 - u64::try_from(token).unwrap());
            File::options().write(true).open(store.path(&[token])).unwrap().set_modified(age).unwrap();
        }
        store.save(&[9], b"state");
        let there: Vec<bool> = [0, 1, 2, 3, 4, 5, 9].iter().map(|&t| store.path(&[t]).exists()).collect();
        assert_eq!(there, [false, false, false, true, true, true, true]);
    }
}

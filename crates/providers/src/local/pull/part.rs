//! The file that grows: `NAME.part`, locked while somebody writes it, and beside it the ledger of the
//! parts that are joined already.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest as _, Sha256};

use super::PullError;
use crate::local::Entry;

/// Whoever looks how much is left of it holds it no longer than this, together.
const TRIES: u32 = 10;
const GLANCE: Duration = Duration::from_millis(5);

/// A download that is under way. Holds the lock until it is dropped.
#[derive(Debug)]
pub(super) struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    length: u64,
}

impl Part {
    /// Opens or begins the part of `target`, and makes sure that nobody else writes it.
    pub(super) fn open(name: &str, target: &Path) -> Result<Self, PullError> {
        let path = beside(target, "part");
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(|why| disk("making the folder", folder, &why))?;
        }
        let mut tries = 0;
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(|why| disk("opening", &path, &why))?;
            match file.try_lock() {
                Ok(()) => {}
                // Whoever only looks how much is left holds it for a moment.
                Err(TryLockError::WouldBlock) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(GLANCE);
                    continue;
                }
                Err(TryLockError::WouldBlock) => return Err(PullError::Busy(name.to_owned())),
                Err(TryLockError::Error(why)) => return Err(disk("locking", &path, &why)),
            }
            // Between opening and locking, another pull may have renamed its finished file away.
            if is_still(&file, &path) {
                let length = file.metadata().map_err(|why| disk("reading", &path, &why))?.len();
                return Ok(Self { file, path, target: target.to_owned(), length });
            }
        }
    }

    /// Bytes that are here.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// A folder beside it for what comes in between.
    pub(super) fn staging(&self) -> PathBuf {
        beside(&self.target, "wheels")
    }

    /// Gives up everything that was fetched.
    pub(super) fn forget(self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(self.ledger());
        let _ = fs::remove_dir_all(self.staging());
    }

    /// Drops what lies behind `length`.
    pub(super) fn cut(&mut self, length: u64) -> Result<(), PullError> {
        self.file.set_len(length).map_err(|why| disk("writing", &self.path, &why))?;
        self.length = length;
        Ok(())
    }

    /// Adds bytes at the end.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), PullError> {
        let written = self.file.seek(SeekFrom::Start(self.length)).and_then(|_| self.file.write_all(bytes));
        written.map_err(|why| disk("writing", &self.path, &why))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Adds bytes without holding up the runtime.
    pub(super) async fn add_aside(mut self, bytes: Vec<u8>) -> Result<Self, PullError> {
        aside(move || {
            self.add(&bytes)?;
            Ok(self)
        })
        .await
    }

    /// Where the joined parts end, as far as they still lie in the file.
    pub(super) fn joined(&self) -> Vec<u64> {
        let read =
            fs::read(self.ledger()).ok().and_then(|text| serde_json::from_slice::<Vec<u64>>(&text).ok());
        let mut ends = read.unwrap_or_default();
        let rising = ends.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if !rising {
            ends.clear();
        }
        ends.retain(|end| *end <= self.length);
        ends
    }

    /// Remembers where the joined parts end, once their bytes are on the disk.
    pub(super) fn note(&self, ends: &[u64]) -> Result<(), PullError> {
        self.file.sync_data().map_err(|why| disk("writing", &self.path, &why))?;
        let ledger = self.ledger();
        let fresh = ledger.with_extension("new");
        let text = serde_json::to_vec(ends).unwrap_or_default();
        fs::write(&fresh, text)
            .and_then(|()| fs::rename(&fresh, &ledger))
            .map_err(|why| disk("writing", &ledger, &why))
    }

    /// Checks the bytes and gives them their final name; deletes them if they are wrong.
    pub(super) async fn finish(self, entry: &Entry, source_name: &str) -> Result<PathBuf, PullError> {
        let (sum, bytes) = (entry.sha256.clone(), entry.bytes);
        let wrong = PullError::WrongSum { name: entry.name.clone(), source_name: source_name.to_owned() };
        aside(move || {
            let right_length = bytes.is_none_or(|bytes| bytes == self.length);
            let right = right_length && sum.is_none_or(|sum| self.sum().is_ok_and(|found| found == sum));
            if !right {
                self.forget();
                return Err(wrong);
            }
            self.file.sync_all().map_err(|why| disk("writing", &self.path, &why))?;
            fs::rename(&self.path, &self.target).map_err(|why| disk("renaming", &self.path, &why))?;
            sync_folder(&self.target);
            let _ = fs::remove_file(self.ledger());
            let _ = fs::remove_dir_all(self.staging());
            Ok(self.target.clone())
        })
        .await
    }

    fn sum(&self) -> io::Result<String> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => hash.update(buffer.get(..read).unwrap_or_default()),
            }
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn ledger(&self) -> PathBuf {
        beside(&self.target, "parts")
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Closing would do, but a child that is just being started may hold a copy for a moment.
        let _ = self.file.unlock();
    }
}

/// Everything that a pull of `target` may have left.
pub(in crate::local) fn leftovers(target: &Path) -> [PathBuf; 3] {
    [beside(target, "part"), beside(target, "parts"), beside(target, "wheels")]
}

/// How much of `target` an earlier pull left that nobody goes on with just now.
pub(in crate::local) fn left(target: &Path) -> Option<u64> {
    let file = File::open(beside(target, "part")).ok()?;
    // Whoever fetches it tells how far that is.
    file.try_lock_shared().ok()?;
    let length = file.metadata().map(|about| about.len());
    // As when a part is dropped.
    let _ = file.unlock();
    length.ok().filter(|length| *length > 0)
}

fn beside(target: &Path, end: &str) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(end);
    target.with_file_name(name)
}

pub(super) fn disk(what: &str, path: &Path, why: &io::Error) -> PullError {
    PullError::Disk { what: format!("{what} {}", path.display()), why: why.to_string() }
}

/// Runs work on the disk beside the runtime.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PullError> + Send + 'static,
) -> Result<T, PullError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|why| {
        Err(PullError::Disk { what: "the work on the disk".into(), why: why.to_string() })
    })
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => open.ino() == named.ino() && open.dev() == named.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Makes the new name survive a power cut, where folders can be synced.
fn sync_folder(target: &Path) {
    if cfg!(unix)
        && let Some(folder) = target.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pull_left_is_told_unless_somebody_goes_on_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("small.gguf");
        assert_eq!(left(&target), None);
        let mut part = Part::open("small", &target).unwrap();
        part.add(b"begun").unwrap();
        assert_eq!(left(&target), None, "it is being fetched");
        drop(part);
        assert_eq!(left(&target), Some(5));
        Part::open("small", &target).unwrap().cut(0).unwrap();
        assert_eq!(left(&target), None);
    }
}

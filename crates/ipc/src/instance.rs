//! One living runtime per user: a lock on a file, held for life.
//!
//! Whoever holds it owns the socket's name. Process ids and versions in the file are information
//! for people, never the ground of who may live; a dead one only lets a start wait a little longer.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_protocol::{ApiError, ErrorCode};

use crate::Folders;

/// How often, and how long apart, a busy lock is looked at again.
const GLANCES: u32 = 4;
const GLANCE: Duration = Duration::from_millis(5);
/// The same when whoever held it is dead: what it had begun as it died, a command that is no program yet,
/// still has its open files, and on a busy machine for longer.
const GLANCES_AFTER_DEATH: u32 = 400;

/// The right to be the runtime. Dropping it, or the death of the process, gives it up.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// Another runtime lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a runtime is already running{}", .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
pub struct Held {
    /// Its process id, as far as the file tells.
    pub pid: Option<u32>,
}

/// Why the lock was not had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Another runtime lives.
    #[error(transparent)]
    Held(#[from] Held),
    /// The folder or the file is unfit.
    #[error(transparent)]
    Failed(#[from] ApiError),
}

impl Lock {
    /// Prepares the run folder and takes the lock, without waiting.
    ///
    /// # Errors
    /// `Held` when another runtime lives; `Failed` when the folder cannot be trusted or written.
    pub fn acquire(folders: &Folders) -> Result<Self, LockError> {
        folders.prepare_run_dir()?;
        let path = folders.lock();
        let mut glances = 0;
        // A lock file that somebody removed between opening and locking guards nothing: take the
        // new one.
        for _ in 0..GLANCES_AFTER_DEATH + 100 {
            let mut file = open(&path).map_err(|error| failed(&path, &error))?;
            match file.try_lock() {
                Ok(()) => {}
                // `holder` locks for an instant to look; a runtime holds for life.
                Err(TryLockError::WouldBlock) if glances < GLANCES => {
                    glances += 1;
                    std::thread::sleep(GLANCE);
                    continue;
                }
                Err(TryLockError::WouldBlock) => {
                    let pid = read_pid(&mut file);
                    if glances < GLANCES_AFTER_DEATH && pid.is_some_and(is_dead) {
                        glances += 1;
                        std::thread::sleep(GLANCE);
                        continue;
                    }
                    return Err(Held { pid }.into());
                }
                Err(TryLockError::Error(error)) => return Err(failed(&path, &error).into()),
            }
            let mut lock = Self { file, path: path.clone() };
            if lock.is_current() {
                lock.sign().map_err(|error| failed(&path, &error))?;
                return Ok(lock);
            }
        }
        Err(failed(&path, &std::io::Error::other("it is being removed again and again")).into())
    }

    /// Tells who holds the lock, without taking it. `None` when nobody does.
    #[must_use]
    pub fn holder(folders: &Folders) -> Option<Held> {
        let mut file = File::open(folders.lock()).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(Held { pid: read_pid(&mut file) }),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    /// Tells that a runtime lived here and none does now. Dialling would then find nobody, or wake up
    /// a service that only listens.
    #[must_use]
    pub fn is_free(folders: &Folders) -> bool {
        File::open(folders.lock()).is_ok_and(|file| file.try_lock_shared().is_ok())
    }

    /// Tells whether the file at the lock's path is still the one that is held; it is not after
    /// somebody removed it (a cleaner of temporary files), and then another runtime may start.
    #[cfg(unix)]
    #[must_use]
    pub fn is_current(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let (Ok(held), Ok(there)) = (self.file.metadata(), std::fs::metadata(&self.path)) else {
            return false;
        };
        (held.dev(), held.ino()) == (there.dev(), there.ino())
    }

    /// Tells whether the file at the lock's path is still the one that is held. An open file cannot
    /// be removed here.
    #[cfg(not(unix))]
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.path.exists()
    }

    fn sign(&mut self) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{} {}", std::process::id(), env!("CARGO_PKG_VERSION"))
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    // On Windows a locked file cannot be read by others; then the id stays unknown.
    file.take(64).read_to_string(&mut text).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Tells that no process has this id, not even one that waits to be buried.
#[cfg(unix)]
fn is_dead(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// Open files of the dead are closed there before anybody learns of the death.
#[cfg(not(unix))]
fn is_dead(_pid: u32) -> bool {
    false
}

fn failed(path: &Path, error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::Storage, format!("the lock {} cannot be taken: {error}", path.display())).hint(
        "look at the folder's permissions and its disk, or set JAMEY_HOME to a folder that you may write to",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_fifty_simultaneous_starts_exactly_one_gets_the_lock() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let start = std::sync::Barrier::new(50);
        let locks: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..50)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        Lock::acquire(&folders)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = locks.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert!(lost.into_iter().all(|lock| matches!(lock, Err(LockError::Held(_)))));
    }

    #[test]
    fn the_loser_learns_the_winners_process_id_and_may_follow_it() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        assert_eq!(Lock::holder(&folders), None);
        let lock = Lock::acquire(&folders).unwrap();
        let (Err(LockError::Held(refused)), Some(looked)) = (Lock::acquire(&folders), Lock::holder(&folders))
        else {
            panic!("the lock was given twice");
        };
        // Windows does not let others read what is locked.
        let known = |held: Held| held.pid.map_or(cfg!(windows), |pid| pid == std::process::id());
        assert!(known(refused) && known(looked), "{refused:?} {looked:?}");
        assert!(!Lock::is_free(&folders));
        drop(lock);
        assert_eq!(Lock::holder(&folders), None);
        assert!(Lock::is_free(&folders));
        Lock::acquire(&folders).unwrap();
    }

    /// As a command that a runtime was about to start when it was killed.
    #[cfg(unix)]
    #[test]
    fn what_a_dead_runtime_left_behind_is_waited_for_and_a_living_one_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let mut left = Lock::acquire(&folders).unwrap();
        assert!(matches!(Lock::acquire(&folders), Err(LockError::Held(_))));
        let mut dead = std::process::Command::new("true").spawn().unwrap();
        dead.wait().unwrap();
        left.file.rewind().unwrap();
        writeln!(left.file, "{} ", dead.id()).unwrap();
        let taken = std::thread::scope(|scope| {
            let waits = scope.spawn(|| Lock::acquire(&folders));
            // Longer than a living one is waited for.
            std::thread::sleep(GLANCE * GLANCES * 5);
            drop(left);
            waits.join().unwrap()
        });
        taken.unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_whose_file_was_removed_knows_it() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let lock = Lock::acquire(&folders).unwrap();
        assert!(lock.is_current());
        std::fs::remove_file(folders.lock()).unwrap();
        assert!(!lock.is_current());
    }
}

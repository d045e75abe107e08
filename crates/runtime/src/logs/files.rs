//! The files of the log: bounded in number, size and age, for their owner alone.
//!
//! `runtime.log` is the newest; what was put aside is `runtime.log.1` and so on, the oldest last.
//! Invariant: all together never hold more than their number times [`LARGEST`], whatever fails.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use chrono::DateTime;

/// The name of the newest file.
pub const NAME: &str = "runtime.log";
/// No file is larger, in bytes.
pub const LARGEST: u64 = 5 * 1024 * 1024;
/// A file that was begun so long ago is put aside.
const A_DAY: Duration = Duration::from_secs(24 * 3600);
/// How often it is looked whether the file is still where it was.
const GLANCE: Duration = Duration::from_secs(2);

/// What the files may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many there are at most, the newest included.
    pub files: usize,
    /// One that was not written to for longer goes.
    pub age: Duration,
}

/// The files, open for writing.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    bounds: Bounds,
    file: File,
    size: u64,
    begun: SystemTime,
    seen: SystemTime,
    /// The last line is not whole: the disk was full in the middle of it.
    is_torn: bool,
}

impl Files {
    /// Opens the newest file in `folder`, and removes what is beyond the bounds.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn open(folder: &Path, bounds: Bounds) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(NAME);
        let begun = begun(&path);
        let file = append_to(&path)?;
        let size = file.metadata()?.len();
        let is_torn = size > 0 && !ends_whole(&path, size);
        let mut files =
            Self { folder: folder.to_owned(), bounds, file, size, begun, seen: SystemTime::now(), is_torn };
        files.bound(bounds);
        Ok(files)
    }

    /// Lets other bounds hold and removes what is beyond them.
    pub fn bound(&mut self, bounds: Bounds) {
        self.bounds = Bounds { files: bounds.files.max(1), ..bounds };
        for (number, path) in aside(&self.folder) {
            let is_old = || {
                let changed = fs::metadata(&path).and_then(|facts| facts.modified());
                changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > self.bounds.age))
            };
            if number >= self.bounds.files || is_old() {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Adds a whole line.
    ///
    /// # Errors
    /// When the disk does not take it. The next line is tried anew.
    pub fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let now = SystemTime::now();
        let is_old = now.duration_since(self.begun).is_ok_and(|age| age >= A_DAY);
        if self.size > 0 && (is_old || self.size + line.len() as u64 + 1 > LARGEST) {
            self.turn(now)?;
        } else if now.duration_since(self.seen).map_or(true, |since| since >= GLANCE) {
            self.seen = now;
            if !self.folder.join(NAME).exists() {
                // Somebody tidied up; what is written into a file without a name is lost.
                self.begin(now)?;
            }
        }
        if self.is_torn {
            self.file.write_all(b"\n")?;
            (self.is_torn, self.size) = (false, self.size + 1);
        }
        let written = self.file.write_all(line);
        match &written {
            Ok(()) => self.size += line.len() as u64,
            Err(_) => {
                self.is_torn = true;
                self.size = self.file.metadata().map_or(self.size, |facts| facts.len());
            }
        }
        written
    }

    /// `runtime.log` becomes `.1`, that becomes `.2`, and the oldest goes.
    fn turn(&mut self, now: SystemTime) -> io::Result<()> {
        let newest = self.folder.join(NAME);
        let numbered = |number: usize| self.folder.join(format!("{NAME}.{number}"));
        let moved = if self.bounds.files == 1 && cfg!(windows) {
            // The name of an open file may stay taken there after it was removed.
            Err(io::ErrorKind::Unsupported.into())
        } else if self.bounds.files == 1 {
            fs::remove_file(&newest)
        } else {
            for number in (1..self.bounds.files - 1).rev() {
                let _ = fs::rename(numbered(number), numbered(number + 1));
            }
            fs::rename(&newest, numbered(1))
        };
        if moved.is_err() && newest.exists() {
            // It cannot be put aside (another program holds it, the folder is read-only): better to begin
            // it anew than to let it grow.
            File::options().write(true).truncate(true).open(&newest)?;
            (self.size, self.begun, self.is_torn) = (0, now, false);
            return Ok(());
        }
        self.begin(now)?;
        self.bound(self.bounds);
        Ok(())
    }

    fn begin(&mut self, now: SystemTime) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        self.file = append_to(&self.folder.join(NAME))?;
        (self.size, self.begun, self.is_torn) = (0, now, false);
        Ok(())
    }
}

/// All files that there are, the newest first.
#[must_use]
pub fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let mut aside = aside(folder);
    aside.sort_unstable();
    let newest = Some(folder.join(NAME)).filter(|path| path.is_file());
    newest.into_iter().chain(aside.into_iter().map(|(_, path)| path)).collect()
}

/// What was put aside, with its number.
fn aside(folder: &Path) -> Vec<(usize, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |name: &str| name.strip_prefix(NAME)?.strip_prefix('.')?.parse().ok();
    entries.filter_map(|entry| Some((number(entry.file_name().to_str()?)?, entry.path()))).collect()
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// When a file was begun: what its first line says, since file systems do not keep that reliably.
fn begun(path: &Path) -> SystemTime {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut head));
    let said = read.ok().and_then(|_| {
        let text = std::str::from_utf8(&head).ok()?.strip_prefix("{\"timestamp\":\"")?;
        DateTime::parse_from_rfc3339(text.split('"').next()?).ok()
    });
    said.map_or_else(SystemTime::now, SystemTime::from)
}

fn ends_whole(path: &Path, size: u64) -> bool {
    use std::io::{Seek, SeekFrom};
    let mut last = [0];
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(size - 1))?;
        file.read_exact(&mut last)
    });
    read.is_ok() && last == *b"\n"
}

//! The log: JSON lines in files of bounded number and size, and on a terminal lines for people.
//!
//! Prompts, arguments and outputs are never written from `info` on; keys never at all. Other
//! programs' parts of us (database, HTTP) speak only when something is wrong.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{Level, Subscriber};
use tracing_subscriber::{Layer, Registry, filter::Targets, fmt, layer::SubscriberExt};

/// A file that is larger is put aside and a new one begun.
const LARGEST: u64 = 5 * 1024 * 1024;
/// The name of the newest file.
pub const NAME: &str = "runtime.log";

/// What is logged where.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// `trace` to `error`.
    pub level: String,
    /// The folder of the files, if there are to be any.
    pub folder: Option<PathBuf>,
    /// How many files are kept.
    pub files: usize,
}

/// Begins to log. Without a usable folder the lines go to standard error.
///
/// Returns what went wrong with the files, for a notice.
pub fn start(options: &LogOptions) -> Option<String> {
    let mut fault = None;
    let file = options.folder.as_deref().and_then(|folder| match Rotating::open(folder, options.files) {
        Ok(file) => Some(file),
        Err(error) => {
            fault = Some(format!("no log can be kept in {}: {error}", folder.display()));
            None
        }
    });
    let to_people = io::stderr().is_terminal() || file.is_none();
    let level: Level = options.level.parse().unwrap_or(Level::INFO);
    // Below `info` only our own crates are of interest, and above it everybody's troubles.
    let ours = ["jamey_runtime", "jamey_engine", "jamey_providers", "jamey_tools", "jamey_ipc"];
    let filter =
        Targets::new().with_default(level.min(Level::WARN)).with_targets(ours.map(|name| (name, level)));
    let lines = file.map(|file| {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(file)
    });
    let people = to_people.then(|| fmt::layer().with_ansi(false).with_target(false).with_writer(io::stderr));
    let subscriber = Registry::default()
        .with(lines.with_filter(filter.clone()))
        .with(people.with_filter(filter))
        .with(crate::recent::layer());
    install(subscriber);
    fault
}

fn install(subscriber: impl Subscriber + Send + Sync) {
    // A second start in one process (tests) keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// A log file that begins anew when it is full.
#[derive(Clone, Debug)]
pub struct Rotating(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    keep: usize,
    file: File,
    size: u64,
}

impl Rotating {
    /// Opens the newest file in `folder`.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn open(folder: &Path, keep: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = append_to(&folder.join(NAME))?;
        let size = file.metadata()?.len();
        Ok(Self(Arc::new(Mutex::new(Inner { folder: folder.to_owned(), keep: keep.max(1), file, size }))))
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Inner {
    fn aside(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{NAME}.{number}"))
    }

    /// `runtime.log` becomes `.1`, that becomes `.2`, and the oldest goes.
    fn turn(&mut self) -> io::Result<()> {
        let newest = self.folder.join(NAME);
        if self.keep == 1 {
            fs::remove_file(&newest)?;
        } else {
            for number in (1..self.keep - 1).rev() {
                let _ = fs::rename(self.aside(number), self.aside(number + 1));
            }
            fs::rename(&newest, self.aside(1))?;
        }
        self.file = append_to(&newest)?;
        self.size = 0;
        Ok(())
    }
}

impl Write for &Rotating {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.size >= LARGEST {
            // A full disk must not stop the runtime: the old file is written on.
            let _ = inner.turn();
        }
        let written = inner.file.write(line)?;
        inner.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).file.flush()
    }
}

impl<'a> fmt::MakeWriter<'a> for Rotating {
    type Writer = &'a Self;
    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

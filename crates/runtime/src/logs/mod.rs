//! The log: JSON lines in files of bounded number, size and age, and lines for people on a terminal.
//!
//! Layout: `layer` turns events and spans into a `line`, from which secrets are taken at once; `pen`
//! is the thread that writes lines; `files` are the files and their bounds. Invariants: prompts,
//! arguments and outputs are never written from `info` on, secrets never at all; whoever logs never
//! waits for a disk; whatever happens, the files stay within their bound. Other programs' parts of us
//! (database, HTTP) speak only when something is wrong.

mod files;
mod layer;
mod line;
mod pen;

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tracing::{Level, Subscriber};
use tracing_subscriber::{
    Layer as _, Registry,
    filter::Targets,
    layer::{Layered, SubscriberExt},
    registry::LookupSpan,
    reload,
};

pub use files::{Bounds, Files, LARGEST, NAME, newest_first};
pub use layer::Lines;
pub use line::{Fields, Line, Look, harmless, people};
pub use pen::Pen;

use crate::redact::Redactor;

/// Our own crates; below `info` only they are of interest.
const OURS: [&str; 5] = ["jamey_runtime", "jamey_engine", "jamey_providers", "jamey_tools", "jamey_ipc"];
/// How long the end waits until everything is written.
const LAST_LINES: Duration = Duration::from_millis(300);

/// What is logged where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// `trace` to `error`.
    pub level: String,
    /// The folder of the files, if there are to be any.
    pub folder: Option<PathBuf>,
    /// The bounds of the files.
    pub bounds: Bounds,
}

/// The log that is being written. What it does can be changed at any time; when it is dropped,
/// everything has been written.
#[derive(Debug)]
pub struct Log {
    filter: reload::Handle<Targets, Registry>,
    pen: Arc<Pen>,
}

/// Everything that gets a share of what is logged and traced.
pub type Subscribed = Layered<
    tracing_subscriber::filter::Filtered<Lines, reload::Layer<Targets, Registry>, Registry>,
    Registry,
>;

impl Log {
    /// Makes a log and what feeds it. Without a usable folder the lines go to standard error.
    #[must_use]
    pub fn new(options: &LogOptions, redactor: Redactor) -> (Self, Subscribed, Option<String>) {
        let (pen, fault) = Pen::new(options.folder.clone(), options.bounds, io::stderr().is_terminal());
        let pen = Arc::new(pen);
        let (filter, handle) = reload::Layer::new(targets(&options.level));
        let lines = Lines::new(Arc::clone(&pen), redactor).with_filter(filter);
        (Self { filter: handle, pen }, Registry::default().with(lines), fault)
    }

    /// Lets other options hold from now on. Returns what is wrong with the files, for a notice.
    pub fn apply(&self, options: &LogOptions) -> Option<String> {
        let fault = self.pen.keep(options.folder.clone(), options.bounds);
        let level = targets(&options.level);
        if self.filter.with_current(|now| *now != level).unwrap_or(false) {
            // The log is gone when this fails.
            let _ = self.filter.reload(level);
        }
        fault
    }

    /// Waits until what was logged so far is written, but not long.
    pub fn flush(&self) {
        self.pen.flush(LAST_LINES);
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Begins to log for the whole process, spans for `more` included. A second start in one process keeps
/// the first log.
///
/// Returns what went wrong with the files, for a notice.
pub fn start<M>(options: &LogOptions, more: M) -> (Log, Option<String>)
where
    M: tracing_subscriber::Layer<Subscribed> + Send + Sync + 'static,
    Subscribed: Subscriber + for<'a> LookupSpan<'a>,
{
    let (log, subscriber, fault) = Log::new(options, Redactor::shared());
    if tracing::subscriber::set_global_default(subscriber.with(more).with(crate::recent::layer())).is_ok() {
        tell_of_panics(Arc::clone(&log.pen));
    }
    (log, fault)
}

/// A fault of ours belongs in the log, and its text past the redaction like any other.
fn tell_of_panics(pen: Arc<Pen>) {
    std::panic::set_hook(Box::new(move |fault| {
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        let message = fault.payload_as_str().unwrap_or("no message");
        tracing::error!(place, "a fault of Jamey's own: {message}");
        pen.flush(LAST_LINES);
    }));
}

fn targets(level: &str) -> Targets {
    let level: Level = level.parse().unwrap_or(Level::INFO);
    Targets::new().with_default(level.min(Level::WARN)).with_targets(OURS.map(|name| (name, level)))
}

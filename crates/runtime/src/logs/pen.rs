//! The thread that writes lines, so that whoever logs never waits for a disk or a terminal.
//!
//! What waits is bounded in number. When the disk is full or slower than what is said, lines are lost,
//! and the next line that can be written says how many.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use super::{
    files::{Bounds, Files},
    line::{Line, Look, people},
};

/// Lines that may wait.
const WAITING: usize = 512;

enum Order {
    Write(Line),
    Keep(Option<Files>),
    Bound(Bounds),
    Told(SyncSender<()>),
}

/// Hands lines to the thread that writes them. The thread ends with the last pen.
#[derive(Debug)]
pub struct Pen {
    orders: SyncSender<Order>,
    lost: Arc<AtomicU64>,
    kept: Mutex<(Option<PathBuf>, Bounds)>,
}

impl Pen {
    /// Begins to write into `folder`, and to standard error when that is a terminal or nothing else
    /// can be written to.
    ///
    /// Returns what went wrong with the files.
    #[must_use]
    pub fn new(folder: Option<PathBuf>, bounds: Bounds, is_terminal: bool) -> (Self, Option<String>) {
        let (orders, inbox) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let mut fault = None;
        let files = open(folder.clone(), bounds, &mut fault);
        let writer = Writer { files, is_terminal, lost: Arc::clone(&lost), owed: 0 };
        let thread = thread::Builder::new().name("jamey-log".to_owned()).stack_size(256 * 1024);
        if let Err(error) = thread.spawn(move || writer.run(&inbox)) {
            fault = Some(format!("no log can be written: {error}"));
        }
        let kept = if fault.is_some() { (None, bounds) } else { (folder, bounds) };
        (Self { orders, lost, kept: Mutex::new(kept) }, fault)
    }

    /// Writes a line soon, or counts it as lost.
    pub fn write(&self, line: Line) {
        if self.orders.try_send(Order::Write(line)).is_err() {
            self.lost.fetch_add(1, Relaxed);
        }
    }

    /// Writes into another folder, or none, or within other bounds from now on.
    ///
    /// Returns what went wrong.
    pub fn keep(&self, folder: Option<PathBuf>, bounds: Bounds) -> Option<String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fault = None;
        let order = match (kept.0 == folder, kept.1 == bounds) {
            (true, true) => return None,
            (true, false) => Order::Bound(bounds),
            (false, _) => Order::Keep(open(folder.clone(), bounds, &mut fault)),
        };
        if fault.is_none() {
            // Rare, and from a person; a thread that is behind is waited for.
            let _ = self.orders.send(order);
            *kept = (folder, bounds);
        }
        fault
    }

    /// Waits until everything before is written, at most this long.
    pub fn flush(&self, patience: Duration) {
        let (told, done) = sync_channel(1);
        if self.orders.try_send(Order::Told(told)).is_ok() {
            let _ = done.recv_timeout(patience);
        }
    }
}

fn open(folder: Option<PathBuf>, bounds: Bounds, fault: &mut Option<String>) -> Option<Files> {
    let folder = folder?;
    match Files::open(&folder, bounds) {
        Ok(files) => Some(files),
        Err(error) => {
            *fault = Some(format!("no log can be kept in {}: {error}", folder.display()));
            None
        }
    }
}

struct Writer {
    files: Option<Files>,
    is_terminal: bool,
    lost: Arc<AtomicU64>,
    /// Lost lines of which no line tells yet.
    owed: u64,
}

impl Writer {
    fn run(mut self, inbox: &Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            match order {
                Order::Write(line) => self.write(&line),
                Order::Keep(files) => self.files = files,
                Order::Bound(bounds) => {
                    if let Some(files) = &mut self.files {
                        files.bound(bounds);
                    }
                }
                Order::Told(told) => drop(told.try_send(())),
            }
        }
    }

    fn write(&mut self, line: &Line) {
        if self.is_terminal || self.files.is_none() {
            let look = if self.is_terminal && std::env::var_os("NO_COLOR").is_none() {
                Look::Coloured
            } else {
                Look::Plain
            };
            // Nobody may be there to read it.
            let _ = io::stderr().lock().write_all(people(line, look).as_bytes());
        }
        let Some(files) = &mut self.files else { return };
        self.owed += self.lost.swap(0, Relaxed);
        if self.owed > 0 {
            let message = format!("{} lines of the log were lost: the disk was full or too slow", self.owed);
            if files.write(Line::own(&message).json().as_bytes()).is_err() {
                self.owed += 1;
                return;
            }
            self.owed = 0;
        }
        if files.write(line.json().as_bytes()).is_err() {
            self.owed += 1;
        }
    }
}

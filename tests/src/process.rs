//! Programs under test: run to their end, or watched while they run.

use std::{
    io::{ErrorKind, Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::wait::{self, PATIENCE};

/// What a program did.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Its exit code; 128 and the signal's number if one ended it.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Ran {
    /// Asserts the exit code, showing everything if it is another one.
    #[must_use]
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Standard output as one JSON value.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}\nstderr: {}", self.stdout, self.stderr))
    }

    /// Standard output as one JSON value a line.
    #[must_use]
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// Text that grows while somebody waits for it.
#[derive(Clone, Default)]
struct Growing(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Growing {
    fn fill(&self, mut from: impl Read + Send + 'static) -> JoinHandle<()> {
        let growing = self.clone();
        thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                growing.0.0.lock().unwrap().extend_from_slice(&buffer[..count]);
                growing.0.1.notify_all();
            }
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.0.lock().unwrap()).into_owned()
    }

    #[track_caller]
    fn expect(&self, part: &str) {
        let began = Instant::now();
        let mut bytes = self.0.0.lock().unwrap();
        while !String::from_utf8_lossy(&bytes).contains(part) {
            let left = PATIENCE.saturating_sub(began.elapsed());
            assert!(!left.is_zero(), "waited for {part:?}, saw {:?}", String::from_utf8_lossy(&bytes));
            bytes = self.0.1.wait_timeout(bytes, left).unwrap().0;
        }
    }
}

/// A program that runs. It is killed if the test ends first.
pub struct Live {
    child: Child,
    began: Instant,
    stdout: Growing,
    stderr: Growing,
    readers: Vec<JoinHandle<()>>,
}

impl Live {
    /// Starts it with its output caught and nothing on its standard input.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(command: &mut Command) -> Self {
        Self::start(command, Stdio::null())
    }

    /// Starts it with its output caught and a standard input to type into.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn_typing(command: &mut Command) -> Self {
        Self::start(command, Stdio::piped())
    }

    fn start(command: &mut Command, stdin: Stdio) -> Self {
        let began = Instant::now();
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = loop {
            match command.spawn() {
                // A program that was just copied: another thread began a process while it was open for writing.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && began.elapsed() < PATIENCE => {
                    std::thread::yield_now();
                }
                spawned => break spawned.unwrap_or_else(|error| panic!("{command:?}: {error}")),
            }
        };
        let (stdout, stderr) = (Growing::default(), Growing::default());
        let readers =
            vec![stdout.fill(child.stdout.take().unwrap()), stderr.fill(child.stderr.take().unwrap())];
        Self { child, began, stdout, stderr, readers }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types something. A program that no longer reads is no fault.
    pub fn send(&mut self, text: &str) {
        if let Some(stdin) = &mut self.child.stdin {
            let _ = stdin.write_all(text.as_bytes());
            let _ = stdin.flush();
        }
    }

    /// Waits until standard output holds `part`.
    #[track_caller]
    pub fn expect(&self, part: &str) {
        self.stdout.expect(part);
    }

    /// Waits until standard error holds `part`.
    #[track_caller]
    pub fn expect_stderr(&self, part: &str) {
        self.stderr.expect(part);
    }

    /// Ends its standard input and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    #[track_caller]
    pub fn end(mut self) -> Ran {
        drop(self.child.stdin.take());
        self.wait()
    }

    /// The same with a patience of the caller's own.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    #[track_caller]
    pub fn end_within(mut self, patience: Duration) -> Ran {
        drop(self.child.stdin.take());
        self.wait_within(patience)
    }

    /// Waits for its end, its standard input left open.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    #[track_caller]
    pub fn wait(self) -> Ran {
        self.wait_within(PATIENCE)
    }

    #[track_caller]
    fn wait_within(mut self, patience: Duration) -> Ran {
        let what = format!("the end of process {}, which said {:?}", self.pid(), self.stderr.text());
        let status = wait::until_within(patience, &what, || self.child.try_wait().unwrap());
        let took = self.began.elapsed();
        // A grandchild may hold the streams open; what was printed by now is what counts.
        wait_for_readers(&mut self.readers);
        Ran { code: code(status), stdout: self.stdout.text(), stderr: self.stderr.text(), took }
    }

    /// Sends it a signal by its number.
    #[cfg(unix)]
    pub fn signal(&self, signal: rustix::process::Signal) {
        crate::runtime::signal(self.pid(), signal);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for_readers(readers: &mut Vec<JoinHandle<()>>) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) && !readers.iter().all(JoinHandle::is_finished) {
        thread::sleep(Duration::from_millis(1));
    }
    readers.clear();
}

/// Runs it to its end with `input` as standard input.
#[must_use]
#[track_caller]
pub fn run(command: &mut Command, input: &[u8]) -> Ran {
    let mut live = Live::spawn_typing(command);
    let mut stdin = live.child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let ran = live.wait();
    let _ = writer.join();
    ran
}

fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(-1)
}

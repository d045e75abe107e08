//! Starts one child and attends to it until it ends.
//!
//! The child lives as long as its stdin is open, so it cannot outlive this process. It sees only the few
//! variables that a program needs to run: no key is among them.

use std::{
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::watch,
    time::timeout,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::failure::Refusal;

/// Variables that a child gets.
const ALLOWED: [&str; 10] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TMP",
    "TEMP",
    "SystemRoot",
    "windir",
    "LD_LIBRARY_PATH",
    "JAMEY_LOCAL_MODEL_LOG",
];
/// Reading a few gigabytes from a slow disk takes its time.
const READY: Duration = Duration::from_secs(300);
/// How long a child may take to end by itself.
const LEAVE: Duration = Duration::from_secs(4);
#[cfg(windows)]
const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
const FIRST_LINE: u64 = 64 << 10;
const TAIL: usize = 4 << 10;

/// What to start.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub binary: PathBuf,
    pub socket: PathBuf,
    pub model: PathBuf,
    pub protocol: &'static str,
    pub context: u32,
    pub threads: u32,
    pub cache: PathBuf,
    pub idle: Duration,
}

/// A child that serves.
#[derive(Debug)]
pub(super) struct Running {
    pub pid: u32,
    pub socket: PathBuf,
    /// The room it really has, where it says so.
    pub context: Option<u64>,
    /// How it ended, once it has.
    pub exit: watch::Receiver<Option<Exit>>,
    /// Ends it when dropped.
    _life: DropGuard,
    stop: CancellationToken,
}

/// How a child ended.
#[derive(Clone, Debug)]
pub(super) struct Exit {
    /// By itself and in order.
    pub in_order: bool,
    /// In words, with its last line.
    pub how: String,
}

impl Running {
    pub(super) fn is_alive(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// Ends it and waits until it is gone.
    pub(super) async fn end(mut self) {
        self.stop.cancel();
        let _ = self.exit.wait_for(Option::is_some).await;
    }
}

/// The one line that a child says when it is up, or why it is not.
#[derive(Deserialize)]
struct FirstLine {
    #[serde(default)]
    ready: bool,
    #[serde(default)]
    context: Option<u64>,
    #[serde(default)]
    error: Option<Refusal>,
}

/// Starts a child and waits until it serves. `died` is told of its death: before it serves, unless it says
/// itself why it does not, and any time after.
pub(super) async fn launch(
    plan: &Plan,
    died: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Running, Refusal> {
    let died: Arc<dyn Fn(&str) + Send + Sync> = Arc::new(died);
    let serves = Arc::new(AtomicBool::new(false));
    let mut child = command(plan).spawn().map_err(|why| cannot_spawn(plan, &why))?;
    let pid = child.id().unwrap_or_default();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let tail = Arc::new(Mutex::new(Vec::new()));
    let tail_end = stderr.map(|stderr| tokio::spawn(keep_tail(stderr, tail.clone())));
    let stop = CancellationToken::new();
    let life = stop.clone().drop_guard();
    let (told, exit) = watch::channel(None);
    let tell = Tell { told, died: Arc::clone(&died), serves: Arc::clone(&serves) };
    tokio::spawn(attend(child, stdin, stop.clone(), tail_end, tail, tell));
    let mut running = Running { pid, socket: plan.socket.clone(), context: None, exit, _life: life, stop };
    let line = match timeout(READY, first_line(stdout)).await {
        Ok(line) => line,
        Err(_) => {
            running.end().await;
            return Err(Refusal::new("slow", format!("it was not ready within {} s", READY.as_secs())));
        }
    };
    let said = line.as_deref().and_then(|line| serde_json::from_str::<FirstLine>(line).ok());
    match said {
        Some(FirstLine { ready: true, context, error: None }) => {
            running.context = context;
            serves.store(true, Ordering::Relaxed);
            Ok(running)
        }
        Some(FirstLine { error: Some(refusal), .. }) => {
            running.end().await;
            Err(refusal)
        }
        _ => {
            if line.is_some() {
                running.stop.cancel();
            }
            let how = match running.exit.wait_for(Option::is_some).await {
                Ok(exit) => exit.as_ref().map(|exit| exit.how.clone()),
                Err(_) => None,
            };
            let how = how.unwrap_or_else(|| "it ended".to_owned());
            died(&how);
            Err(Refusal::new("died", how).hint("close other programs, or choose a smaller model"))
        }
    }
}

fn command(plan: &Plan) -> Command {
    let mut command = Command::new(&plan.binary);
    command
        .arg("serve")
        .arg("--socket")
        .arg(&plan.socket)
        .arg("--model")
        .arg(&plan.model)
        .args(["--protocol", plan.protocol])
        .args(["--context", &plan.context.to_string()])
        .args(["--threads", &plan.threads.to_string()])
        .arg("--cache")
        .arg(&plan.cache)
        .args(["--idle-seconds", &plan.idle.as_secs().to_string()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for name in ALLOWED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // Ctrl-C in a terminal is for the one who was started there.
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(windows)]
    command.creation_flags(super::CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
    command
}

fn cannot_spawn(plan: &Plan, why: &io::Error) -> Refusal {
    let name = plan.binary.display();
    if why.kind() == io::ErrorKind::NotFound {
        return Refusal::new("program_missing", format!("the program {name} is not there"))
            .hint("install Jamey again, or use a model of a provider");
    }
    Refusal::new("program", format!("the program {name} cannot be started: {why}"))
}

/// Reads the first line, then reads on so that the pipe never fills.
async fn first_line(stdout: Option<ChildStdout>) -> Option<String> {
    let mut lines = BufReader::new(stdout?);
    let mut line = Vec::new();
    (&mut lines).take(FIRST_LINE).read_until(b'\n', &mut line).await.ok()?;
    tokio::spawn(async move {
        let _ = tokio::io::copy(&mut lines, &mut tokio::io::sink()).await;
    });
    if line.is_empty() { None } else { Some(String::from_utf8_lossy(&line).into_owned()) }
}

/// Keeps the last words of stderr.
async fn keep_tail(mut stderr: ChildStderr, tail: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
        let Ok(mut tail) = tail.lock() else { return };
        tail.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let over = tail.len().saturating_sub(TAIL);
        tail.drain(..over);
    }
}

/// Who hears of a child's end.
struct Tell {
    told: watch::Sender<Option<Exit>>,
    died: Arc<dyn Fn(&str) + Send + Sync>,
    serves: Arc<AtomicBool>,
}

/// Owns the child: waits for its end, or brings it about.
async fn attend(
    mut child: Child,
    stdin: Option<ChildStdin>,
    stop: CancellationToken,
    tail_end: Option<tokio::task::JoinHandle<()>>,
    tail: Arc<Mutex<Vec<u8>>>,
    tell: Tell,
) {
    let ended = match stop.run_until_cancelled(child.wait()).await {
        Some(status) => status,
        None => {
            // Its stdin ends: that is its sign to go.
            drop(stdin);
            match timeout(LEAVE, child.wait()).await {
                Ok(status) => status,
                Err(_) => match child.kill().await {
                    Ok(()) => child.wait().await,
                    Err(why) => Err(why),
                },
            }
        }
    };
    if let Some(tail_end) = tail_end {
        // A grandchild could hold the pipe open.
        let _ = timeout(Duration::from_millis(200), tail_end).await;
    }
    let last = tail.lock().map(|tail| last_line(&tail)).unwrap_or_default();
    let in_order = stop.is_cancelled() || ended.as_ref().is_ok_and(ExitStatus::success);
    let how = match ended {
        Ok(status) => in_words(status, &last),
        Err(why) => format!("it was lost ({why})"),
    };
    if !in_order {
        tracing::warn!(how, "a local model died");
        if tell.serves.load(Ordering::Relaxed) {
            (tell.died)(&how);
        }
    }
    let _ = tell.told.send(Some(Exit { in_order, how }));
}

fn last_line(tail: &[u8]) -> String {
    let text = String::from_utf8_lossy(tail);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn in_words(status: ExitStatus, last: &str) -> String {
    let how = match (signal(status), status.code()) {
        (Some(9), _) => "it was killed, maybe since memory ran out".to_owned(),
        (Some(signal), _) => format!("signal {signal} ended it"),
        (None, Some(code)) => format!("it ended with code {code}"),
        (None, None) => "it ended".to_owned(),
    };
    if last.is_empty() { how } else { format!("{how}; its last words: {last}") }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

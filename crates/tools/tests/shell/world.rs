//! What the cases stand on: calling the tool, seeing which processes are left, and running the cases
//! as a test binary is expected to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jamey_engine::ports::{ReadFiles, Tool, ToolContext};
use jamey_protocol::{Access, CallId, ToolOutput};
use jamey_tools::{ToolSettings, built_in};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A case: its sentence, and what it does.
pub type Case = (&'static str, fn());

/// A place for one command.
pub struct World {
    pub cwd: tempfile::TempDir,
    pub spill: tempfile::TempDir,
    pub cancel: CancellationToken,
    pub guard: Option<PathBuf>,
    /// A text that every process of the case has in its arguments.
    pub tag: String,
}

impl World {
    pub fn guarded() -> Self {
        Self::new(Some(std::env::current_exe().unwrap()))
    }

    pub fn unguarded() -> Self {
        Self::new(None)
    }

    fn new(guard: Option<PathBuf>) -> Self {
        let (cwd, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // A number of seconds for `sleep` that nobody else sleeps.
        let tag = format!("9{:09}", CallId::new().0.as_u128() % 1_000_000_000);
        Self { cwd, spill, cancel: CancellationToken::new(), guard, tag }
    }

    /// Runs `command`, in which `TAG` stands for the tag, for at most `seconds`.
    pub async fn run_watched(
        &self,
        command: &str,
        seconds: u64,
        progress: mpsc::Sender<String>,
    ) -> Result<ToolOutput, ToolOutput> {
        let settings = ToolSettings {
            guard: self.guard.clone(),
            timeout: Duration::from_secs(60),
            ..ToolSettings::default()
        };
        let tools = built_in(settings);
        let tool: &dyn Tool = &**tools.get("shell_exec").unwrap();
        let command = command.replace("TAG", &self.tag);
        let cwd = self.cwd.path().to_owned();
        let context = ToolContext {
            call_id: CallId::new(),
            accesses: vec![Access::Run { command: command.clone(), cwd: cwd.clone() }],
            cwd,
            cancel: self.cancel.clone(),
            progress,
            spill_dir: self.spill.path().to_owned(),
            read_files: ReadFiles::default(),
        };
        let arguments = json!({"command": command, "timeout_seconds": seconds});
        tool.run(arguments, context).await.map_err(|error| error.output)
    }

    pub fn run(&self, command: &str, seconds: u64) -> Result<ToolOutput, ToolOutput> {
        block_on(self.run_watched(command, seconds, mpsc::channel(1).0))
    }

    pub fn ok(&self, command: &str) -> String {
        self.run(command, 60).unwrap_or_else(|output| panic!("failed: {}", output.text)).text
    }

    /// Lists the processes of the case that live.
    pub fn left(&self) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let arguments = String::from_utf8_lossy(&arguments).replace('\0', " ");
            if arguments.contains(&self.tag) {
                found.push(format!("{} {arguments}", entry.file_name().display()));
            }
        }
        found
    }

    pub fn assert_nothing_left(&self) {
        assert_eq!(self.left(), Vec::<String>::new());
    }
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Runs a command under the guard, as a runtime that somebody kills meanwhile.
pub fn play_runtime(command: &str) {
    let world = World::guarded();
    let _ = world.run(command, 600);
}

/// Runs the cases whose sentence holds the filter, several at once, and tells as other test binaries do.
pub fn run_all(cases: &'static [Case]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let exact = arguments.iter().any(|argument| argument == "--exact");
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| {
        filter.is_none_or(|part| if exact { name == part } else { name.contains(part.as_str()) })
    };
    let cases: Vec<&Case> = cases.iter().filter(|(name, _)| wanted(name)).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        cases.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", cases.len());
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((name, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ended = catch_unwind(AssertUnwindSafe(case));
                    println!("test {name} ... {}", if ended.is_ok() { "ok" } else { "FAILED" });
                    if ended.is_err() {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(*name);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let result = if failed.is_empty() { "ok" } else { "FAILED" };
    println!("\ntest result: {result}. {} passed; {} failed\n", cases.len() - failed.len(), failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

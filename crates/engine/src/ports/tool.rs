//! Tools, seen from the engine: what they are, what a call would touch, and running it.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use jamey_protocol::{Access, CallId, ToolDescription, ToolOutput};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// One tool.
#[async_trait::async_trait]
pub trait Tool: Send + Sync {
    /// Its name, as the model calls it.
    fn name(&self) -> &str;

    /// What the model and the person are told of it.
    fn describe(&self) -> ToolDescription;

    /// Computes what a call would touch, from its arguments alone. Nothing runs here, nothing is
    /// opened, and no network name is resolved.
    ///
    /// # Errors
    /// When the arguments do not fit the schema; the text is for the model.
    fn access(&self, arguments: &Value, cwd: &Path) -> Result<Vec<Access>, ToolError>;

    /// Runs a call that was allowed. When it returns, every process it began has ended.
    ///
    /// # Errors
    /// `ToolError` is what the model reads when the call failed; it is a normal outcome.
    async fn run(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolError>;
}

/// A call that failed: what the model and the person read. May carry a bounded output (a command's
/// output and exit code).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", output.text)]
pub struct ToolError {
    /// The text, and what came with it.
    pub output: ToolOutput,
}

impl ToolError {
    /// Makes a failure from one text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { output: ToolOutput { text: text.into(), ..ToolOutput::default() } }
    }
}

/// What a running call is given.
#[derive(Clone, Debug)]
pub struct ToolContext {
    /// Names the call; spill files carry it.
    pub call_id: CallId,
    /// The session's folder.
    pub cwd: PathBuf,
    /// What the call said it would touch and what was allowed; `run` touches nothing else, and refuses
    /// when a path leads elsewhere by now.
    pub accesses: Vec<Access>,
    /// Fires when the person interrupts.
    pub cancel: CancellationToken,
    /// Takes what the tool prints while it runs, for watching; a full channel drops text, never waits.
    pub progress: mpsc::Sender<String>,
    /// Where whole outputs go that are too long for the model; absolute, exists.
    pub spill_dir: PathBuf,
    /// Files that this session has read whole or in part, or written.
    pub read_files: ReadFiles,
}

/// The files a session has seen. A file that was never read is not overwritten by a guess.
#[derive(Clone, Debug, Default)]
pub struct ReadFiles(Arc<Mutex<HashSet<PathBuf>>>);

impl ReadFiles {
    /// Notes that the session knows what is in `path` (absolute, symlinks resolved).
    pub fn note(&self, path: PathBuf) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
    }

    /// Tells whether the session has seen `path`.
    #[must_use]
    pub fn contains(&self, path: &Path) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }
}

/// The tools of one runtime, by name.
#[derive(Clone, Default)]
pub struct Tools(Vec<Arc<dyn Tool>>);

impl Tools {
    /// Holds `tools`, in the order in which they are offered.
    #[must_use]
    pub fn new(tools: Vec<Arc<dyn Tool>>) -> Self {
        Self(tools)
    }

    /// Adds one behind the others.
    #[must_use]
    pub fn with(mut self, tool: Arc<dyn Tool>) -> Self {
        self.0.push(tool);
        self
    }

    /// Finds one by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.0.iter().find(|tool| tool.name() == name)
    }

    /// Describes all, in the order in which they are offered.
    #[must_use]
    pub fn describe(&self) -> Vec<ToolDescription> {
        self.0.iter().map(|tool| tool.describe()).collect()
    }
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|tool| tool.name())).finish()
    }
}

//! One running tool call.

use std::sync::Arc;

use jamey_protocol::{CallId, ToolOutput};
use serde_json::Value;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::trace;
use crate::ports::{Gate, Tool, ToolContext, ToolError};

/// Pieces of output that may wait to be shown; more are dropped, never waited for.
const PROGRESS: usize = 64;

pub(super) struct ToolRun {
    pub(super) call_id: CallId,
    pub(super) cancel: CancellationToken,
    pub(super) progress: mpsc::Receiver<String>,
    /// It was not begun at once, since the gate was closed.
    pub(super) was_held: bool,
    task: JoinHandle<Result<ToolOutput, ToolError>>,
}

/// What a running call did next.
pub(super) enum Step {
    Printed(String),
    Finished(Result<ToolOutput, ToolError>),
}

impl ToolRun {
    pub(super) fn start(
        tool: Arc<dyn Tool>,
        arguments: Value,
        gate: Gate,
        span: Span,
        make: impl FnOnce(mpsc::Sender<String>) -> ToolContext,
    ) -> Self {
        let (sender, progress) = mpsc::channel(PROGRESS);
        let context = make(sender);
        let (call_id, cancel) = (context.call_id, context.cancel.clone());
        // A task of its own, so that a fault in a tool is that call's failure and not the session's.
        let was_held = gate.is_closed();
        let run = async move {
            if was_held {
                tokio::select! {
                    biased;
                    () = context.cancel.cancelled() => {
                        return Err(ToolError::new("Error: it was stopped before it began; nothing was done"));
                    }
                    () = gate.opened() => {}
                }
            }
            let result = tool.run(arguments, context).await;
            trace::ran(&Span::current(), result.is_ok());
            result
        };
        let task = tokio::spawn(run.instrument(span));
        Self { call_id, cancel, progress, was_held, task }
    }

    /// Cancel-safe: what was printed before the end comes before the end.
    pub(super) async fn next(&mut self) -> Step {
        tokio::select! {
            biased;
            Some(text) = self.progress.recv() => Step::Printed(text),
            ended = &mut self.task => Step::Finished(ended.unwrap_or_else(|fault| {
                tracing::error!(call = %self.call_id, %fault, "A tool ended by a fault of its own.");
                Err(ToolError::new("Error: the tool failed by a fault of Jamey's; its outcome is unknown"))
            })),
        }
    }
}

impl Drop for ToolRun {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

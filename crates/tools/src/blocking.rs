//! Runs file work away from the tasks of the runtime, so that a hung disk or network share delays one
//! call and nothing else.

use std::time::{Duration, Instant};

use jamey_engine::ports::{ToolContext, ToolError};
use jamey_protocol::ToolOutput;

/// Runs `work` on a thread for blocking work, at most for `timeout` or until the call is cancelled.
/// Work that is stuck in the kernel goes on there and its result is thrown away.
pub(crate) async fn blocking<F>(
    context: &ToolContext,
    timeout: Duration,
    work: F,
) -> Result<ToolOutput, ToolError>
where
    F: FnOnce() -> Result<ToolOutput, ToolError> + Send + 'static,
{
    let began = Instant::now();
    let result = tokio::select! {
        biased;
        done = tokio::task::spawn_blocking(work) => {
            done.unwrap_or_else(|_| Err(ToolError::new("this failed inside; it is a fault of Jamey, please report it")))
        }
        () = context.cancel.cancelled() => Err(ToolError::new("stopped")),
        () = tokio::time::sleep(timeout) => Err(ToolError::new(format!(
            "nothing came back within {} s; the disk or network folder may hang",
            timeout.as_secs()
        ))),
    };
    timed(result, began)
}

/// Notes in `result` how long the call took.
pub(crate) fn timed(
    mut result: Result<ToolOutput, ToolError>,
    began: Instant,
) -> Result<ToolOutput, ToolError> {
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &mut result {
        Ok(output) => output.took_ms = took_ms,
        Err(error) => error.output.took_ms = took_ms,
    }
    result
}

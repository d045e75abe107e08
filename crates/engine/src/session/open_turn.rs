//! The turn that runs now: its machine, and what it waits for.

use std::time::Duration;

use futures_util::stream::BoxStream;
use jamey_protocol::Mode;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::{ModelChoice, tool_run::ToolRun};
use crate::{
    ports::{Chunk, Gate, ProviderError, TurnMeter},
    turn::{Machine, Timer},
};

pub(super) struct OpenTurn {
    pub(super) machine: Machine,
    pub(super) choice: ModelChoice,
    /// What it has spent, whichever models it asked.
    pub(super) meter: TurnMeter,
    /// Models that failed in this turn, as `provider/model`.
    pub(super) failed: Vec<String>,
    /// The mode that a person chose last while it ran; it holds as far as it is narrower than the one it began with.
    pub(super) ceiling: Option<Mode>,
    pub(super) span: Span,
    pub(super) stream: Option<ModelStream>,
    pub(super) tool: Option<ToolRun>,
    pub(super) timers: Vec<(Instant, Timer)>,
}

pub(super) struct ModelStream {
    pub(super) chunks: BoxStream<'static, Result<Chunk, ProviderError>>,
    pub(super) cancel: CancellationToken,
    pub(super) span: Span,
    /// It was not begun at once, since the gate was closed.
    pub(super) was_held: bool,
}

impl Drop for ModelStream {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl OpenTurn {
    /// The mode that its calls are judged by.
    pub(super) fn mode(&self) -> Mode {
        let begun = self.machine.settings().mode.unwrap_or_default();
        self.ceiling.map_or(begun, |ceiling| begun.min(ceiling))
    }

    /// A person chose another mode. Whoever takes a freedom back means now: a call that was let pass before and waits at
    /// the gate does not begin. More freedom holds from the next turn on.
    pub(super) fn choose(&mut self, mode: Mode, gate: &Gate) {
        let before = self.mode();
        self.ceiling = Some(mode);
        let waits = self.tool.as_ref().filter(|run| run.was_held && gate.is_closed());
        if self.mode() < before
            && let Some(run) = waits
        {
            run.cancel.cancel();
        }
    }

    pub(super) fn set_timer(&mut self, timer: Timer, after: Duration) {
        self.timers.push((Instant::now() + after, timer));
    }

    pub(super) fn next_timer(&self) -> Option<Instant> {
        self.timers.iter().map(|(at, _)| *at).min()
    }

    pub(super) fn take_due(&mut self) -> Option<Timer> {
        let now = Instant::now();
        let due = self.timers.iter().position(|(at, _)| *at <= now)?;
        Some(self.timers.swap_remove(due).1)
    }
}

//! What a turn, a model call and a tool call are to whoever traces: spans with ids, names and numbers.
//!
//! Invariant: nothing that a person, a model or a tool said is ever part of them. They are made at every
//! level, so that each line of the log can say which turn it belongs to; one costs some hundred
//! nanoseconds, and none is touched for a piece of an answer.

use jamey_protocol::{CallId, ErrorCode, Outcome, SessionId, TurnId, Usage};
use tracing::{Span, field::Empty};

use crate::ports::{ErrorKind, StopReason};

/// The target of these spans, by which exporters find them.
pub const TARGET: &str = "jamey_engine::trace";

/// A turn; its model calls and tool calls are within it.
pub(super) fn turn(session: SessionId, turn: TurnId) -> Span {
    tracing::error_span!(target: TARGET, parent: None, "turn", %session, %turn, outcome = Empty, error = Empty)
}

/// One request to a model. `model` is `provider/model`.
pub(super) fn call(turn: &Span, model: &str) -> Span {
    let span = tracing::error_span!(
        target: TARGET, parent: turn, "call", model, input = Empty, cached = Empty, output = Empty,
        reasoning = Empty, finish = Empty, error = Empty,
    );
    tracing::debug!(parent: &span, "the model is asked");
    span
}

/// One run of a tool.
pub(super) fn tool(turn: &Span, tool: &str, call: CallId) -> Span {
    let span = tracing::error_span!(target: TARGET, parent: turn, "tool", tool, %call, error = Empty);
    tracing::debug!(parent: &span, "a tool runs");
    span
}

pub(super) fn used(call: &Span, usage: &Usage) {
    call.record("input", usage.input);
    call.record("cached", usage.cached);
    call.record("output", usage.output);
    call.record("reasoning", usage.reasoning);
}

pub(super) fn answered(call: &Span, reason: StopReason) {
    call.record(
        "finish",
        match reason {
            StopReason::Done => "stop",
            StopReason::Length => "length",
            StopReason::Refused => "content_filter",
        },
    );
    tracing::debug!(parent: call, "the model has answered");
}

pub(super) fn failed(call: &Span, kind: ErrorKind) {
    call.record("error", tracing::field::debug(kind));
    tracing::debug!(parent: call, "the model's answer failed");
}

pub(super) fn ran(tool: &Span, ok: bool) {
    if !ok {
        tool.record("error", "tool_error");
    }
    tracing::debug!(parent: tool, "a tool has run");
}

pub(super) fn ended(turn: &Span, outcome: &Outcome) {
    let (word, error) = match outcome {
        Outcome::Completed => ("completed", None),
        Outcome::Interrupted { .. } => ("interrupted", None),
        Outcome::Failed { error } => ("failed", Some(error.code)),
    };
    turn.record("outcome", word);
    if let Some(code) = error {
        turn.record("error", code_name(code));
    }
    // Why it failed is in the session; a vendor's words may repeat what was said.
    tracing::info!(parent: turn, "a turn ended");
}

fn code_name(code: ErrorCode) -> String {
    serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

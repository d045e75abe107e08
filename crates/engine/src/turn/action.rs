//! What a turn wants done.

use std::time::Duration;

use jamey_protocol::{CallId, EventBody, Usage};
use serde_json::Value;

use crate::{
    context::Wish,
    ports::{Count, ProposedCall},
};

/// One thing to do, in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Journal it (unless it is a delta), then tell everybody.
    Emit(EventBody),
    /// A model call ended and used so much; to be journaled with what was emitted around it.
    Spent(Usage, Count),
    /// Send the transcript to the model.
    CallModel(Fit),
    /// Let the model sum up the older part of the conversation, and answer with `Signal::Summarising` or
    /// `Signal::NothingToSummarise`. What it says follows as that of any call.
    Summarise(Wish),
    /// Find another model, since this one failed, and answer with `Signal::Chosen`.
    ChooseModel,
    /// Drop the model's stream.
    StopModel,
    /// Judge a call and answer with `Signal::Judged`.
    Judge(ProposedCall),
    /// Run a call. Everything emitted before must be on the disk first.
    RunTool {
        /// Which call.
        call_id: CallId,
        /// Which tool.
        tool: String,
        /// Its arguments.
        arguments: Value,
    },
    /// Tell a running call to end; `Signal::ToolFinished` follows.
    CancelTool(CallId),
    /// Ring later. A timer that rings when nobody waits for it is ignored.
    SetTimer(Timer, Duration),
    /// The turn is over; nothing follows.
    Finish,
}

/// What to do where a request will not fit the model's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Say `Signal::TooLong` instead of sending it, if a summary would help.
    Checked,
    /// Send it all the same.
    AsItIs,
}

/// The timers of a turn; the number tells a stale one from the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Time to ask the model again.
    Retry(u32),
    /// The turn has taken as long as it may.
    Wall,
    /// The summary that is being made has had long enough.
    Summary(u32),
    /// A cancelled tool has had long enough to end.
    Cancelled(u32),
}

//! What can happen to a turn.

use jamey_protocol::{Access, ApprovalId, Attachment, CallId, Choice, Decision, OpId, ToolOutput};

use super::Timer;
use crate::ports::{Chunk, ProviderError, ToolError};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// The turn begins with what the person said.
    Start {
        /// The op that asked for it.
        op_id: OpId,
        /// The words.
        text: String,
        /// The files given along.
        attachments: Vec<Attachment>,
    },
    /// The turn begins, and is nothing but a summary of what was said so far.
    Compact {
        /// The op that asked for it.
        op_id: OpId,
        /// What to keep above all; may be empty.
        keep: String,
    },
    /// The request will not fit the model's window and was not sent; a summary would make room.
    TooLong,
    /// The model is asked for a summary.
    Summarising {
        /// How many items it will stand for.
        replaces: u64,
        /// What goes below it as it is; may be empty.
        below: String,
        /// What stands in its place where the model gives none, if it is needed.
        stand_in: Option<String>,
    },
    /// Nothing is old enough to be summed up, and the error with which a turn ends that needs room.
    NothingToSummarise(ProviderError),
    /// The model said something, or ended its answer.
    Chunk(Chunk),
    /// The model's stream ended with an error.
    ModelFailed(ProviderError),
    /// Another model goes on instead of one that failed, or there is none.
    Chosen(Option<String>),
    /// Policy judged a call.
    Judged {
        /// Which call.
        call_id: CallId,
        /// The judgement.
        verdict: Verdict,
    },
    /// A person answered.
    Decided {
        /// Which question.
        approval_id: ApprovalId,
        /// The answer.
        decision: Decision,
    },
    /// A running tool printed something.
    ToolPrinted {
        /// Which call.
        call_id: CallId,
        /// The text.
        text: String,
    },
    /// A running tool and all its processes ended.
    ToolFinished {
        /// Which call.
        call_id: CallId,
        /// What came of it.
        result: Result<ToolOutput, ToolError>,
    },
    /// The person said something more.
    Steer {
        /// The words.
        text: String,
        /// The files given along.
        attachments: Vec<Attachment>,
    },
    /// Somebody stops the turn.
    Interrupt {
        /// Why, in one sentence.
        reason: String,
    },
    /// A timer rang.
    Rang(Timer),
}

/// Policy's judgement of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may run now.
    Allow(Vec<Access>),
    /// A person must say yes.
    Ask {
        /// What it wants.
        accesses: Vec<Access>,
        /// One sentence for the person.
        question: String,
        /// The answers to offer.
        choices: Vec<Choice>,
    },
    /// The rules say no.
    Deny {
        /// What it wants.
        accesses: Vec<Access>,
        /// Why, for the model and the person.
        reason: String,
    },
    /// No such tool, or arguments that do not fit it.
    Invalid(String),
}

//! What the engine needs from outside. Adapters implement these; tests use fakes of the same shape.

mod attachments;
mod clock;
mod gate;
mod journal;
mod meter;
mod provider;
mod rules;
mod tool;

pub use attachments::{Attachments, NoAttachments};
pub use clock::{Clock, SystemClock};
pub use gate::Gate;
pub use journal::{AcceptedOp, Count, Durability, Entry, Journal, JournalError, OpenText, Spent};
pub use meter::{Spending, TurnMeter};
pub use provider::{
    Chunk, ErrorKind, Image, Message, ProposedCall, Provider, ProviderError, Request, StopReason, Thought,
    ToolResult,
};
pub use rules::{NoRules, Rules};
pub use tool::{ReadFiles, Tool, ToolContext, ToolError, Tools};

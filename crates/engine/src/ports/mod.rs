//! What the engine needs from outside. Adapters implement these; tests use fakes of the same shape.

mod clock;
mod journal;
mod provider;
mod tool;

pub use clock::{Clock, SystemClock};
pub use journal::{AcceptedOp, Durability, Entry, Journal, JournalError, OpenText};
pub use provider::{
    Chunk, ErrorKind, Image, Message, ProposedCall, Provider, ProviderError, Request, StopReason, Thought,
    ToolResult,
};
pub use tool::{ReadFiles, Tool, ToolContext, ToolError, Tools};

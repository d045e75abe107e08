//! The nouns that cross Jamey's door: what a session, a turn and an item are, what a face may ask
//! (`Op`), and what it is told (`Event`).
//!
//! Everything here is plain data with one JSON shape (camelCase, `type` tags, times in integer
//! milliseconds since 1970). The same types are stored, streamed and rendered, so there is no
//! mapping between twins. This crate must never do I/O and must never depend on another Jamey crate.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod access;
pub mod approval;
pub mod attachment;
pub mod backup;
pub mod calls;
pub mod config;
pub mod error;
pub mod event;
pub mod health;
pub mod ids;
pub mod item;
pub mod key;
pub mod letters;
pub mod life;
pub mod model;
pub mod monitor;
pub mod op;
pub mod route;
pub mod session;
pub mod status;
pub mod tool;
pub mod usage;
pub mod version;

pub use access::{Access, Mode};
pub use approval::{Approval, Choice, Decision};
pub use attachment::Attachment;
pub use error::{ApiError, ErrorCode};
pub use event::{Delta, Event, EventBody, Level, Outcome};
pub use ids::{ApprovalId, AttachmentId, CallId, ItemId, OpId, SessionId, TurnId};
pub use item::{Item, ItemBody};
pub use model::{Model, Pull, Usage};
pub use op::{Op, OpAccepted, OpRequest};
pub use session::{CreateSession, PatchSession, Session, SessionStatus, Settings};
pub use tool::{CallStatus, ToolCall, ToolDescription, ToolOutput};
pub use uuid::Uuid;

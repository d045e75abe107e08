//! Files: where a path really leads, and the four tools that follow it.
//!
//! A tool resolves its path when it says what it would touch and again when it runs. It opens the
//! resolved path, looks where the open handle really is, and gives up when that is not what was allowed:
//! a symlink that is swapped in between gains nothing.

mod complete;
mod fold;
mod folder;
mod list;
mod open;
mod read;
mod resolve;
mod search;
mod similar;
mod walk;
mod windows;
mod write;

use jamey_engine::ports::{ToolContext, ToolError};
use jamey_protocol::Access;

pub use complete::{Completion, complete};
pub(crate) use list::List;
pub(crate) use read::Read;
pub(crate) use search::Search;
pub(crate) use write::Write;

/// Fails unless `access` is what the call said it would touch.
fn require(context: &ToolContext, access: &Access, shown: &str) -> Result<(), ToolError> {
    if context.accesses.contains(access) {
        return Ok(());
    }
    Err(ToolError::new(format!(
        "{shown} leads elsewhere now than when this call was allowed. Nothing was done; try again"
    )))
}

/// Makes a name safe to show in a list: control characters would forge lines.
fn printable(name: &str) -> String {
    if name.chars().any(char::is_control) { name.escape_debug().to_string() } else { name.to_owned() }
}

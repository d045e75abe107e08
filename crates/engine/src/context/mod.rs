//! Builds what the model is asked from what the session holds.
//!
//! Invariants: the request only ever grows at its end between two turns, so that prefix caches
//! hit; every call is followed by its result; nothing of a vendor's own shape appears here.

mod given;
mod instructions;
mod messages;

use std::path::Path;

use jamey_protocol::{Item, Settings, ToolDescription};

use crate::ports::Request;

pub use given::{Given, is_image};

/// Builds the request for the next model call of a turn. `host` are instructions of the host, `given` holds the
/// files that were given along.
#[must_use]
pub fn request(
    model: &str,
    settings: &Settings,
    host: &str,
    cwd: &Path,
    items: &[Item],
    given: &Given,
    tools: Vec<ToolDescription>,
) -> Request {
    let tools = if settings.tools == Some(false) { Vec::new() } else { tools };
    Request {
        model: model.to_owned(),
        system: instructions::instructions(
            cwd,
            [host, settings.system.as_deref().unwrap_or_default()],
            !tools.is_empty(),
        ),
        messages: messages::messages(items, given),
        tools,
        cwd: cwd.to_owned(),
        max_output: None,
        schema: None,
    }
}

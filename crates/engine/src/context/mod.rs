//! Builds what the model is asked from what the session holds.
//!
//! Invariants: the request only ever grows at its end, within a turn and between two, until a summary takes the place
//! of its older part, so that prefix caches hit; every call is followed by its result; nothing of a vendor's own
//! shape appears here.

mod cut;
mod given;
mod instructions;
mod messages;
mod outputs;
mod record;
mod remembered;
#[cfg(test)]
mod samples;
mod shares;
mod size;
mod stand_in;
mod summary;
mod trim;
mod weight;

use std::path::Path;

use jamey_protocol::{Item, Settings, ToolDescription};

use self::{outputs::Outputs, weight::Listener};
use crate::ports::{Message, Request};

pub use given::{Given, has_files, is_image};
pub use shares::Shares;
pub use size::{Gauge, Size};
pub use stand_in::is_stand_in;
pub use summary::{Ground, Plan, Wish, plan};

/// Whom a request is for.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// `provider/model`.
    pub id: &'a str,
    /// The model's name without the provider.
    pub model: &'a str,
    /// What it is known to take, in tokens.
    pub window: Option<u64>,
}

impl<'a> Addressee<'a> {
    fn listener(self) -> Listener<'a> {
        Listener { id: self.id, outputs: Outputs::of(self.window) }
    }
}

/// Builds the request for the next model call of a turn. `host` are instructions of the host, `given` holds the
/// files that were given along.
#[must_use]
pub fn request(
    to: Addressee<'_>,
    settings: &Settings,
    host: &str,
    cwd: &Path,
    items: &[Item],
    given: &Given,
    tools: Vec<ToolDescription>,
) -> Request {
    let messages = messages::messages(items, given, to.listener());
    let has_called =
        |message: &Message| matches!(message, Message::Assistant { calls, .. } if !calls.is_empty());
    let calls_off = settings.tools == Some(false);
    let tools = if calls_off && !messages.iter().any(has_called) { Vec::new() } else { tools };
    Request {
        model: to.model.to_owned(),
        system: instructions::instructions(
            cwd,
            [host, settings.system.as_deref().unwrap_or_default()],
            !tools.is_empty(),
        ),
        messages,
        tools,
        calls_off,
        cwd: cwd.to_owned(),
        max_output: None,
        room: None,
        schema: settings.schema.clone(),
        session: None,
    }
}

//! Joins the pieces of tool calls.
//!
//! Servers number the calls of an answer by `index`, and continue a call by repeating its number. Some
//! give every call the number 0, some give none, some repeat id and name in every piece, some send a
//! name in pieces or give no ids at all. The rule here: an id that was not seen before begins a call; a
//! number continues the call that last had it; without either, a name begins a call once the one before
//! has arguments, and anything else continues the last one.

use jamey_engine::ports::ProposedCall;
use jamey_protocol::CallId;
use serde_json::{Map, Value};

use super::wire::CallPiece;
use crate::http;

/// The calls of one answer, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Calls {
    slots: Vec<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

/// Why an answer's calls cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadCalls {
    #[error("more than {} tool calls in one answer", http::CALLS)]
    TooMany,
    #[error("the arguments of a tool call are larger than {} bytes", http::CALL_ARGUMENTS)]
    TooLarge,
    #[error("a tool call without a name")]
    NoName,
}

/// Whether a piece may continue a call or is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Streamed,
    Whole,
}

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(super) fn add(&mut self, piece: &CallPiece<'_>, form: Form) -> Result<(), BadCalls> {
        let id = piece.id.as_ref().map_or("", |id| id.0.as_ref());
        let function = piece.function.as_ref();
        let name = function.and_then(|f| f.name.as_ref()).map_or("", |name| name.0.as_ref());
        let arguments = function.and_then(|f| f.arguments.as_ref()).map_or("", |text| text.0.as_ref());
        let found = if form == Form::Whole { None } else { self.find(piece.index, id, name) };
        let at = if let Some(at) = found {
            at
        } else {
            if self.slots.len() == http::CALLS {
                return Err(BadCalls::TooMany);
            }
            self.slots.push(Slot { index: piece.index, id: id.to_owned(), ..Slot::default() });
            self.slots.len() - 1
        };
        let Some(slot) = self.slots.get_mut(at) else { return Ok(()) };
        if slot.id.is_empty() {
            id.clone_into(&mut slot.id);
        }
        // A whole name that comes again with every piece is no continuation.
        if slot.name != name {
            slot.name.push_str(name);
        }
        if slot.arguments.len() + arguments.len() > http::CALL_ARGUMENTS {
            return Err(BadCalls::TooLarge);
        }
        slot.arguments.push_str(arguments);
        Ok(())
    }

    /// Finds the call that a piece continues.
    fn find(&self, index: Option<u64>, id: &str, name: &str) -> Option<usize> {
        if !id.is_empty()
            && let Some(at) = self.slots.iter().rposition(|slot| slot.id == id)
        {
            return Some(at);
        }
        let at = match index {
            Some(_) => self.slots.iter().rposition(|slot| slot.index == index)?,
            None => self.slots.len().checked_sub(1)?,
        };
        let slot = self.slots.get(at)?;
        let other_id = !id.is_empty() && !slot.id.is_empty();
        let begun_again = id.is_empty() && !name.is_empty() && slot.is_complete(index.is_some(), name);
        (!other_id && !begun_again).then_some(at)
    }

    /// Gives the calls. To be asked only after the server said that the answer ended; `whole` is false if
    /// a limit or a filter cut it, so that a call without arguments may have lost them.
    pub(super) fn finish(self, whole: bool) -> Result<Vec<ProposedCall>, BadCalls> {
        self.slots
            .into_iter()
            .map(|slot| {
                if slot.name.trim().is_empty() {
                    return Err(BadCalls::NoName);
                }
                Ok(ProposedCall {
                    call_id: CallId::new(),
                    tool: slot.name.trim().to_owned(),
                    arguments: if !whole && slot.arguments.trim().is_empty() {
                        Err("(the answer was cut off before the arguments came)".to_owned())
                    } else {
                        read(&slot.arguments)
                    },
                })
            })
            .collect()
    }
}

impl Slot {
    /// Tells whether another name can only belong to the next call.
    fn is_complete(&self, numbered: bool, name: &str) -> bool {
        if self.arguments.is_empty() {
            return false;
        }
        if numbered {
            // The number says "continue"; only arguments that are whole outweigh it.
            return serde_json::from_str::<Map<String, Value>>(&self.arguments).is_ok();
        }
        self.name != name || serde_json::from_str::<Map<String, Value>>(&self.arguments).is_ok()
    }
}

/// Reads arguments; a call without any has an empty object.
fn read(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Null) => Ok(Value::Object(Map::new())),
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(broken(text, "is no JSON object")),
        Err(error) => Err(broken(text, &format!("is no valid JSON: {error}"))),
    }
}

/// What is shown of arguments that cannot be used: enough to see the fault, not a megabyte of it.
const SHOWN: usize = 2000;

fn broken(text: &str, why: &str) -> String {
    let mut end = text.len().min(SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (shown, rest) = text.split_at(end);
    if rest.is_empty() {
        format!("{shown}\n({why})")
    } else {
        format!("{shown}\n({} more bytes; the whole {why})", rest.len())
    }
}

#[cfg(test)]
mod tests;

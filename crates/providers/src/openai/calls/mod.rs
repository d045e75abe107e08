//! Joins the pieces of tool calls.
//!
//! Servers number the calls of an answer by `index`, and continue a call by repeating its number. Some
//! give every call the number 0, some give none, some repeat id and name in every piece, some send a
//! name in pieces or give no ids at all. The rule here: an id that was not seen before begins a call; a
//! number continues the call that last had it; without either, a name begins a call once the one before
//! has arguments, and anything else continues the last one. Where two calls have one id, the second begins
//! when the first is whole.

use serde_json::{Map, Value};

use super::wire::CallPiece;
use crate::dialect::{BadCalls, Calls, Slot};

/// Whether a piece may continue a call or is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Streamed,
    Whole,
}

/// Takes one piece. Returns the place of its call.
pub(super) fn add(calls: &mut Calls, piece: &CallPiece<'_>, form: Form) -> Result<usize, BadCalls> {
    let id = piece.id.as_ref().map_or("", |id| id.0.as_ref());
    let function = piece.function.as_ref();
    let name = function.and_then(|f| f.name.as_ref()).map_or("", |name| name.0.as_ref());
    let arguments = function.and_then(|f| f.arguments.as_ref()).map_or("", |text| text.0.as_ref());
    let found = if form == Form::Whole { None } else { find(&calls.slots, piece.index, id, name) };
    let found = match found.and_then(|at| calls.slots.get(at)) {
        Some(slot) if is_once_more(slot, piece.index, id, name, arguments) => {
            return Ok(found.unwrap_or_default());
        }
        Some(slot) if is_another(slot, piece.index, name, arguments) => None,
        _ => found,
    };
    let at = found.unwrap_or(calls.slots.len());
    let slot = match found {
        Some(at) => calls.slots.get_mut(at).ok_or(BadCalls::NotBegun)?,
        None => calls.begin(piece.index, id, "")?,
    };
    if slot.id.is_empty() {
        id.clone_into(&mut slot.id);
    }
    // A whole name that comes again with every piece is no continuation.
    if slot.name != name {
        slot.name.push_str(name);
    }
    slot.append(arguments);
    Ok(at)
}

/// Finds the call that a piece continues.
fn find(slots: &[Slot], index: Option<u64>, id: &str, name: &str) -> Option<usize> {
    if !id.is_empty()
        && let Some(at) = slots
            .iter()
            .rposition(|slot| slot.id == id && slot.index == index)
            .or_else(|| slots.iter().rposition(|slot| slot.id == id))
    {
        return Some(at);
    }
    let at = match index {
        Some(_) => slots.iter().rposition(|slot| slot.index == index)?,
        None => slots.len().checked_sub(1)?,
    };
    let slot = slots.get(at)?;
    let other_id = !id.is_empty() && !slot.id.is_empty();
    let begun_again = id.is_empty() && !name.is_empty() && is_complete(slot, index.is_some(), name);
    (!other_id && !begun_again).then_some(at)
}

/// Tells whether the whole call came before: some send it once more at the end, with its id under its number.
fn is_once_more(slot: &Slot, index: Option<u64>, id: &str, name: &str, arguments: &str) -> bool {
    let is_named_so = !id.is_empty() && slot.id == id && slot.name == name;
    let is_numbered_so = index.is_some() && slot.index == index;
    is_named_so && is_numbered_so && slot.arguments == arguments && is_object(arguments)
}

/// Tells whether a piece with a name cannot belong to this call: nothing can follow arguments that are whole.
fn is_another(slot: &Slot, index: Option<u64>, name: &str, arguments: &str) -> bool {
    let is_numbered_so = slot.index.is_some() && index.is_some() && slot.index != index;
    !name.is_empty()
        && (is_numbered_so || arguments.trim_start().starts_with('{'))
        && is_object(&slot.arguments)
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(text).is_ok()
}

/// Tells whether another name can only belong to the next call.
fn is_complete(slot: &Slot, numbered: bool, name: &str) -> bool {
    if slot.arguments.is_empty() {
        return false;
    }
    // A number says "continue"; only arguments that are whole outweigh it.
    is_object(&slot.arguments) || (!numbered && slot.name != name)
}

#[cfg(test)]
mod tests;

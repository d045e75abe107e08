//! Holds the tool calls of one answer until the server says that it ended.

use jamey_engine::ports::ProposedCall;
use jamey_protocol::CallId;
use serde_json::{Map, Value};

use crate::http;

/// The calls of one answer, in the order in which they began.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub slots: Vec<Slot>,
}

/// One call as far as it has come.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// The number that the server continues it by, if it numbers them.
    pub index: Option<u64>,
    /// The server's name for it, to tell calls apart.
    pub id: String,
    pub name: String,
    pub arguments: String,
    /// Bytes of arguments that are no longer kept, since nothing of so many can be used.
    pub dropped: usize,
}

/// Why an answer's calls cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadCalls {
    #[error("more than {} tool calls in one answer", http::CALLS)]
    TooMany,
    #[error("a tool call without a name")]
    NoName,
    #[error("a piece of a tool call that never began")]
    NotBegun,
}

impl Calls {
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Begins a call.
    pub(crate) fn begin(&mut self, index: Option<u64>, id: &str, name: &str) -> Result<&mut Slot, BadCalls> {
        if self.slots.len() == http::CALLS {
            return Err(BadCalls::TooMany);
        }
        let slot = Slot { index, id: id.to_owned(), name: name.to_owned(), ..Slot::default() };
        self.slots.push(slot);
        self.slots.last_mut().ok_or(BadCalls::TooMany)
    }

    /// The call of that number.
    pub(crate) fn numbered(&mut self, index: u64) -> Result<&mut Slot, BadCalls> {
        let found = self.slots.iter_mut().rfind(|slot| slot.index == Some(index));
        found.ok_or(BadCalls::NotBegun)
    }

    /// Gives the calls. To be asked only after the server said that the answer ended; `whole` is false if
    /// a limit or a filter cut it, or it does not say why it ended, so that a call without arguments may have lost them.
    pub(crate) fn finish(self, whole: bool) -> Result<Vec<ProposedCall>, BadCalls> {
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
                    } else if slot.dropped > 0 {
                        Err(too_large(&slot))
                    } else {
                        read(&slot.arguments)
                    },
                })
            })
            .collect()
    }
}

impl Slot {
    /// Adds to the arguments. Beyond their cap they are only counted: the model is told, so that it can do the
    /// same in parts.
    pub(crate) fn append(&mut self, arguments: &str) {
        if self.dropped > 0 || self.arguments.len() + arguments.len() > http::CALL_ARGUMENTS {
            self.dropped += arguments.len();
        } else {
            self.arguments.push_str(arguments);
        }
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

fn too_large(slot: &Slot) -> String {
    let shown = slot.arguments.get(..slot.arguments.floor_char_boundary(SHOWN / 10)).unwrap_or_default();
    let bytes = slot.arguments.len() + slot.dropped;
    let most = http::CALL_ARGUMENTS >> 20;
    format!("{shown}\n(…; these arguments have {bytes} bytes, and {most} MiB is the most: do it in parts)")
}

fn broken(text: &str, why: &str) -> String {
    let (shown, rest) = text.split_at(text.floor_char_boundary(SHOWN));
    if rest.is_empty() {
        format!("{shown}\n({why})")
    } else {
        format!("{shown}\n({} more bytes; the whole {why})", rest.len())
    }
}

//! What subscribers are sent.

use jamey_protocol::Event;

/// One event with its JSON, made once for all subscribers.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The event.
    pub event: Event,
    /// The same, as it goes over the wire.
    pub json: String,
}

impl Frame {
    pub(super) fn new(event: Event) -> Self {
        // Our own types have no map keys that JSON refuses, so this cannot fail.
        let json = serde_json::to_string(&event).unwrap_or_default();
        Self { event, json }
    }
}

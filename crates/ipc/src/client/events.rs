//! Streams of events and of download progress.

use std::{collections::VecDeque, time::Duration};

use http_body_util::BodyExt as _;
use hyper::{Response, body::Incoming};
use jamey_protocol::{ApiError, Event, Pull};

use super::{
    delta, later,
    sse::{Frame, Reader},
    wire::{Sender, broken, not_understood},
};

/// The runtime sends a sign of life every 15 seconds; after this long the connection is dead.
const SILENCE: Duration = Duration::from_secs(60);

/// The events of one session, from a place on.
pub type EventStream = Stream<EventKind>;
/// The durable events of all sessions, from a place on.
pub type AllEventStream = Stream<AllEventKind>;
/// The messages of one download.
pub type PullStream = Stream<PullKind>;

/// A stream of server-sent JSON. Dropping it closes its connection.
#[derive(Debug)]
pub struct Stream<K> {
    body: Incoming,
    reader: Reader,
    frames: VecDeque<Frame>,
    kind: std::marker::PhantomData<K>,
    /// Its connection would close if this went first.
    _sender: Sender,
}

/// How a stream's messages are decoded.
pub trait Decode {
    /// What it carries.
    type Message;
    #[doc(hidden)]
    fn decode(place: Place, json: &[u8]) -> serde_json::Result<Self::Message>;
}

/// What a message's `id:` says.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It has none.
    Nowhere,
    /// It has one; the number, where it is one.
    At(Option<u64>),
}

/// Events of a session.
#[derive(Clone, Copy, Debug)]
pub enum EventKind {}

/// Events of all sessions.
#[derive(Clone, Copy, Debug)]
pub enum AllEventKind {}

/// An event and its place among all events, after which a stream may begin again.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Grows with every event of any session, with gaps.
    pub place: u64,
    /// What happened.
    pub event: Event,
}

/// Messages of a download.
#[derive(Clone, Copy, Debug)]
pub enum PullKind {}

impl Decode for EventKind {
    type Message = Event;
    fn decode(place: Place, json: &[u8]) -> serde_json::Result<Event> {
        if place == Place::Nowhere
            && let Some(event) = delta::decode(json)
        {
            return Ok(event);
        }
        later::event(json)
    }
}

impl Decode for AllEventKind {
    type Message = Placed;
    fn decode(place: Place, json: &[u8]) -> serde_json::Result<Placed> {
        let Place::At(Some(place)) = place else {
            return Err(serde::de::Error::custom("it does not say its place"));
        };
        Ok(Placed { place, event: later::event(json)? })
    }
}

impl Decode for PullKind {
    type Message = Pull;
    fn decode(_place: Place, json: &[u8]) -> serde_json::Result<Pull> {
        serde_json::from_slice(json)
    }
}

impl<K: Decode> Stream<K> {
    pub(super) fn new((response, sender): (Response<Incoming>, Sender)) -> Self {
        Self {
            body: response.into_body(),
            reader: Reader::default(),
            frames: VecDeque::new(),
            kind: std::marker::PhantomData,
            _sender: sender,
        }
    }

    /// Waits for the next message; `None` when the runtime ended the stream. Nothing is lost when
    /// the future is dropped.
    ///
    /// # Errors
    /// `Unreachable` when the connection broke or was silent for a minute; `Internal` when a
    /// message is not understood.
    pub async fn next(&mut self) -> Result<Option<K::Message>, ApiError> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                let place = if frame.has_id { Place::At(frame.place) } else { Place::Nowhere };
                let message = K::decode(place, &frame.data);
                return message.map(Some).map_err(|error| not_understood(&format!("an event: {error}")));
            }
            match tokio::time::timeout(SILENCE, self.body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    let frames = &mut self.frames;
                    self.reader
                        .push(&bytes, |frame| frames.push_back(frame))
                        .map_err(|_| not_understood("an event is larger than any event may be"))?;
                }
                Ok(Some(Err(error))) => return Err(broken(&error.to_string())),
                Ok(None) => return Ok(None),
                Err(_) => return Err(broken("it was silent for a minute")),
            }
        }
    }

    /// Tells whether the next message is already here, so that a face can show several at once.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.frames.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{EventBody, ItemId, SessionId, TurnId};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_later_runtime_tells_all_faces_is_skipped_and_keeps_its_place() {
        let item = json!({"id": ItemId::new(), "turn": TurnId::new(), "step": 1, "at": 1, "body": {"type": "picture"}});
        let event = json!({"session": SessionId::new(), "seq": 3, "at": 1, "turn": TurnId::new(),
            "body": {"type": "itemCompleted", "item": item}});
        let placed = AllEventKind::decode(Place::At(Some(7)), event.to_string().as_bytes()).unwrap();
        assert_eq!((placed.place, placed.event.body), (7, EventBody::Unknown));
        assert!(AllEventKind::decode(Place::Nowhere, event.to_string().as_bytes()).is_err());
    }
}

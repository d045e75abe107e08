//! Events as a stream: first what is kept after the client's place, then what is open, then what
//! happens. No gap and no double; a client that is too slow is let go and resumes by its place.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use jamey_engine::{
    ports::{Clock as _, SystemClock},
    session::Frame,
};
use jamey_protocol::{ApiError, ErrorCode, Event, EventBody, SessionId};
use serde::Deserialize;
use tokio::sync::{
    broadcast::{self, error::TryRecvError},
    watch,
};
use tokio_util::sync::CancellationToken;

use super::{
    error::Failure,
    extract::{Params, Segment},
};
use crate::host::{Host, sessions::Lease};

/// A sign of life when nothing happens, so that a dead connection is noticed.
const ALIVE_EVERY: Duration = Duration::from_secs(15);
const ALIVE: &[u8] = b": alive\n\n";
/// How many kept events are read at a time.
const PAGE: u64 = 256;
/// What is ready is written together, up to about this size.
const BATCH_BYTES: usize = 64 * 1024;

/// The headers of every stream.
pub const HEADERS: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];

/// Where to begin.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The `seq` of the last event that the client has; the header `Last-Event-ID` says the same.
    after: Option<u64>,
}

impl Place {
    fn or_header(&self, headers: &HeaderMap) -> Result<Option<u64>, Failure> {
        let header =
            headers.get("last-event-id").map(|value| value.to_str().ok().and_then(|text| text.parse().ok()));
        match (self.after, header) {
            (Some(after), _) => Ok(Some(after)),
            (None, Some(Some(after))) => Ok(Some(after)),
            (None, None) => Ok(None),
            (None, Some(None)) => Err(Failure::bad("Last-Event-ID is not the number of an event")),
        }
    }
}

/// Formats one message of a stream. JSON never holds a line break.
#[must_use]
pub fn message(id: Option<u64>, json: &str) -> Bytes {
    let mut out = Vec::with_capacity(json.len() + 32);
    put(&mut out, id, json);
    out.into()
}

fn put(out: &mut Vec<u8>, id: Option<u64>, json: &str) {
    if let Some(id) = id {
        out.extend_from_slice(b"id: ");
        out.extend_from_slice(id.to_string().as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(json.as_bytes());
    out.extend_from_slice(b"\n\n");
}

fn put_event(out: &mut Vec<u8>, id: Option<u64>, event: &Event) {
    put(out, id, &serde_json::to_string(event).unwrap_or_default());
}

/// Streams the events of one session.
#[utoipa::path(get, path = "/v1/sessions/{id}/events", tag = "events",
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id"), Place),
    responses((status = 200, description = "A stream of `Event`; the `id` of a message is its seq", body = Event,
        content_type = "text/event-stream"), (status = "default", body = ApiError)))]
pub async fn of_session(
    State(host): State<Arc<Host>>,
    Segment(id): Segment,
    Params(place): Params<Place>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let after = place.or_header(&headers)?.unwrap_or(0);
    let session = host.session_id(&id).await?;
    let lease = host.sessions.open(session).await?;
    let attached = lease.subscribe().await?;
    if after > attached.head {
        let message = format!("the session's newest event is {}, so there is none {after}", attached.head);
        return Err(Failure::new(StatusCode::CONFLICT, ErrorCode::Conflict, message)
            .hint("the history may have been restored from a backup; begin again with after=0"));
    }
    let feed = Feed {
        closed: host.closed.clone(),
        host,
        _lease: lease,
        session,
        sent: after,
        head: attached.head,
        open: attached.open,
        events: attached.events,
        is_over: false,
    };
    let body = Body::from_stream(stream::unfold(feed, |mut feed| async {
        feed.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), feed))
    }));
    Ok((HEADERS, body).into_response())
}

/// One client's view of one session.
struct Feed {
    host: Arc<Host>,
    closed: CancellationToken,
    _lease: Lease,
    session: SessionId,
    /// The newest durable event that was sent.
    sent: u64,
    /// Durable events up to here are read from the store; what follows comes live.
    head: u64,
    /// What was streamed of open items when the client attached.
    open: Vec<Event>,
    events: broadcast::Receiver<Arc<Frame>>,
    is_over: bool,
}

impl Feed {
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        if self.sent < self.head {
            return self.replay().await;
        }
        if !self.open.is_empty() {
            let mut out = Vec::new();
            for event in self.open.drain(..) {
                put_event(&mut out, None, &event);
            }
            return Some(out.into());
        }
        self.live().await
    }

    /// The next page of what is kept.
    async fn replay(&mut self) -> Option<Bytes> {
        let page = match self.host.store.events(self.session, self.sent, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!("events could not be read for a client: {error}");
                return None;
            }
        };
        let mut out = Vec::new();
        for event in page {
            let Some(seq) = event.seq.filter(|seq| *seq > self.sent && *seq <= self.head) else { continue };
            put_event(&mut out, Some(seq), &event);
            self.sent = seq;
        }
        // Nothing where something must be: the session was deleted under the client.
        (!out.is_empty()).then(|| out.into())
    }

    /// What happens next, together with what else is ready.
    async fn live(&mut self) -> Option<Bytes> {
        let mut out = Vec::new();
        loop {
            let received = tokio::select! {
                biased;
                received = self.events.recv() => received,
                () = self.closed.cancelled() => return None,
                () = tokio::time::sleep(ALIVE_EVERY) => return Some(Bytes::from_static(ALIVE)),
            };
            // Lagged or over: the client comes back with its place.
            let frame = received.ok()?;
            self.put_live(&mut out, &frame);
            while out.len() < BATCH_BYTES {
                match self.events.try_recv() {
                    Ok(frame) => self.put_live(&mut out, &frame),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Lagged(_) | TryRecvError::Closed) => {
                        self.is_over = true;
                        break;
                    }
                }
            }
            if !out.is_empty() || self.is_over {
                return (!out.is_empty()).then(|| out.into());
            }
        }
    }

    fn put_live(&mut self, out: &mut Vec<u8>, frame: &Frame) {
        match frame.event.seq {
            Some(seq) if seq <= self.sent => return,
            Some(seq) => self.sent = seq,
            None => {}
        }
        put(out, frame.event.seq, &frame.json);
    }
}

/// Streams the durable events of all sessions, from now on or after a place, `configChanged` first of all and
/// whenever another configuration holds, and `sessionDeleted`. Deltas come with the stream of their session alone.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(Place),
    responses((status = 200, description = "A stream of `Event`; the `id` of a message is its place among all events",
        body = Event, content_type = "text/event-stream"), (status = "default", body = ApiError)))]
pub async fn of_all(
    State(host): State<Arc<Host>>,
    Params(place): Params<Place>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let kept = host.kept();
    let asked = place.or_header(&headers)?;
    let newest = host.store.newest().await.map_err(ApiError::from)?;
    let after = match asked {
        // A place beyond the newest is one of a history that a backup has replaced: nothing would come for long.
        Some(after) => i64::try_from(after)
            .map_err(|_| Failure::bad("there is no event with so large a number"))?
            .min(newest),
        None => newest,
    };
    let mut changed = host.live.changed();
    // Told first of all, so that whoever listens knows from then on.
    changed.mark_changed();
    let deleted = host.deleted.subscribe();
    let feed = AllFeed { closed: host.closed.clone(), host, after, kept, changed, deleted };
    let body = Body::from_stream(stream::unfold(feed, |mut feed| async {
        feed.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), feed))
    }));
    Ok((HEADERS, body).into_response())
}

/// One client's view of everything that is kept.
struct AllFeed {
    host: Arc<Host>,
    closed: CancellationToken,
    after: i64,
    kept: watch::Receiver<()>,
    /// Whether another configuration holds.
    changed: watch::Receiver<()>,
    deleted: broadcast::Receiver<SessionId>,
}

impl AllFeed {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.changed.has_changed().is_ok_and(|changed| changed) {
                self.changed.mark_unchanged();
                return Some(self.configuration());
            }
            // Noted before reading, so that nothing is kept unseen in between.
            self.kept.mark_unchanged();
            let page = self.host.store.events_all(self.after, PAGE).await;
            let page = page
                .inspect_err(|error| tracing::warn!("events could not be read for a client: {error}"))
                .ok()?;
            let mut out = Vec::new();
            for (place, event) in page {
                put_event(&mut out, u64::try_from(place).ok(), &event);
                self.after = place;
            }
            if !out.is_empty() {
                return Some(out.into());
            }
            tokio::select! {
                changed = self.kept.changed() => changed.ok()?,
                changed = self.changed.changed() => {
                    changed.ok()?;
                    return Some(self.configuration());
                }
                // Who was too slow to hear of all finds out when it asks for one of them.
                Ok(session) = self.deleted.recv() => return Some(self.told(session, EventBody::SessionDeleted {})),
                () = self.closed.cancelled() => return None,
                () = tokio::time::sleep(ALIVE_EVERY) => return Some(Bytes::from_static(ALIVE)),
            }
        }
    }

    /// What holds now.
    fn configuration(&self) -> Bytes {
        let paused = self.host.live.current().paused;
        self.told(SessionId::NONE, EventBody::ConfigChanged { paused })
    }

    /// Something that is not kept, at the place up to which everything was sent.
    fn told(&self, session: SessionId, body: EventBody) -> Bytes {
        let event = Event { session, seq: None, at: SystemClock.now(), turn: None, body };
        let mut out = Vec::new();
        put_event(&mut out, u64::try_from(self.after).ok(), &event);
        out.into()
    }
}

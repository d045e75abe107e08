//! Follows a session through lost connections and restarts of the runtime.
//!
//! Every durable event comes exactly once and in order. Deltas are trimmed to what was not seen
//! yet, so that text can be shown as it comes without a double.

use std::{collections::HashMap, time::Duration};

use jamey_protocol::{ApiError, Delta, ErrorCode, Event, EventBody, ItemId, SessionId};
use tokio::time::Instant;

use super::{Client, events::EventStream};

const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How long a runtime that went away may take to come back.
const PATIENCE: Duration = Duration::from_secs(15);

/// One session's events from a place on.
#[derive(Debug)]
pub struct Follow {
    client: Client,
    session: SessionId,
    seen: Seen,
    stream: Option<EventStream>,
    patience: Duration,
}

impl Client {
    /// Follows `session` from the event after `after` on. Connects with the first `open` or `next`.
    #[must_use]
    pub fn follow(&self, session: SessionId, after: u64) -> Follow {
        let seen = Seen { last: after, text: HashMap::new(), output: HashMap::new() };
        Follow { client: self.clone(), session, seen, stream: None, patience: PATIENCE }
    }
}

impl Follow {
    /// Sets how long a runtime that went away may take to come back.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Opens the stream now, so that it is there before an op is sent.
    ///
    /// # Errors
    /// What the runtime answered, or `Unreachable`.
    pub async fn open(&mut self) -> Result<(), ApiError> {
        if self.stream.is_none() {
            self.stream = Some(self.client.events(self.session, self.seen.last).await?);
        }
        Ok(())
    }

    /// Waits for the next event that was not seen before. Nothing is lost when the future is
    /// dropped.
    ///
    /// # Errors
    /// `Unreachable` when the runtime stays away; else what it answered.
    pub async fn next(&mut self) -> Result<Event, ApiError> {
        loop {
            let Some(stream) = &mut self.stream else {
                self.reopen().await?;
                continue;
            };
            match stream.next().await {
                Ok(Some(event)) => match self.seen.take(event) {
                    Ok(Some(event)) => return Ok(event),
                    Ok(None) => {}
                    Err(Gap) => self.stream = None,
                },
                Ok(None) => self.stream = None,
                Err(error) if error.code == ErrorCode::Unreachable => self.stream = None,
                Err(error) => return Err(error),
            }
        }
    }

    /// Tells whether more has arrived already, so that a face can show several events at once.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.stream.as_ref().is_some_and(EventStream::is_ready)
    }

    /// The `seq` of the newest event that was handed out.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.seen.last
    }

    async fn reopen(&mut self) -> Result<(), ApiError> {
        let (deadline, mut wait) = (Instant::now() + self.patience, FIRST_WAIT);
        loop {
            match self.open().await {
                Err(error) if is_passing(&error) && Instant::now() + wait < deadline => {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                other => return other,
            }
        }
    }
}

fn is_passing(error: &ApiError) -> bool {
    matches!(error.code, ErrorCode::Unreachable | ErrorCode::ShuttingDown)
}

/// What of the session was handed out already.
#[derive(Debug)]
struct Seen {
    last: u64,
    text: HashMap<ItemId, u64>,
    output: HashMap<ItemId, u64>,
}

/// Something before an event is missing: ask again from what was seen.
#[derive(Debug, PartialEq, Eq)]
struct Gap;

impl Seen {
    /// Notes an event and gives what of it is new, if anything.
    fn take(&mut self, mut event: Event) -> Result<Option<Event>, Gap> {
        match event.seq {
            Some(seq) if seq <= self.last => return Ok(None),
            Some(seq) if seq > self.last + 1 => return Err(Gap),
            Some(seq) => self.last = seq,
            None => {}
        }
        match &mut event.body {
            EventBody::ItemDelta { item_id, delta } => {
                let (had, offset, text) = match delta {
                    Delta::Text { offset, text } => (self.text.entry(*item_id).or_default(), offset, text),
                    Delta::Output { offset, text } => {
                        (self.output.entry(*item_id).or_default(), offset, text)
                    }
                };
                if *offset > *had {
                    return Err(Gap);
                }
                let end = *offset + text.len() as u64;
                let known = usize::try_from(*had - *offset).unwrap_or(usize::MAX);
                if end <= *had || !text.is_char_boundary(known) {
                    return Ok(None);
                }
                text.drain(..known);
                *offset = *had;
                *had = end;
            }
            EventBody::ItemCompleted { item } => {
                self.text.remove(&item.id);
                self.output.remove(&item.id);
            }
            EventBody::SessionUpdated { .. }
            | EventBody::TurnStarted { .. }
            | EventBody::ItemStarted { .. }
            | EventBody::ApprovalRequested { .. }
            | EventBody::ApprovalResolved { .. }
            | EventBody::UsageUpdated { .. }
            | EventBody::Notice { .. }
            | EventBody::TurnEnded { .. }
            | EventBody::ConfigChanged { .. }
            | EventBody::SessionDeleted {}
            | EventBody::Unknown => {}
        }
        Ok(Some(event))
    }
}

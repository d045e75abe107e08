//! Where the events of a subscription come from.

use std::{future::Future, sync::Arc, time::Duration};

use jamey_ipc::client::{AllEventStream, Follow};
use jamey_protocol::{ApiError, ErrorCode, Event, SessionId};

use super::{
    batch::Batch,
    drain::{Drain, Gone},
};
use crate::{
    connection::Link,
    first::{First, first_of, when},
};

/// How long a lost stream is asked for again before the connection itself is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// A pause before asking again for what was refused in passing.
const PAUSE: Duration = Duration::from_millis(200);

/// Something that gives one event after another.
trait Feed: Send {
    /// The next event. Nothing is lost when the future is dropped.
    fn next(&mut self) -> impl Future<Output = Result<Event, ApiError>> + Send;
}

/// Pumps the events of one session, through restarts of the runtime, until its session or its page is gone.
pub async fn session(link: Arc<Link>, id: SessionId, after: u64, drain: Drain) {
    let Some(client) = link.ready().await else { return };
    let follow = client.follow(id, after).patience(PATIENCE);
    pump(&link, OfSession(follow), drain).await;
}

/// Pumps the durable events of all sessions from `stream` on, or from when the runtime is there.
pub async fn all(link: Arc<Link>, stream: Option<AllEventStream>, drain: Drain) {
    let feed = OfAll { link: Arc::clone(&link), stream, place: None };
    pump(&link, feed, drain).await;
}

struct OfSession(Follow);

impl Feed for OfSession {
    async fn next(&mut self) -> Result<Event, ApiError> {
        self.0.next().await
    }
}

struct OfAll {
    link: Arc<Link>,
    stream: Option<AllEventStream>,
    place: Option<u64>,
}

impl Feed for OfAll {
    async fn next(&mut self) -> Result<Event, ApiError> {
        loop {
            let Some(stream) = &mut self.stream else {
                let Some(client) = self.link.ready().await else { std::future::pending().await };
                self.stream = Some(client.all_events(self.place).await?);
                continue;
            };
            match stream.next().await {
                Ok(Some(placed)) => {
                    self.place = Some(placed.place);
                    return Ok(placed.event);
                }
                Ok(None) => self.stream = None,
                Err(error) => {
                    self.stream = None;
                    return Err(error);
                }
            }
        }
    }
}

async fn pump(link: &Link, mut feed: impl Feed, mut drain: Drain) {
    let mut batch = Batch::default();
    loop {
        // Sending first: a fast stream must not keep what it gave.
        let (may_send, may_read) = (!batch.is_empty(), !batch.is_full());
        let came = first_of(when(may_send, drain.is_free()), when(may_read, feed.next())).await;
        let done = match came {
            First::Left(()) => drain.send(&mut batch),
            First::Right(Ok(event)) => {
                batch.add(event);
                Ok(())
            }
            First::Right(Err(error)) if is_passing(&error) => away(link, &mut drain, &mut batch).await,
            // The session is gone, or the runtime says something we cannot follow.
            First::Right(Err(_)) => Err(Gone),
        };
        if done.is_err() {
            return;
        }
    }
}

/// Shows what came before the stream broke, and waits for the connection.
async fn away(link: &Link, drain: &mut Drain, batch: &mut Batch) -> Result<(), Gone> {
    if !batch.is_empty() {
        drain.is_free().await;
        drain.send(batch)?;
    }
    tokio::time::sleep(PAUSE).await;
    link.ready().await.map(|_| ()).ok_or(Gone)
}

fn is_passing(error: &ApiError) -> bool {
    error.retryable || matches!(error.code, ErrorCode::Unreachable | ErrorCode::ShuttingDown)
}

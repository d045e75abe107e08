//! Where the events of a subscription come from.

use std::{future::Future, sync::Arc, time::Duration};

use jamey_ipc::client::{AllEventStream, Follow};
use jamey_protocol::{ApiError, ErrorCode, Event, SessionId};

use super::{
    batch::Batch,
    drain::{Drain, Gone, Taker},
};
use crate::{
    connection::Link,
    first::{First, first_of, when},
};

/// How long a lost stream is asked for again before the connection itself is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// A pause before asking again for what was refused in passing.
const PAUSE: Duration = Duration::from_millis(200);
/// The same for what was refused for another reason, and may be refused again.
const LONG_PAUSE: Duration = Duration::from_secs(2);

/// Something that gives one event after another.
trait Feed: Send {
    /// The next event. Nothing is lost when the future is dropped.
    fn next(&mut self) -> impl Future<Output = Result<Event, ApiError>> + Send;

    /// Whether it is worth asking again after this.
    fn may_go_on(&self, error: &ApiError) -> bool {
        is_passing(error)
    }
}

/// Pumps the events of one session, through restarts of the runtime, until its page is gone or the session cannot be
/// followed any more; then the last message says why.
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

    /// A page has one such stream for as long as it lives, and only another runtime changes these.
    fn may_go_on(&self, error: &ApiError) -> bool {
        !matches!(error.code, ErrorCode::NotFound | ErrorCode::Version)
    }
}

async fn pump(link: &Link, mut feed: impl Feed, mut drain: impl Taker) {
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
            First::Right(Err(error)) if feed.may_go_on(&error) => {
                let pause = if is_passing(&error) { PAUSE } else { LONG_PAUSE };
                away(link, &mut drain, &mut batch, pause).await
            }
            // The session is gone, or is not the one that was followed: a backup was put back.
            First::Right(Err(error)) => {
                batch.error = Some(error);
                drain.is_free().await;
                let _ = drain.send(&mut batch);
                Err(Gone)
            }
        };
        if done.is_err() {
            return;
        }
    }
}

/// Shows what came before the stream broke, and waits for the connection.
async fn away(link: &Link, drain: &mut impl Taker, batch: &mut Batch, pause: Duration) -> Result<(), Gone> {
    if !batch.is_empty() {
        drain.is_free().await;
        drain.send(batch)?;
    }
    tokio::time::sleep(pause).await;
    link.ready().await.map(|_| ()).ok_or(Gone)
}

fn is_passing(error: &ApiError) -> bool {
    error.retryable || matches!(error.code, ErrorCode::Unreachable | ErrorCode::ShuttingDown)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jamey_ipc::Folders;
    use jamey_protocol::{EventBody, Level};

    use super::*;
    use crate::settings::Settings;

    fn link() -> Link {
        let folders = Folders::under(Path::new("/nowhere"));
        let settings = Arc::new(Settings::open(&folders));
        Link::new(folders, settings).0
    }

    struct Told(Vec<Result<Event, ApiError>>);

    impl Feed for Told {
        async fn next(&mut self) -> Result<Event, ApiError> {
            if self.0.is_empty() { std::future::pending().await } else { self.0.remove(0) }
        }
    }

    struct Page<'a>(&'a mut Vec<Batch>);

    impl Taker for Page<'_> {
        async fn is_free(&mut self) {}

        fn send(&mut self, batch: &mut Batch) -> Result<(), Gone> {
            self.0.push(std::mem::take(batch));
            Ok(())
        }
    }

    #[test]
    fn a_stream_that_cannot_go_on_says_why_behind_all_that_came() {
        let link = link();
        let body = EventBody::Notice { level: Level::Info, text: "last".to_owned() };
        let event = Event { session: SessionId::new(), seq: None, at: 0, turn: None, body };
        let error = ApiError::new(ErrorCode::Conflict, "begin again with after=0");
        let mut heard = Vec::new();
        let executor = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let feed = Told(vec![Ok(event.clone()), Err(error.clone())]);
        executor.block_on(pump(&link, feed, Page(&mut heard)));
        assert_eq!(heard.iter().flat_map(|batch| &batch.events).collect::<Vec<_>>(), [&event]);
        assert_eq!(heard.last().and_then(|batch| batch.error.clone()), Some(error));
    }

    #[test]
    fn what_happens_everywhere_is_asked_for_again_whatever_went_wrong_unless_it_cannot_be_had() {
        let link = link();
        let all = OfAll { link: Arc::new(link), stream: None, place: None };
        let goes_on = |code| all.may_go_on(&ApiError::new(code, "x"));
        assert!(goes_on(ErrorCode::Internal) && goes_on(ErrorCode::Storage) && goes_on(ErrorCode::Conflict));
        assert!(!goes_on(ErrorCode::NotFound) && !goes_on(ErrorCode::Version));
    }
}

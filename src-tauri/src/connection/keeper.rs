//! The task that keeps the connection.

use std::{sync::Arc, time::Duration};

use jamey_ipc::{
    Client,
    client::AllEventStream,
    launch::{self, preparing},
};
use jamey_protocol::{ApiError, Event};
use tokio::{sync::mpsc, time::Instant};

use crate::first::{First, first_of};

use super::{
    link::{Knock, Link},
    mend::{self, Found},
    stand::{Connection, ConnectionState},
};

/// How long a runtime that went away may take to come back before anybody is alarmed: a restart takes
/// less.
const ALARM: Duration = Duration::from_secs(4);
/// A connection that lasted so long was one.
const SETTLED: Duration = Duration::from_millis(500);
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// Looking costs one knock at a local socket, and somebody may look at the window while a terminal starts it.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// While a turn runs, a runtime that says nothing for so long is asked whether it still answers.
const QUIET: Duration = Duration::from_secs(8);
/// How often it is looked whether a turn runs of which nothing was heard.
const IDLE: Duration = Duration::from_secs(60);

/// What hears of what happens while there is a connection.
pub trait Listener: Send + 'static {
    /// There is one (again); everything may have changed meanwhile.
    fn connected(&mut self, client: &Client);
    /// Something happened in some session.
    fn happened(&mut self, event: Event);
    /// Whether something is expected to happen: a turn runs.
    fn expects(&self) -> bool;
}

/// Keeps the connection as long as the shell runs.
pub async fn keep(link: Arc<Link>, mut knocks: mpsc::Receiver<Knock>, mut listener: impl Listener) {
    let mut place = None;
    let mut found = first(&link).await;
    loop {
        found = match found {
            Ok(Found { client, hello }) => match client.all_events(place).await {
                Ok(stream) => {
                    let since = Instant::now();
                    link.connected(client.clone(), hello.version);
                    listener.connected(&client);
                    match watch(&link, &client, stream, &mut place, &mut knocks, &mut listener).await {
                        Lost::Gone => {
                            link.lost();
                            // One that breaks off whenever it is found is not asked in a hurry.
                            tokio::time::sleep(SETTLED.saturating_sub(since.elapsed())).await;
                            again(&link, &mut knocks).await
                        }
                        Lost::Hangs(error) => {
                            link.lost();
                            Err(error)
                        }
                        Lost::Mend(told) => {
                            link.lost();
                            mended(&link, told).await
                        }
                        Lost::End => return,
                    }
                }
                Err(error) => Err(error),
            },
            Err(_) if preparing::is_preparing(link.folders()) => match prepared(&link, &mut knocks).await {
                Some(found) => found,
                None => return,
            },
            Err(error) => {
                link.says(Connection::failed(error));
                match waited(&link, &mut knocks).await {
                    Some(found) => found,
                    None => return,
                }
            }
        };
    }
}

/// The first look: a runtime is wanted, since a person started the shell.
async fn first(link: &Link) -> Result<Found, ApiError> {
    match mend::find(link).await {
        Ok(found) => Ok(found),
        Err(_) => start(link).await,
    }
}

async fn start(link: &Link) -> Result<Found, ApiError> {
    link.says(Connection::at(ConnectionState::Starting));
    mend::find_or_start(link).await
}

async fn mended(
    link: &Link,
    told: tokio::sync::oneshot::Sender<Result<(), ApiError>>,
) -> Result<Found, ApiError> {
    link.says(Connection::at(ConnectionState::Starting));
    let found = mend::mend(link).await;
    // Whoever asked may have gone; the connection itself says the same.
    let _ = told.send(found.as_ref().map(|_| ()).map_err(Clone::clone));
    found
}

enum Lost {
    /// The runtime went away.
    Gone,
    /// It is there and does not answer.
    Hangs(ApiError),
    /// It hangs, and somebody wants it mended.
    Mend(tokio::sync::oneshot::Sender<Result<(), ApiError>>),
    /// The shell ends.
    End,
}

async fn watch(
    link: &Link,
    client: &Client,
    mut stream: AllEventStream,
    place: &mut Option<u64>,
    knocks: &mut mpsc::Receiver<Knock>,
    listener: &mut impl Listener,
) -> Lost {
    loop {
        // Nothing is lost when it is dropped.
        let heard = first_of(stream.next(), knocks.recv());
        let patience = if listener.expects() { QUIET } else { IDLE };
        let Ok(heard) = tokio::time::timeout(patience, heard).await else {
            if listener.expects()
                && let Err(error) = mend::still_answers(link, client).await
            {
                return Lost::Hangs(error);
            }
            continue;
        };
        match heard {
            First::Left(Ok(Some(placed))) => {
                *place = Some(placed.place);
                listener.happened(placed.event);
            }
            First::Left(Ok(None) | Err(_)) => return Lost::Gone,
            First::Right(Some(Knock::Look)) => {}
            First::Right(Some(Knock::Doubt)) => {
                if let Err(error) = mend::still_answers(link, client).await {
                    return Lost::Hangs(error);
                }
            }
            First::Right(Some(Knock::Mend(told))) => match mend::still_answers(link, client).await {
                // Nobody has to hear it: the connection says the same.
                Ok(()) => drop(told.send(Ok(()))),
                Err(_) => return Lost::Mend(told),
            },
            First::Right(None) => return Lost::End,
        }
    }
}

/// Waits a little for a runtime that went away: it may only be restarting. It is not started again by
/// itself, since somebody may have ended it on purpose, unless somebody looks.
async fn again(link: &Link, knocks: &mut mpsc::Receiver<Knock>) -> Result<Found, ApiError> {
    let (alarm, mut wait) = (Instant::now() + ALARM, FIRST_WAIT);
    loop {
        let error = match mend::find(link).await {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        if !error.retryable || Instant::now() + wait >= alarm {
            return Err(error);
        }
        match first_of(tokio::time::sleep(wait), knocks.recv()).await {
            First::Left(()) => wait = (wait * 2).min(LONGEST_WAIT),
            First::Right(Some(Knock::Mend(told))) => return mended(link, told).await,
            // A window was opened, or somebody waited in vain: it is told in a moment how it stands.
            First::Right(Some(Knock::Look | Knock::Doubt)) => {}
            First::Right(None) => return Err(error),
        }
    }
}

/// Waits until a runtime that works on its database has done so, and finds it, or starts it anew where it died of that.
/// `None` when the shell ends.
async fn prepared(link: &Link, knocks: &mut mpsc::Receiver<Knock>) -> Option<Result<Found, ApiError>> {
    link.says(Connection::preparing());
    while preparing::is_preparing(link.folders()) {
        match first_of(tokio::time::sleep(preparing::AGAIN), knocks.recv()).await {
            First::Left(()) | First::Right(Some(Knock::Look | Knock::Doubt)) => {}
            // Nobody has to hear it: the connection says the same.
            First::Right(Some(Knock::Mend(told))) => drop(told.send(Err(launch::still_preparing()))),
            First::Right(None) => return None,
        }
    }
    Some(start(link).await)
}

/// Waits until a runtime is there again, or somebody wants one. `None` when the shell ends.
async fn waited(link: &Link, knocks: &mut mpsc::Receiver<Knock>) -> Option<Result<Found, ApiError>> {
    let mut wait = Duration::from_secs(1);
    loop {
        // One that hangs takes its time to be found; a button that was pressed does not wait for that.
        let looked = async {
            tokio::time::sleep(wait).await;
            mend::find(link).await
        };
        match first_of(looked, knocks.recv()).await {
            First::Left(Ok(found)) => return Some(Ok(found)),
            First::Left(Err(error)) => {
                wait = (wait * 2).min(LONGEST_WAIT);
                // That nobody answers is known; why it could not be started says more.
                let is_known = error.retryable && link.connection().state == ConnectionState::Failed;
                // What is wrong may have changed: another version, say.
                if !is_known {
                    link.says(Connection::failed(error));
                }
            }
            First::Right(Some(Knock::Doubt)) => {}
            First::Right(Some(Knock::Look)) => return Some(start(link).await),
            First::Right(Some(Knock::Mend(told))) => return Some(mended(link, told).await),
            First::Right(None) => return None,
        }
    }
}

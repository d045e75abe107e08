//! Finding, starting and restarting a runtime, each within a known time.

use std::{future::Future, time::Duration};

use jamey_ipc::{
    Client,
    instance::Lock,
    launch::{self, Launched, preparing},
};
use jamey_protocol::{
    ApiError, ErrorCode,
    life::{Manner, Shutdown},
    version::Hello,
};

use super::link::Link;
use crate::words::Words;

/// A runtime that lives answers this in a millisecond.
const HELLO: Duration = Duration::from_secs(5);
/// The same where somebody has waited for another answer already.
const SECOND_HELLO: Duration = Duration::from_secs(3);

/// A runtime that answered.
#[derive(Debug)]
pub(super) struct Found {
    pub client: Client,
    pub hello: Hello,
}

/// Connects to the runtime that is there.
pub(super) async fn find(link: &Link) -> Result<Found, ApiError> {
    within(link.words(), HELLO, async {
        let client = Client::connect(link.folders(), None).await?;
        greet(client).await
    })
    .await
}

/// Connects, and starts a runtime first where there is none.
pub(super) async fn find_or_start(link: &Link) -> Result<Found, ApiError> {
    let folders = link.folders();
    let was_there = Lock::holder(folders).is_some();
    let launched = launch::ensure_running(folders, None).await;
    // One that begins with work on its database is found later, and ours all the same.
    if launched.is_err() && !was_there && preparing::is_preparing(folders) {
        link.note_started(Lock::holder(folders).and_then(|held| held.pid));
    }
    let Launched { client, started } = launched?;
    let found = within(link.words(), HELLO, greet(client)).await?;
    if started {
        link.note_started(Some(found.hello.pid));
    }
    Ok(found)
}

/// Starts the runtime, or ends the one that does not do and starts another. One that works on its database is left
/// alone: ended in the middle it would begin anew.
pub(super) async fn mend(link: &Link) -> Result<Found, ApiError> {
    let folders = link.folders();
    if Lock::holder(folders).is_none() {
        return find_or_start(link).await.map_err(|error| foreign(link, error));
    }
    if preparing::is_preparing(folders) {
        return Err(launch::still_preparing());
    }
    if let Ok(found) = find(link).await {
        return Ok(found);
    }
    // One that takes the place of ours is ours too.
    let was_ours =
        link.started().is_some() && Lock::holder(folders).and_then(|held| held.pid) == link.started();
    let runtime = launch::find_runtime()?;
    let how = |manner| Shutdown { manner, ..Shutdown::default() };
    let restarted = match launch::restart(folders, &runtime, &how(Manner::Interrupt), Vec::new()).await {
        Ok(restarted) => restarted,
        Err(error) if preparing::is_preparing(folders) => return Err(error),
        // It does not hear.
        Err(_) => launch::restart(folders, &runtime, &how(Manner::Now), Vec::new()).await?,
    };
    let found = within(link.words(), HELLO, greet(restarted.client)).await?;
    if was_ours {
        link.note_started(Some(found.hello.pid));
    }
    Ok(found)
}

/// Asks whether a client still gets an answer.
pub(super) async fn still_answers(link: &Link, client: &Client) -> Result<(), ApiError> {
    within(link.words(), SECOND_HELLO, client.hello()).await.map(|_| ())
}

/// Where something answers though no runtime lives, starting one does not help.
fn foreign(link: &Link, error: ApiError) -> ApiError {
    let (folders, words) = (link.folders(), link.words());
    let answers = std::fs::exists(folders.socket()).unwrap_or_default();
    if !answers || !error.retryable || Lock::holder(folders).is_some() {
        return error;
    }
    let place = folders.socket().display().to_string();
    ApiError::new(error.code, (words.other_answers)(&place, &error.message)).hint(words.end_other)
}

async fn greet(client: Client) -> Result<Found, ApiError> {
    let hello = client.hello().await?;
    Ok(Found { client, hello })
}

async fn within<T>(
    words: &Words,
    most: Duration,
    asked: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    tokio::time::timeout(most, asked).await.unwrap_or_else(|_| {
        let message = (words.hangs)(most.as_secs());
        Err(ApiError::new(ErrorCode::Unreachable, message).hint(words.restart_it).retryable())
    })
}

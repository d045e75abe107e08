//! Following sessions.

use std::sync::Arc;

use jamey_protocol::{ApiError, SessionId};
use tauri::{State, WebviewWindow, async_runtime::spawn};

use crate::{
    desk::Desk,
    follow::{self, Batch, Drain},
    given::{Given, Line},
};

/// Follows a session from the event after `after` on, through restarts of the runtime; at most one message a
/// frame. Where it cannot be followed any more, the last message says why. Gives a number for `unfollow`.
#[tauri::command]
#[specta::specta]
pub async fn follow(
    window: WebviewWindow,
    desk: State<'_, Desk>,
    session: Given<SessionId>,
    after: Given<u64>,
    channel: Line<Batch>,
) -> Result<u32, ApiError> {
    // What is not there is told now, not followed in vain.
    desk.link.client().await?.session(session.0).await?;
    let (link, drain) = (Arc::clone(&desk.link), Drain::new(window.clone(), channel.0));
    desk.subscriptions.begin(window.label(), || spawn(follow::session(link, session.0, after.0, drain)))
}

/// Follows what is kept of all sessions, from now on.
#[tauri::command]
#[specta::specta]
pub async fn follow_all(
    window: WebviewWindow,
    desk: State<'_, Desk>,
    channel: Line<Batch>,
) -> Result<u32, ApiError> {
    let (link, drain) = (Arc::clone(&desk.link), Drain::new(window.clone(), channel.0));
    // Open before this is answered: the page reads its list next, and what happens after that must not be missed.
    let stream = match link.client_now() {
        Some(client) => client.all_events(None).await.ok(),
        None => None,
    };
    desk.subscriptions.begin(window.label(), || spawn(follow::all(link, stream, drain)))
}

/// Ends what `follow` or `followAll` began.
#[tauri::command]
#[specta::specta]
pub fn unfollow(window: WebviewWindow, desk: State<'_, Desk>, subscription: Given<u32>) {
    desk.subscriptions.end(window.label(), subscription.0);
}

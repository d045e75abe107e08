//! What systemd is told: ready, alive, reading the configuration again, stopping; and Windows' manager of
//! services: ready, stopping.
//!
//! "Alive" is said only after the database and the turn loop have both answered, so that a runtime that
//! hangs is ended and started anew. Without either nothing here does anything, and no timer runs.

use std::sync::Arc;

use crate::host::Host;

/// Says that the socket answers.
pub fn ready(status: &str) {
    #[cfg(target_os = "linux")]
    say(&[sd_notify::NotifyState::Ready, sd_notify::NotifyState::Status(status)]);
    #[cfg(windows)]
    super::scm::ready();
    #[cfg(not(target_os = "linux"))]
    let _ = status;
}

/// Says that the start goes on and may take `more` from now.
pub fn still_starting(more: std::time::Duration) {
    #[cfg(target_os = "linux")]
    if let Ok(more) = u32::try_from(more.as_micros()) {
        say(&[
            sd_notify::NotifyState::ExtendTimeoutUsec(more),
            sd_notify::NotifyState::Status("prepares the database"),
        ]);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = more;
}

/// Says that the configuration is being read again; `ready` says when that is done.
pub fn reloading() {
    #[cfg(target_os = "linux")]
    if let Ok(now) = sd_notify::NotifyState::monotonic_usec_now() {
        say(&[sd_notify::NotifyState::Reloading, now]);
    }
}

/// Says that the end has begun.
pub fn stopping() {
    #[cfg(target_os = "linux")]
    say(&[sd_notify::NotifyState::Stopping]);
    #[cfg(windows)]
    super::scm::stopping();
}

/// Says "alive" three times in each span that systemd allows, while everything answers. Returns at once
/// when nobody asked for that.
pub async fn keep_alive(host: Arc<Host>) {
    #[cfg(target_os = "linux")]
    {
        let Some(span) = sd_notify::watchdog_enabled() else { return };
        let pause = span / 3;
        loop {
            tokio::select! {
                () = host.closed.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            host.slept.look();
            match tokio::time::timeout(pause, host.pulse()).await {
                Ok(Ok(())) => say(&[sd_notify::NotifyState::Watchdog]),
                Ok(Err(error)) => tracing::warn!("the service manager is not told that all is well: {error}"),
                Err(_) => tracing::error!("the database or a session does not answer within {pause:?}"),
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    drop(host);
}

#[cfg(target_os = "linux")]
fn say(state: &[sd_notify::NotifyState<'_>]) {
    // Silent where nobody listens.
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("systemd could not be told: {error}");
    }
}

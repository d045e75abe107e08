//! Ctrl-C while a turn runs: once stops the turn, twice leaves at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jamey_ipc::Client;
use jamey_protocol::SessionId;
use tokio::task::JoinHandle;

use super::interrupt;
use crate::{exit, render};

/// How long leaving waits for the runtime to hear of it.
#[cfg(unix)]
const FAREWELL: Duration = Duration::from_secs(1);
/// How long an interrupt may take to be heard.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the signal to terminate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTerminate {
    /// Stops the turn and leaves with 143.
    StopTurn,
    /// What the system does without us: the turn goes on, for other faces to see.
    Leave,
}

/// Watches for Ctrl-C until dropped.
#[derive(Debug)]
pub struct Interrupts {
    client: Client,
    session: SessionId,
    asked: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Interrupts {
    pub fn watch(client: &Client, session: SessionId, on_terminate: OnTerminate, quiet: bool) -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(watch(client.clone(), session, Arc::clone(&asked), on_terminate, quiet));
        Self { client: client.clone(), session, asked, task }
    }

    /// Whether the person stopped the turn.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Stops the turn if Ctrl-C came before it had begun.
    pub async fn again_if_asked(&self) {
        if self.asked() {
            stop(&self.client, self.session).await;
        }
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn stop(client: &Client, session: SessionId) {
    match tokio::time::timeout(PATIENCE, interrupt(client, session)).await {
        Ok(Ok(())) => {}
        // The session may not be there yet; then the turn is stopped once it begins.
        Ok(Err(error)) if error.code == jamey_protocol::ErrorCode::NotFound => {}
        Ok(Err(error)) => render::explain(&error),
        Err(_) => render::note("the runtime does not listen; press Ctrl-C again to leave"),
    }
}

#[cfg(unix)]
async fn watch(
    client: Client,
    session: SessionId,
    asked: Arc<AtomicBool>,
    on_terminate: OnTerminate,
    quiet: bool,
) {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut interrupts) = signal(SignalKind::interrupt()) else { return };
    let mut terminate = match on_terminate {
        OnTerminate::StopTurn => signal(SignalKind::terminate()).ok(),
        OnTerminate::Leave => None,
    };
    loop {
        tokio::select! {
            _ = interrupts.recv() => {
                if asked.swap(true, Ordering::Relaxed) {
                    std::process::exit(exit::INTERRUPTED.into());
                }
                if !quiet {
                    render::note("stopping (Ctrl-C again to leave at once)");
                }
                // A second Ctrl-C must be heard while the first is being told.
                drop(tokio::spawn({
                    let client = client.clone();
                    async move { stop(&client, session).await }
                }));
            }
            Some(()) = async { match &mut terminate { Some(signal) => signal.recv().await, None => std::future::pending().await } } => {
                let _ = tokio::time::timeout(FAREWELL, interrupt(&client, session)).await;
                std::process::exit(exit::TERMINATED.into());
            }
        }
    }
}

#[cfg(not(unix))]
async fn watch(client: Client, session: SessionId, asked: Arc<AtomicBool>, _: OnTerminate, quiet: bool) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(exit::INTERRUPTED.into());
        }
        if !quiet {
            render::note("stopping (Ctrl-C again to leave at once)");
        }
        let client = client.clone();
        drop(tokio::spawn(async move { stop(&client, session).await }));
    }
}

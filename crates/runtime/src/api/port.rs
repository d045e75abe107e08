//! The loopback port: opened, moved and closed as the configuration says, also while the runtime runs.
//!
//! Only one task at a time changes it. What cannot be done is returned, and the runtime goes on at its
//! local socket.

use std::{
    fmt,
    sync::{Arc, Mutex as Glance, PoisonError},
};

use axum::Router;
use jamey_protocol::{ApiError, ErrorCode};
use tokio::{net::TcpListener, sync::Mutex, task::JoinHandle};

use super::{
    door::{self, Closing},
    guard::Door,
    owner,
};
use crate::{
    config::{Api, Live},
    secrets,
};

/// The port, open or not.
#[derive(Default)]
pub struct Port {
    state: Mutex<State>,
    /// Where it listens, for whoever only asks.
    place: Glance<Option<String>>,
}

#[derive(Default)]
struct State {
    /// Nothing before the runtime answers and after it ended.
    parts: Option<Parts>,
    open: Option<Open>,
}

struct Parts {
    live: Arc<Live>,
    token: std::path::PathBuf,
    routes: Router,
    closing: Closing,
}

struct Open {
    api: Api,
    closing: Closing,
    task: JoinHandle<()>,
}

impl Port {
    /// Says what it serves and when all doors close.
    pub async fn begin(&self, live: Arc<Live>, token: std::path::PathBuf, routes: Router, closing: Closing) {
        self.state.lock().await.parts = Some(Parts { live, token, routes, closing });
    }

    /// Makes it as the configuration says now.
    ///
    /// # Errors
    /// When the address cannot be opened, or the token not be made.
    pub async fn settle(&self) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        let Some(parts) = &state.parts else { return Ok(()) };
        let wanted = parts.live.current().api.clone();
        if state.open.as_ref().map(|open| &open.api) == Some(&wanted) {
            return Ok(());
        }
        if let Some(open) = &state.open
            && (!wanted.enabled || wanted.port == open.api.port)
        {
            self.close(&mut state).await;
        }
        if !wanted.enabled {
            return Ok(());
        }
        let Some(parts) = &state.parts else { return Ok(()) };
        let (listener, place) = listen(&wanted.host, wanted.port).await?;
        let token = secrets::token(&parts.token)?;
        let door = Door::Loopback { port: wanted.port, token, live: Arc::clone(&parts.live) };
        let all = &parts.closing;
        let closing = Closing {
            accept: all.accept.child_token(),
            serve: all.serve.child_token(),
            running: all.running.clone(),
        };
        let task = tokio::spawn(door::serve(listener, door, parts.routes.clone(), closing.clone()));
        tracing::info!(place, "the loopback API is open");
        // The new one is open before the old one closes.
        self.close(&mut state).await;
        state.open = Some(Open { api: wanted, closing, task });
        self.show(Some(place));
        Ok(())
    }

    /// Where it listens.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stays closed from now on.
    pub async fn end(&self) {
        let mut state = self.state.lock().await;
        if let Some(open) = state.open.take() {
            let _ = open.task.await;
        }
        state.parts = None;
    }

    async fn close(&self, state: &mut State) {
        let Some(open) = state.open.take() else { return };
        open.closing.accept.cancel();
        let _ = open.task.await;
        open.closing.serve.cancel();
        self.show(None);
        tracing::info!(port = open.api.port, "the loopback API is closed");
    }

    fn show(&self, place: Option<String>) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Port").field(&self.place()).finish()
    }
}

async fn listen(name: &str, port: u16) -> Result<(TcpListener, String), ApiError> {
    let failed = |error: std::io::Error| {
        ApiError::new(ErrorCode::Config, format!("the address {name}:{port} cannot be opened: {error}"))
            .hint("choose another port with --port or api.port, or start with --no-tcp")
    };
    let listener = TcpListener::bind((name.trim_matches(['[', ']']), port)).await;
    if listener.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse) {
        return Err(owner::taken(name, port));
    }
    let listener = listener.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    // A name may resolve to anything.
    if !address.ip().is_loopback() {
        return Err(ApiError::new(ErrorCode::Config, format!("{name} is no loopback address"))
            .hint("use 127.0.0.1; for another machine use a tunnel: ssh -L"));
    }
    Ok((listener, format!("http://{address}")))
}

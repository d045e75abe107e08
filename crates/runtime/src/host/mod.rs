//! The host: what the door's routes act on, wired together.
//!
//! Layout: `sessions` holds the loaded tasks; `models` and `providers` choose who answers, `local`
//! is the embedded one, `listed` keeps lists of models, `fetching` brings models here; `credentials` gives them keys and tries them, `advice` says what to do about their
//! failures; `calls` counts how asking went; `budget` holds `metered`
//! calls to the limits, `usage` says what was spent; `attachments` are files that came along; `ending` is how the end was asked for; `pulse`
//! proves life; `rest` gives memory back; `board` holds notices; `keep` erases sessions and looks
//! after what is kept, `blobs` are their files; `tap` tells followers of all sessions
//! that something was kept; `pause` holds everything while the configuration says so; `close` ends everything in order.

mod advice;
pub mod attachments;
pub mod blobs;
pub mod board;
pub mod budget;
pub mod calls;
mod choosing;
pub mod clock;
mod credentials;
pub mod dialects;
pub mod ending;
mod fetching;
mod keep;
mod listed;
pub mod local;
mod made;
mod metered;
pub mod models;
mod naming;
pub mod nearby;
mod pause;
pub mod providers;
mod pulse;
pub mod rest;
pub mod sessions;
mod shelf;
mod slept;
mod sums;
mod tap;
mod trying;
mod usage;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Instant,
};

use jamey_engine::ports::{Clock, Tools};
use jamey_ipc::Folders;
use jamey_protocol::{ApiError, CreateSession, ErrorCode, Session, SessionId, SessionStatus};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use self::{
    attachments::Given, blobs::Blobs, board::Board, clock::SteadyClock, ending::Ending, models::ModelBook,
    sessions::Sessions, shelf::StoreShelf, slept::Slept, tap::Tap,
};
use crate::{
    api::{port::Port, socket::Socket},
    config::{self, Live},
    health::Health,
    monitor::Monitor,
    rules::KeptRules,
    store::Store,
};

/// Everything that the routes act on.
#[derive(Debug)]
pub struct Host {
    /// Where everything lies.
    pub folders: Folders,
    /// The configuration that holds now.
    pub live: Arc<Live>,
    /// What is kept.
    pub store: Store,
    /// Files that belong to sessions.
    pub blobs: Blobs,
    /// Those that a person gave along.
    pub given: Given,
    /// What was allowed for good.
    pub rules: KeptRules,
    /// The loaded sessions.
    pub sessions: Arc<Sessions>,
    /// Sessions as they are deleted.
    pub deleted: broadcast::Sender<SessionId>,
    /// Who answers.
    pub models: Arc<ModelBook>,
    /// When the runtime started.
    pub started: Instant,
    /// What happened at start that a person should know.
    pub notices: Vec<String>,
    /// What a person should know now.
    pub board: Arc<Board>,
    /// What the machine is doing.
    pub monitor: Arc<Monitor>,
    /// How everything stands.
    pub health: Health,
    /// Fires when somebody asks the runtime to end.
    pub shutdown: CancellationToken,
    /// How it was asked for.
    pub ending: Ending,
    /// Whether the machine slept.
    pub slept: Slept,
    /// Fires when every session is closed, so that streams may end.
    pub closed: CancellationToken,
    /// The loopback port.
    pub port: Port,
    /// The local socket.
    pub socket: Socket,
    listening: OnceLock<Vec<String>>,
    tap: Arc<Tap>,
    shelf: Arc<StoreShelf>,
}

/// What a host is made of.
#[derive(Debug)]
pub struct HostParts {
    /// Where everything lies.
    pub folders: Folders,
    /// The configuration.
    pub live: Arc<Live>,
    /// What is kept.
    pub store: Store,
    /// Who answers.
    pub models: Arc<ModelBook>,
    /// The program that guards commands, if any.
    pub guard: Option<PathBuf>,
    /// What happened at start that a person should know.
    pub notices: Vec<String>,
    /// When things change.
    pub clock: Arc<SteadyClock>,
}

impl Host {
    /// Wires the parts together.
    #[must_use]
    pub fn new(parts: HostParts) -> Arc<Self> {
        let HostParts { folders, live, store, models, guard, notices, clock } = parts;
        let board: Arc<Board> = Arc::default();
        let monitor = Monitor::new(Arc::clone(&live), Arc::clone(&board), &folders.cache);
        let tap = Arc::new(Tap::new(Arc::new(store.clone())));
        let blobs = Blobs(folders.data.join("blobs"));
        let given = Given::below(blobs.0.clone());
        let rules = KeptRules::new(folders.permissions(), Arc::clone(&live));
        let (toml, env) = (folders.runtime_toml(), folders.dotenv());
        let own = [folders.config.clone(), folders.data.clone(), folders.permissions(), toml, env];
        // A file of its own may be a link to where a person keeps all settings.
        let guarded = own.into_iter().flat_map(|place| [config::real(&place), place]).collect();
        let shelf = Arc::new(StoreShelf {
            rules: rules.clone(),
            gate: pause::gate(&live),
            guarded,
            given: given.clone(),
            store: store.clone(),
            journal: tap.clone(),
            models: models.clone(),
            live: live.clone(),
            guard,
            door: folders.socket(),
            spill_dir: blobs.0.clone(),
            monitor: Arc::clone(&monitor),
            clock,
        });
        let sessions = Sessions::new(shelf.clone());
        Arc::new(Self {
            folders,
            live,
            store,
            blobs,
            given,
            rules,
            sessions,
            deleted: broadcast::Sender::new(64),
            models,
            started: Instant::now(),
            notices,
            board,
            monitor,
            health: Health::default(),
            shutdown: CancellationToken::new(),
            ending: Ending::default(),
            slept: Slept::default(),
            closed: CancellationToken::new(),
            port: Port::default(),
            socket: Socket::default(),
            listening: OnceLock::new(),
            tap,
            shelf,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn listening(&self) -> Vec<String> {
        let mut places = self.listening.get().cloned().unwrap_or_default();
        places.extend(self.port.place());
        places
    }

    /// Makes the loopback port as the configuration says now. What cannot be done is among the warnings.
    pub async fn settle(&self) {
        let fault = self.port.settle().await.err();
        let fault = fault.map(|error| format!("the loopback API is not as configured: {}", error.message));
        self.live.note("port", fault);
    }

    /// Notes where it listens besides the port, once.
    pub fn listens_at(&self, places: Vec<String>) {
        let _ = self.listening.set(places);
    }

    /// Changes whenever events were kept in any session.
    #[must_use]
    pub fn kept(&self) -> watch::Receiver<()> {
        self.tap.kept()
    }

    /// The tools that a model is offered now.
    #[must_use]
    pub fn tools(&self) -> Tools {
        self.shelf.tools()
    }

    /// Finds the session that a person or program means: its id, its name, or the beginning of its
    /// id.
    ///
    /// # Errors
    /// When there is none, more than one, or the store cannot be read.
    pub async fn session_id(&self, text: &str) -> Result<SessionId, ApiError> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let missing = || {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
            ApiError::new(ErrorCode::NotFound, format!("there is no session \"{shown}\""))
                .hint("list the sessions with: jamey sessions")
        };
        if text.is_empty() || text.len() > 200 {
            return Err(missing());
        }
        self.store.find(text).await?.map(|session| session.id).ok_or_else(missing)
    }

    /// Finds the session of exactly this name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn named(&self, name: &str) -> Result<Option<Session>, ApiError> {
        match self.store.find(name).await {
            Ok(found) => Ok(found.filter(|session| session.name.as_deref() == Some(name))),
            // The beginning of several ids is no name.
            Err(crate::store::StoreError::Ambiguous(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a session from the store.
    ///
    /// # Errors
    /// When there is none or it cannot be read.
    pub async fn session(&self, id: SessionId) -> Result<Session, ApiError> {
        self.store.session(id).await?.ok_or_else(|| no_session(id))
    }

    /// Tells whether a session may be called `name`.
    ///
    /// # Errors
    /// When the name is none, or another session has it.
    pub async fn check_name(&self, name: &str, of: Option<SessionId>) -> Result<(), ApiError> {
        let bad =
            |message: &str| Err(ApiError::new(ErrorCode::BadRequest, message).hint("choose another name"));
        if name.is_empty() && of.is_some() {
            return Ok(()); // takes the name away
        }
        if name.trim().is_empty() || name.chars().count() > 100 {
            return bad("a session's name has 1 to 100 characters");
        }
        if name.chars().any(char::is_control) {
            return bad("a session's name must not hold control characters");
        }
        if name.parse::<SessionId>().is_ok() {
            return bad("a session's name must not look like an id");
        }
        match self.named(name).await? {
            Some(other) if Some(other.id) != of => {
                let message = format!("another session is already named \"{name}\"");
                Err(ApiError::new(ErrorCode::Conflict, message).hint("choose another name"))
            }
            _ => Ok(()),
        }
    }

    /// Makes a session, or finds the one that the same request made before (`false`).
    ///
    /// # Errors
    /// When name or folder will not do, or the store cannot take it.
    pub async fn create(&self, request: CreateSession) -> Result<(Session, bool), ApiError> {
        if let Some(id) = request.id
            && let Some(known) = self.store.session(id).await?
        {
            if known.cwd == request.cwd && (request.name.is_none() || known.name == request.name) {
                return Ok((known, false));
            }
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!("session {id} exists with another folder or name"),
            )
            .hint("make a new id for each session"));
        }
        let shown = request.cwd.display();
        if !request.cwd.is_absolute() {
            return Err(ApiError::new(
                ErrorCode::BadRequest,
                format!("the folder \"{shown}\" is not absolute"),
            )
            .hint("give the whole path"));
        }
        if !request.cwd.is_dir() {
            return Err(ApiError::new(ErrorCode::BadRequest, format!("there is no folder {shown}"))
                .hint("a session works in a folder that exists"));
        }
        if let Some(name) = &request.name {
            self.check_name(name, None).await?;
        }
        let clock = &self.shelf.clock;
        let mut session = Session {
            id: request.id.unwrap_or_default(),
            name: request.name,
            title: None,
            cwd: request.cwd,
            settings: request.settings,
            status: SessionStatus::Idle,
            created_at: clock.now(),
            updated_at: clock.change(),
            head: 0,
        };
        let first = self.store.create(&session).await?;
        session.head = first.seq.unwrap_or(0);
        self.tap.tell();
        Ok((session, true))
    }

    /// Ends everything in order: turns are interrupted and kept, then streams end, then children,
    /// then the store.
    pub async fn close(&self) {
        self.shutdown.cancel();
        self.sessions.close_all(self.ending.reason()).await;
        self.closed.cancel();
        self.models.local().close().await;
        self.monitor.close().await;
        self.store.close().await;
    }
}

fn no_session(id: SessionId) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("there is no session {id}"))
        .hint("list the sessions with: jamey sessions")
}

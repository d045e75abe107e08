//! Keeps at most one child: starts it when somebody asks, changes it for another model, starts it anew
//! after it ended.
//!
//! A request holds a lease while it streams, so that no other request takes the child away under it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jamey_engine::ports::{ErrorKind, ProviderError};
use jamey_protocol::status;
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedRwLockReadGuard, RwLock, watch},
    time::Instant,
};

use super::{
    Entry, LocalCondition, Unloaded,
    failure::{Refusal, died},
    launch::{Exit, Plan, Running, launch},
    provider::LocalOptions,
};
use crate::{ChatProvider, ServerOptions, Timeouts};

/// The wait after the first death; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How long after a broken answer the end of the child may become known.
const NEWS: Duration = Duration::from_millis(1500);

#[derive(Debug)]
pub(super) struct Supervisor {
    options: LocalOptions,
    loaded: AsyncMutex<Option<Loaded>>,
    in_use: Arc<RwLock<()>>,
    shown: Mutex<Option<Shown>>,
    deaths: Arc<Mutex<Deaths>>,
}

#[derive(Debug)]
struct Loaded {
    name: String,
    running: Running,
    chat: Arc<ChatProvider>,
}

/// What can be said about the child without waiting for anything.
#[derive(Debug)]
struct Shown {
    name: String,
    pid: u32,
    context: Option<u64>,
    exit: watch::Receiver<Option<Exit>>,
}

#[derive(Debug, Default)]
struct Deaths {
    in_a_row: u32,
    last: Option<Instant>,
    how: Option<String>,
}

impl Deaths {
    /// The wait before the next start that is still ahead.
    fn wait(&self) -> Option<Duration> {
        let wait = FIRST_WAIT.saturating_mul(1 << self.in_a_row.saturating_sub(1).min(8)).min(LONGEST_WAIT);
        let left = (self.last? + wait).saturating_duration_since(Instant::now());
        Some(left).filter(|left| !left.is_zero())
    }
}

/// The right to use the child for one request.
#[derive(Debug)]
pub(super) struct Lease {
    pub chat: Arc<ChatProvider>,
    model: String,
    exit: watch::Receiver<Option<Exit>>,
    deaths: Arc<Mutex<Deaths>>,
    _in_use: OwnedRwLockReadGuard<()>,
}

impl Lease {
    /// The answer came to its end.
    pub(super) fn succeeded(&self) {
        *self.deaths.lock().unwrap_or_else(PoisonError::into_inner) = Deaths::default();
    }

    /// Says what lies behind a broken answer, if the child is gone.
    pub(super) async fn explain(&mut self, error: ProviderError) -> ProviderError {
        if !matches!(error.kind, ErrorKind::Truncated | ErrorKind::Transport) {
            return error;
        }
        let news = tokio::time::timeout(NEWS, self.exit.wait_for(Option::is_some)).await;
        let Ok(Ok(exit)) = news else { return error };
        let Some(exit) = exit.clone() else { return error };
        if exit.in_order {
            let message = format!("the local model {} was ended while it answered", self.model);
            return ProviderError::new(error.kind, message).hint("ask again: it is started anew");
        }
        // Whoever attends to it has counted that before it told.
        let deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner);
        died(&self.model, &exit.how, deaths.in_a_row)
    }
}

fn record(deaths: &Mutex<Deaths>, how: &str) {
    let mut deaths = deaths.lock().unwrap_or_else(PoisonError::into_inner);
    deaths.in_a_row += 1;
    deaths.last = Some(Instant::now());
    deaths.how = Some(how.to_owned());
}

impl Supervisor {
    pub(super) fn new(options: LocalOptions) -> Self {
        Self {
            options,
            loaded: AsyncMutex::default(),
            in_use: Arc::default(),
            shown: Mutex::default(),
            deaths: Arc::default(),
        }
    }

    /// Gives a child that serves this model, and starts it if need be.
    pub(super) async fn lease(&self, entry: &Entry) -> Result<Lease, ProviderError> {
        let mut loaded = self.loaded.lock().await;
        let fits = loaded.as_ref().is_some_and(|it| it.name == entry.name && it.running.is_alive());
        if !fits {
            if let Some(old) = loaded.take() {
                // Whoever still listens to it may listen to the end.
                let _nobody = self.in_use.write().await;
                old.running.end().await;
            }
            self.wait_after_death().await;
            *loaded = Some(self.start(entry).await?);
        }
        let Some(current) = loaded.as_ref() else {
            return Err(Refusal::new("died", "it ended").error(&entry.name));
        };
        Ok(Lease {
            chat: current.chat.clone(),
            model: entry.name.clone(),
            exit: current.running.exit.clone(),
            deaths: self.deaths.clone(),
            _in_use: self.in_use.clone().read_owned().await,
        })
    }

    async fn wait_after_death(&self) {
        let wait = self.deaths.lock().unwrap_or_else(PoisonError::into_inner).wait();
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
    }

    async fn start(&self, entry: &Entry) -> Result<Loaded, ProviderError> {
        let options = &self.options;
        let plan = Plan {
            binary: options.binary.clone(),
            socket: socket(&options.run_dir).map_err(|refusal| refusal.error(&entry.name))?,
            model: entry.path(&options.models_dir),
            protocol: entry.protocol.word(),
            context: options.context.unwrap_or(0),
            threads: options.threads.unwrap_or(0),
            cache: options.cache_dir.join(&entry.name),
            idle: options.idle,
        };
        let deaths = Arc::clone(&self.deaths);
        let launched = launch(&plan, move |how| record(&deaths, how)).await;
        let running = launched.map_err(|refusal| refusal.error(&entry.name))?;
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(Shown {
            name: entry.name.clone(),
            pid: running.pid,
            context: running.context,
            exit: running.exit.clone(),
        });
        let chat = ChatProvider::new(ServerOptions {
            id: "local".into(),
            socket: Some(running.socket.clone()),
            timeouts: Timeouts::local(),
            ..ServerOptions::default()
        });
        let chat = chat.map_err(|why| ProviderError::new(ErrorKind::BadRequest, why.to_string()))?;
        let chat = Arc::new(chat.embedded(format!("the local model {}", entry.name)));
        Ok(Loaded { name: entry.name.clone(), running, chat })
    }

    /// Ends the child, if there is one of that name, or any if none is given.
    pub(super) async fn unload(&self, name: Option<&str>) {
        let mut loaded = self.loaded.lock().await;
        if loaded.as_ref().is_some_and(|it| name.is_none_or(|name| it.name == name))
            && let Some(old) = loaded.take()
        {
            old.running.end().await;
        }
    }

    /// The same for any, unless an answer is under way or a child is just being started.
    pub(super) async fn unload_if_idle(&self) -> Unloaded {
        let Ok(mut loaded) = self.loaded.try_lock() else { return Unloaded::Busy };
        let Some(name) = loaded.as_ref().filter(|it| it.running.is_alive()).map(|it| it.name.clone()) else {
            return Unloaded::Nothing;
        };
        // A new lease needs `loaded` first, so none begins while this goes on.
        let Ok(_nobody) = self.in_use.try_write() else { return Unloaded::Busy };
        if let Some(old) = loaded.take() {
            old.running.end().await;
        }
        Unloaded::Model(name)
    }

    /// Deaths, and the model in memory.
    pub(super) fn condition(&self) -> LocalCondition {
        let loaded = self.with_shown(|shown| shown.name.clone());
        let deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner);
        LocalCondition {
            has_program: false,
            deaths: deaths.in_a_row,
            last_death: deaths.how.clone(),
            next_start: deaths.wait(),
            loaded,
        }
    }

    /// The child that runs now.
    pub(super) fn child(&self) -> Option<status::Child> {
        self.with_shown(|shown| status::Child {
            name: format!("local model {}", shown.name),
            pid: shown.pid,
            ..status::Child::default()
        })
    }

    /// The room that the child which runs this model has.
    pub(super) fn context(&self, name: &str) -> Option<u64> {
        self.with_shown(|shown| shown.context.filter(|_| shown.name == name)).flatten()
    }

    fn with_shown<T>(&self, look: impl FnOnce(&Shown) -> T) -> Option<T> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.as_ref().filter(|shown| shown.exit.borrow().is_none()).map(look)
    }
}

/// A name that no child before had, so that no connection of one before is used for the next.
fn socket(run_dir: &Path) -> Result<PathBuf, Refusal> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("model-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    if cfg!(windows) {
        return Ok(PathBuf::from(format!(r"\\.\pipe\jamey-{name}")));
    }
    std::fs::create_dir_all(run_dir).map_err(|why| {
        Refusal::new("folder", format!("the folder {} cannot be made: {why}", run_dir.display()))
    })?;
    sweep(run_dir);
    let path = run_dir.join(name);
    // The shortest limit among the systems is 104 bytes, the ending zero included.
    if path.as_os_str().len() > 100 {
        let message = format!("the path of its socket is too long: {}", path.display());
        return Err(Refusal::new("folder", message).hint("set XDG_RUNTIME_DIR to a shorter folder"));
    }
    Ok(path)
}

/// Clears away the sockets of children that were killed.
#[cfg(unix)]
fn sweep(run_dir: &Path) {
    let Ok(entries) = std::fs::read_dir(run_dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("model-"));
        if ours && std::os::unix::net::UnixStream::connect(&path).is_err() {
            let _ = std::fs::remove_file(&path);
        }
    }
}

#[cfg(not(unix))]
fn sweep(_run_dir: &Path) {}

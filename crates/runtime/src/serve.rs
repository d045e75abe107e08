//! Starts everything in order, waits, and ends everything in the opposite order.

use std::{path::PathBuf, sync::Arc, time::Duration};

use jamey_ipc::{
    Folders,
    instance::{Held, Lock, LockError},
    launch::{Started, preparing},
    socket::{Listener, Passed},
};
use jamey_protocol::{ApiError, ErrorCode, life::Manner};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing_subscriber::{Layer as _, filter::filter_fn};

use crate::{
    api::{
        door::{self, Closing, LAST_WORDS},
        guard::Door,
        router,
    },
    config::{self, Config, Environment, Live, Override, Paths},
    health,
    host::{
        Host, HostParts, budget::Budget, clock::SteadyClock, local::Local, models::ModelBook,
        providers::proxy, rest,
    },
    keys::{Chain, Keyring},
    logs::{self, Bounds, Log, LogOptions},
    monitor,
    service::notify,
    store::{Store, StorePaths},
    telemetry::{self, Exporter, Recorder, Target},
};

/// How long a clean end may take; then the process ends all the same, and the next start closes
/// what was open.
pub const END_PATIENCE: Duration = Duration::from_secs(5);
/// The same when the end was asked for at once: a guard ends by force after one second what does not want to end.
const NOW_PATIENCE: Duration = Duration::from_millis(1_500);

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything lies.
    pub folders: Folders,
    /// The configuration file, if not the one of the config folder.
    pub config: Option<PathBuf>,
    /// Values of the command line.
    pub overrides: Vec<Override>,
    /// The environment, without the `.env` of the config folder.
    pub environment: Environment,
    /// The system's keychain.
    pub keychain: Arc<dyn Chain>,
    /// The program that guards commands, if any.
    pub guard: Option<PathBuf>,
    /// Whether this start decides what the process logs.
    pub log: bool,
}

/// Why a start did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another runtime lives, which is no fault.
    #[error(transparent)]
    Running(#[from] Held),
    /// Something is wrong.
    #[error(transparent)]
    Failed(#[from] ApiError),
}

impl From<LockError> for StartError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held(held) => Self::Running(held),
            LockError::Failed(error) => Self::Failed(error),
        }
    }
}

/// A runtime that answers.
#[derive(Debug)]
pub struct Running {
    /// What it is made of.
    pub host: Arc<Host>,
    closing: Closing,
    doors: Vec<JoinHandle<()>>,
    speech: Speech,
}

/// What belongs to the process rather than to one life of the runtime in it.
#[derive(Debug, Default)]
struct Speech {
    /// Written to its end when this goes.
    log: Option<Arc<Log>>,
    /// Sends what was traced, until told to stop.
    exporter: Option<(CancellationToken, JoinHandle<()>)>,
}

/// What an ended runtime leaves to the next one in the same process. The lock is among it, so that no other
/// runtime comes in between.
#[derive(Debug)]
pub struct Kept {
    lock: Option<Lock>,
    speech: Speech,
    /// Whether everything ended in time. Else parts of the old one may still work, and nothing may begin
    /// beside them.
    pub in_time: bool,
    deadline: Instant,
}

/// Starts a runtime. When it returns, its socket answers.
///
/// # Errors
/// When another one lives, the configuration is wrong, or a folder, the database or an address
/// cannot be used.
pub async fn start(options: Options) -> Result<Running, StartError> {
    start_at(options, Passed::default()).await
}

/// The same at a socket that somebody else made and passed on.
///
/// # Errors
/// See [`start`].
pub async fn start_at(options: Options, passed: Passed) -> Result<Running, StartError> {
    // The lock comes first: nothing of a living runtime is touched before it is ours.
    let lock = Lock::acquire(&options.folders)?;
    start_with(options, passed, lock, None).await
}

/// Starts a runtime in the place of one that ended in this process.
///
/// # Errors
/// See [`start`].
pub async fn start_anew(options: Options, passed: Passed, kept: Kept) -> Result<Running, StartError> {
    let lock = match kept.lock {
        Some(lock) => lock,
        None => Lock::acquire(&options.folders)?,
    };
    start_with(options, passed, lock, Some(kept.speech)).await
}

async fn start_with(
    options: Options,
    passed: Passed,
    lock: Lock,
    speech: Option<Speech>,
) -> Result<Running, StartError> {
    let Options { folders, config, overrides, environment, keychain, guard, log } = options;
    folders.create()?;
    // What a dead one left says nothing about us.
    preparing::remove(&folders);
    let live = Live::open(Paths::of(&folders, config), environment, overrides).map_err(|fault| {
        ApiError::new(ErrorCode::Config, fault.to_string()).hint("put that right, then start again")
    })?;
    let live = Arc::new(live);
    let now = live.now();
    let mut notices = Vec::new();
    let speech = match speech {
        Some(speech) => speech,
        None if log => speak(&now, &live.environment(), &folders, &mut notices),
        None => Speech::default(),
    };
    if let Some(log) = &speech.log {
        let (log, place) = (Arc::clone(log), folders.clone());
        live.whenever_changed(move |config| log.apply(&log_options(config, &place)));
    }
    let (store, mut found) =
        prepare(&folders, Store::open(StorePaths::of(&folders))).await.map_err(ApiError::from)?;
    notices.append(&mut found);
    let blobs = folders.data.join("blobs");
    make_folder(&blobs)?;
    for notice in notices.iter().chain(&live.warnings()) {
        tracing::warn!("{notice}");
    }
    let keys = Keyring::new(&folders, keychain);
    keys.begin();
    let local = Local::new(&folders, Arc::clone(&live));
    let models = Arc::new(ModelBook::new(
        Arc::clone(&live),
        keys,
        local,
        Budget::new(Arc::clone(&live), store.clone()),
    ));
    let clock = Arc::new(SteadyClock::behind(store.last_change()));
    let host = Host::new(HostParts { folders, live, store, models, guard, notices, clock });
    let closing = Closing {
        accept: CancellationToken::new(),
        serve: CancellationToken::new(),
        running: TaskTracker::new(),
    };
    let routes = router(Arc::clone(&host));
    let mut doors = Vec::new();
    host.port.begin(Arc::clone(&host.live), host.folders.token(), routes.clone(), closing.clone()).await;
    host.port.settle().await?;
    let listener = Listener::bind(&host.folders, &lock, passed)?;
    host.listens_at(vec![listener.path().display().to_string()]);
    let listeners = host.socket.begin(lock, listener);
    doors.push(tokio::spawn(door::serve(listeners, Door::Socket, routes, closing.clone())));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "the runtime answers");
    tokio::spawn(config::watch(Arc::clone(&host.live), host.shutdown.clone()));
    tokio::spawn(follow(Arc::clone(&host)));
    tokio::spawn(upkeep(Arc::clone(&host)));
    tokio::spawn(rest::whenever_quiet(Arc::clone(&host)));
    tokio::spawn(monitor::run(Arc::clone(&host)));
    tokio::spawn(health::run(Arc::clone(&host)));
    Ok(Running { host, closing, doors, speech })
}

/// Opens the store; if that takes long, those who wait for an answer are told again and again that it goes on.
async fn prepare<T>(folders: &Folders, open: impl Future<Output = T>) -> T {
    let mut open = std::pin::pin!(open);
    let mut is_told = false;
    loop {
        match tokio::time::timeout(preparing::AGAIN, &mut open).await {
            Ok(opened) => {
                if is_told {
                    preparing::remove(folders);
                }
                return opened;
            }
            Err(_) => {
                if !is_told {
                    tracing::info!("the database is being prepared, which takes a while");
                }
                is_told = true;
                notify::still_starting(preparing::AGAIN * 30);
                if let Err(error) = preparing::note(folders) {
                    tracing::debug!("those who wait cannot be told: {error}");
                }
            }
        }
    }
}

/// Begins to log and to trace for the whole process, as the configuration says.
fn speak(now: &Config, environment: &Environment, folders: &Folders, notices: &mut Vec<String>) -> Speech {
    let (exporter, fault) = tracing_to(now, environment);
    notices.extend(fault);
    let (exporter, recorder) = exporter.unzip();
    let recorder = recorder.map(|recorder| recorder.with_filter(filter_fn(telemetry::is_traced)));
    let (log, fault) = logs::start(&log_options(now, folders), recorder);
    notices.extend(fault);
    let exporter = exporter.map(|exporter| {
        let stop = CancellationToken::new();
        (stop.clone(), tokio::spawn(exporter.run(stop)))
    });
    Speech { log: Some(Arc::new(log)), exporter }
}

/// What sends traces, if that is wanted. A fault does not keep the runtime from starting.
fn tracing_to(config: &Config, environment: &Environment) -> (Option<(Exporter, Recorder)>, Option<String>) {
    let Some(set) = &config.telemetry else { return (None, None) };
    let headers = environment.get("OTEL_EXPORTER_OTLP_HEADERS").map(|(text, _)| text);
    match Exporter::new(Target { set, headers, proxy: proxy(environment) }) {
        Ok(pair) => (Some(pair), None),
        Err(error) => (None, Some(format!("no traces are sent: {error}"))),
    }
}

/// What the configuration says about the log.
fn log_options(config: &Config, folders: &Folders) -> LogOptions {
    let logging = &config.logging;
    LogOptions {
        level: logging.level.clone(),
        folder: logging.to_files.then(|| folders.logs()),
        bounds: Bounds { files: logging.max_files, age: logging.max_age },
    }
}

/// Makes a folder for the owner alone; one that is there stays as it is.
fn make_folder(folder: &std::path::Path) -> Result<(), ApiError> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder).map_err(|error| {
        ApiError::new(ErrorCode::Storage, format!("the folder {} cannot be made: {error}", folder.display()))
            .hint("check the folder's permissions and the free space")
    })
}

/// Does what a changed configuration asks of the port. The log is changed by the change itself.
async fn follow(host: Arc<Host>) {
    let mut changed = host.live.changed();
    loop {
        tokio::select! {
            () = host.shutdown.cancelled() => return,
            told = changed.changed() => if told.is_err() { return },
        }
        host.settle().await;
    }
}

/// What is due but must not hold up the start. Nothing of it runs again while the runtime is idle.
async fn upkeep(host: Arc<Host>) {
    const PAUSE: Duration = Duration::from_secs(10);
    const AGAIN: Duration = Duration::from_secs(24 * 3600);
    let mut kept = host.kept();
    let mut pause = PAUSE;
    loop {
        tokio::select! {
            () = host.shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        match host.look_after().await {
            Ok(notices) if notices.is_empty() => host.board.clear("upkeep"),
            Ok(notices) => host.board.raise("upkeep", notices.join("; ")),
            Err(error) => {
                host.board.raise("upkeep", format!("the daily upkeep of the database failed: {error}"));
            }
        }
        // A copy passes the whole database through memory.
        rest::now(&host).await;
        kept.mark_unchanged();
        tokio::select! {
            () = host.shutdown.cancelled() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
        // A day without any event needs no copy.
        tokio::select! {
            () = host.shutdown.cancelled() => return,
            changed = kept.changed() => if changed.is_err() { return },
        }
        pause = PAUSE;
    }
}

impl Running {
    /// Waits until somebody asks for the end.
    pub async fn asked_to_end(&self) {
        self.host.shutdown.cancelled().await;
    }

    /// Ends everything in order, as it was asked for. Returns `false` when something did not end in time.
    pub async fn end(self) -> bool {
        let Kept { lock, speech, in_time, deadline } = self.end_for_another().await;
        if let Some((stop, exporter)) = speech.exporter {
            stop.cancel();
            let _ = tokio::time::timeout_at(deadline, exporter).await;
        }
        tracing::info!(in_time, "the runtime ended");
        if let Some(log) = speech.log {
            log.flush();
        }
        // Last of all: the next runtime may begin.
        drop(lock);
        in_time
    }

    /// The same, but for what the next runtime of this process goes on with.
    pub async fn end_for_another(self) -> Kept {
        let Self { host, closing, doors, speech } = self;
        host.let_finish().await;
        let is_now = host.ending.asked().is_some_and(|asked| asked.manner == Manner::Now);
        let patience = if is_now { NOW_PATIENCE } else { END_PATIENCE };
        let deadline = Instant::now() + patience;
        let whole = async {
            closing.accept.cancel();
            for door in doors {
                let _ = door.await;
            }
            host.port.end().await;
            host.close().await;
            closing.serve.cancel();
            closing.running.close();
            // A client that does not read its last answer does not keep us.
            let _ = tokio::time::timeout(LAST_WORDS, closing.running.wait()).await;
        };
        let in_time = tokio::time::timeout_at(deadline, whole).await.is_ok();
        Started::remove(&host.folders);
        Kept { lock: host.socket.release(), speech, in_time, deadline }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_for_a_database_that_takes_long_is_told_until_it_is_open() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let _lock = Lock::acquire(&folders).unwrap();
        let (done, open) = tokio::sync::oneshot::channel();
        let told = async {
            while !preparing::is_preparing(&folders) {
                tokio::task::yield_now().await;
            }
            done.send(7).unwrap();
        };
        let (opened, ()) = tokio::join!(prepare(&folders, open), told);
        assert_eq!(opened, Ok(7));
        assert!(!preparing::is_preparing(&folders));
    }
}

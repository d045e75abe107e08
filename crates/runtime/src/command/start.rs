//! Starting: in the foreground, or detached from whoever asks.

use std::{ffi::OsString, path::PathBuf};

use jamey_ipc::{Folders, instance::Lock, launch};
use jamey_protocol::{ApiError, ErrorCode};

use super::briefly;
use crate::{
    args::{Args, Start},
    config::{Environment, Override},
    memory,
    serve::{self, Options, Running, StartError},
};

/// Of the threads that do what may block.
const STACK_BYTES: usize = 1024 * 1024;
/// The codes of a process that a signal ended, which scripts know.
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

pub(super) fn foreground(folders: Folders, args: &Args, start: &Start) -> Result<u8, ApiError> {
    close_to_others();
    memory::share_heap();
    // All sessions share this thread: handing text from thread to thread costs more than what is done
    // with it. Whatever blocks has threads of its own: files, commands, the database, the model.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_stack_size(STACK_BYTES)
        .thread_name("jamey")
        .enable_all()
        .build()
        .map_err(|error| {
            ApiError::new(ErrorCode::Internal, format!("the threads could not be made: {error}"))
        })?;
    let options = Options {
        folders,
        config: config_file(args)?,
        overrides: overrides(args, start),
        environment: Environment::of_process(),
        guard: if cfg!(unix) { std::env::current_exe().ok() } else { None },
        log: true,
    };
    // Asked for before anything is there that a signal could hurt.
    let code = runtime.block_on(async {
        let mut signals = Signals::new()?;
        match serve::start(options).await {
            Ok(running) => Ok(until_the_end(running, &mut signals).await),
            Err(StartError::Running(held)) => {
                println!("{}", already(held.pid));
                Ok(0)
            }
            Err(StartError::Failed(error)) => Err(error),
        }
    });
    // A thread that hangs in the system must not keep a process that has said goodbye.
    runtime.shutdown_background();
    code
}

/// Keys are in this process's environment and memory. Without this, any command of a tool could read
/// them there, since it runs as the same user. Also no dump of it is ever written.
fn close_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        // The log is not there yet.
        eprintln!("jamey-runtime: other programs of yours can read this one's memory: {error}");
    }
}

async fn until_the_end(running: Running, signals: &mut Signals) -> u8 {
    let code = tokio::select! {
        () = running.asked_to_end() => 0,
        code = signals.next() => code,
    };
    tracing::info!(code, "ending");
    let ended = tokio::select! {
        in_time = running.end() => in_time,
        // Whoever asks twice means it.
        _ = signals.next() => false,
    };
    if !ended {
        eprintln!("jamey-runtime: ended before everything was closed; the next start closes what was open");
    }
    code
}

pub(super) fn detached(folders: &Folders, args: &Args, start: &Start) -> Result<u8, ApiError> {
    if let Some(held) = Lock::holder(folders) {
        println!("{}", already(held.pid));
        return Ok(0);
    }
    let program = std::env::current_exe().map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("this program's own file cannot be found: {error}"))
    })?;
    let more = passed_on(args, start)?;
    let pid = briefly(async {
        let client = launch::start(folders, &program, &more).await?;
        Ok(client.hello().await?.pid)
    })?;
    println!("the runtime is running (process {pid}); socket {}", folders.socket().display());
    Ok(0)
}

fn already(pid: Option<u32>) -> String {
    let of = pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default();
    format!("already running{of}")
}

/// The file that `--config` names, absolute, since a detached runtime works elsewhere.
pub(super) fn config_file(args: &Args) -> Result<Option<PathBuf>, ApiError> {
    let Some(file) = &args.config else { return Ok(None) };
    let file = std::path::absolute(file).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("--config {} cannot be used: {error}", file.display()))
    })?;
    if !file.is_file() {
        let message = format!("there is no configuration file {}", file.display());
        return Err(
            ApiError::new(ErrorCode::Config, message).hint("leave --config away to use the usual one")
        );
    }
    Ok(Some(file))
}

fn overrides(args: &Args, start: &Start) -> Vec<Override> {
    let mut values: Vec<Override> = Vec::new();
    if let Some(level) = args.log_level {
        values.push(("logging.level", level.name().to_owned()));
    }
    if start.host.is_some() || start.port.is_some() {
        values.push(("api.enabled", "true".to_owned()));
    }
    if start.no_tcp {
        values.push(("api.enabled", "false".to_owned()));
    }
    values.extend(start.host.clone().map(|host| ("api.host", host)));
    values.extend(start.port.map(|port| ("api.port", port.to_string())));
    values
}

/// The same choices as arguments of the detached process.
fn passed_on(args: &Args, start: &Start) -> Result<Vec<OsString>, ApiError> {
    let mut more: Vec<OsString> = Vec::new();
    let mut pass = |flag: &str, value: OsString| more.extend([flag.into(), value]);
    if let Some(level) = args.log_level {
        pass("--log-level", level.name().into());
    }
    if let Some(file) = config_file(args)? {
        pass("--config", file.into());
    }
    if let Some(host) = &start.host {
        pass("--host", host.into());
    }
    if let Some(port) = start.port {
        pass("--port", port.to_string().into());
    }
    if start.no_tcp {
        more.push("--no-tcp".into());
    }
    Ok(more)
}

/// The signals that ask for the end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self, ApiError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| {
                ApiError::new(ErrorCode::Internal, format!("signals cannot be listened for: {error}"))
            })
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPTED,
            _ = self.terminate.recv() => TERMINATED,
            // Its terminal was closed.
            _ = self.hang_up.recv() => TERMINATED,
        }
    }
}

/// What stands for those signals on Windows; compiled, not verified there.
#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn new() -> Result<Self, ApiError> {
        use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown};
        let failed = |error: std::io::Error| {
            ApiError::new(ErrorCode::Internal, format!("signals cannot be listened for: {error}"))
        };
        Ok(Self {
            interrupt: ctrl_c().map_err(failed)?,
            close: ctrl_close().map_err(failed)?,
            shutdown: ctrl_shutdown().map_err(failed)?,
        })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPTED,
            _ = self.close.recv() => TERMINATED,
            _ = self.shutdown.recv() => TERMINATED,
        }
    }
}

//! Starting: in the foreground, or detached from whoever asks.

use std::{ffi::OsString, io, path::PathBuf, sync::Arc};

use jamey_ipc::{Client, Folders, instance::Lock, launch, socket::Passed};
use jamey_protocol::{
    ApiError, ErrorCode,
    life::{Manner, Shutdown},
};

use super::{
    briefly,
    signals::{Signals, Told},
};
use crate::{
    args::{Args, Restart, Start},
    config::{Environment, Override},
    host::Host,
    keys::SystemChain,
    serve::{self, Kept, Options, Running, StartError},
    service::notify,
};

/// Of the threads that do what may block.
const STACK_BYTES: usize = 1024 * 1024;

pub(super) fn foreground(
    folders: Folders,
    args: &Args,
    start: &Start,
    passed: io::Result<Passed>,
) -> Result<u8, ApiError> {
    serve(folders, args, start, passed, Signals::new)
}

/// Is the runtime, from its beginning to its end, which whoever `signals` listens to may bring about.
pub(super) fn serve(
    folders: Folders,
    args: &Args,
    start: &Start,
    passed: io::Result<Passed>,
    signals: impl FnOnce() -> Result<Signals, ApiError>,
) -> Result<u8, ApiError> {
    let passed = passed.map_err(|error| {
        ApiError::new(ErrorCode::Config, format!("what the service manager passed on is unfit: {error}"))
            .hint("install the service again: jamey runtime install")
    })?;
    let arguments = passed_on(args, start)?;
    close_to_others();
    jamey_memory::share_heap();
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
        keychain: Arc::new(SystemChain),
        guard: if cfg!(unix) { std::env::current_exe().ok() } else { None },
        log: true,
    };
    // Asked for before anything is there that a signal could hurt.
    let code = runtime.block_on(live(options, passed, &arguments, signals));
    // A thread that hangs in the system must not keep a process that has said goodbye.
    runtime.shutdown_background();
    code
}

/// How the runtime of this process ended.
enum End {
    /// For good, with the exit code.
    Gone(u8),
    /// To begin anew.
    Returning(Kept),
}

/// Lives until somebody asks for the end; begins anew in between when the runtime asks for that itself.
async fn live(
    options: Options,
    mut passed: Passed,
    arguments: &[OsString],
    signals: impl FnOnce() -> Result<Signals, ApiError>,
) -> Result<u8, ApiError> {
    let mut signals = signals()?;
    let mut kept = None;
    loop {
        // The listener of systemd is needed again after a return.
        let spare = passed.again().unwrap_or_default();
        let is_return = kept.is_some();
        let started = match kept.take() {
            None => serve::start_at(options.clone(), passed).await,
            Some(kept) => serve::start_anew(options.clone(), passed, kept).await,
        };
        let running = match started {
            Ok(running) => running,
            Err(StartError::Running(held)) => {
                // For a service manager too this is no failure that another try could mend.
                notify::ready(&already(held.pid));
                println!("{}", already(held.pid));
                return Ok(0);
            }
            Err(StartError::Failed(error)) => return Err(error),
        };
        if is_return {
            running.host.board.mended("restarted the runtime, since its database was damaged");
        }
        note_start(&running.host, arguments);
        match until_the_end(running, &mut signals).await {
            End::Gone(code) => return Ok(code),
            End::Returning(left) => kept = Some(left),
        }
        passed = spare;
    }
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

/// Leaves word of how this runtime was started, and tells the service manager that it answers.
fn note_start(host: &Arc<Host>, arguments: &[OsString]) {
    let started = launch::Started::here(arguments);
    #[cfg(windows)]
    let started = of_service(started);
    if let Err(error) = started.write(&host.folders) {
        tracing::warn!(
            "how the runtime was started cannot be noted, so a restart will use no flags: {error}"
        );
    }
    notify::ready(&format!("answers at {}", host.listening().join(", ")));
    tokio::spawn(notify::keep_alive(Arc::clone(host)));
}

/// Windows keeps its services, and gives them no variable that says so.
#[cfg(windows)]
fn of_service(mut started: launch::Started) -> launch::Started {
    if let Some(name) = crate::service::scm::own_name() {
        started.keeper = Some(format!("scm:{name}"));
    }
    started
}

async fn until_the_end(running: Running, signals: &mut Signals) -> End {
    let host = Arc::clone(&running.host);
    let code = loop {
        tokio::select! {
            () = running.asked_to_end() => break 0,
            told = signals.next() => match told {
                Told::End(code) => break code,
                Told::Reload => reload(&host),
            }
        }
    };
    if host.ending.is_returning() {
        return to_return(running, signals).await;
    }
    tracing::info!(code, "ending");
    notify::stopping();
    let mut end = std::pin::pin!(running.end());
    let ended = loop {
        tokio::select! {
            in_time = &mut end => break in_time,
            told = signals.next() => match told {
                Told::Reload => {}
                // Turns that might have finished are interrupted after all.
                Told::End(_) if host.ending.is_finishing() => {
                    host.ask_to_end(Shutdown { manner: Manner::Interrupt, ..Shutdown::default() });
                }
                // Whoever asks twice means it.
                Told::End(_) => break false,
            }
        }
    };
    if !ended {
        eprintln!("jamey-runtime: ended before everything was closed; the next start closes what was open");
    }
    End::Gone(code)
}

/// Ends in order and keeps what the next life needs. Whoever asks for the end meanwhile gets it.
async fn to_return(running: Running, signals: &mut Signals) -> End {
    let host = Arc::clone(&running.host);
    tracing::info!("ending, to begin anew at once");
    let mut end = std::pin::pin!(running.end_for_another());
    let mut code = None;
    let kept = loop {
        tokio::select! {
            kept = &mut end => break kept,
            told = signals.next() => if let Told::End(asked) = told { code = Some(asked) },
        }
    };
    match code {
        Some(code) => End::Gone(code),
        None if !host.ending.is_returning() => End::Gone(0),
        None if kept.in_time => End::Returning(kept),
        None => {
            eprintln!("jamey-runtime: did not end in time to begin anew; start it again");
            // A failure, so that a service manager starts it.
            End::Gone(1)
        }
    }
}

/// Reads the configuration again.
fn reload(host: &Host) {
    notify::reloading();
    // What changed it says itself.
    match host.live.reload() {
        Ok(()) => tracing::info!("the configuration was read again, as a signal asked"),
        Err(fault) => tracing::warn!("the configuration from before holds: {fault}"),
    }
    notify::ready(&format!("answers at {}", host.listening().join(", ")));
}

pub(super) fn detached(folders: &Folders, args: &Args, start: &Start) -> Result<u8, ApiError> {
    if let Some(held) = Lock::holder(folders) {
        println!("{}", already(held.pid));
        return Ok(0);
    }
    let program = own_program()?;
    let more = passed_on(args, start)?;
    launch::refuse_arguments(folders, None, &more)?;
    let pid = briefly(async {
        let client = match launch::is_activatable(folders) {
            true => Client::connect(folders, None).await?,
            false => launch::start(folders, &program, &more).await?,
        };
        Ok(client.hello().await?.pid)
    })?;
    println!("the runtime is running (process {pid}); socket {}", folders.socket().display());
    Ok(0)
}

pub(super) fn restart(folders: &Folders, args: &Args, how: &Restart) -> Result<u8, ApiError> {
    let program = own_program()?;
    let more = passed_on(args, &how.start)?;
    let manner = if how.now { Manner::Now } else { Manner::Finish };
    let wish = Shutdown { manner, grace_seconds: if how.now { 0 } else { how.grace }, restart: true };
    let pid = briefly(async {
        let restarted = launch::restart(folders, &program, &wish, more).await?;
        Ok(restarted.client.hello().await?.pid)
    })?;
    println!("the runtime is running again (process {pid}); socket {}", folders.socket().display());
    Ok(0)
}

pub(super) fn own_program() -> Result<PathBuf, ApiError> {
    std::env::current_exe().map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("this program's own file cannot be found: {error}"))
    })
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

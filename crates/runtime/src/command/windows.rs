//! The service of the whole machine on Windows: installing and removing it, and being it.

use std::{
    ffi::OsString,
    io::Write as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use jamey_ipc::{Folders, socket::Passed};
use jamey_protocol::{ApiError, ErrorCode};
use tokio::sync::mpsc;
use windows_service::{define_windows_service, service_dispatcher};

use super::{
    exit_code,
    signals::{Signals, Told},
    start,
};
use crate::{
    args::{Args, Headless, Install, Start},
    service::{
        machine::{self, Machine},
        scm::{self, Installed},
    },
};

pub(super) fn install(how: &Install) -> Result<u8, ApiError> {
    let machine = Machine::this()?;
    machine.check(std::env::home_dir().as_deref())?;
    println!("{} a service of this machine:\n", if how.dry_run { "would make" } else { "making" });
    for line in machine.text().lines() {
        println!("    {line}");
    }
    println!();
    let files = std::env::var_os("ProgramFiles").map(PathBuf::from);
    for warning in machine.warnings(files.as_deref()) {
        println!("note: {warning}.");
    }
    if how.dry_run {
        println!("nothing was made, since --dry-run was given.");
        return Ok(0);
    }
    let (installed, missing) = scm::install(&machine)?;
    for refused in missing {
        println!("note: {refused}.");
    }
    match installed {
        Installed::Already => println!("installed already, and it runs."),
        Installed::Now => println!("the service runs, and starts with the machine from now on."),
    }
    if let Some(folders) = scm::folders(&machine.name, &machine.line()) {
        println!("settings: {}", folders.runtime_toml().display());
        println!("reach it at http://127.0.0.1:3000, or at the api.port set there, with the token in");
        println!("    {}", folders.token().display());
    }
    println!("undo: jamey-runtime uninstall --system");
    Ok(0)
}

/// Removes the service. Gives the folders in which it kept everything, as far as they are known.
pub(super) fn uninstall() -> Result<Option<Folders>, ApiError> {
    let name = machine::name();
    let Some(line) = scm::uninstall(&name)? else {
        println!("no service of this machine is installed");
        // What an earlier one kept may still be there.
        return Ok(scm::folders(&name, ""));
    };
    println!("the service is gone; its sessions and settings stay");
    Ok(scm::folders(&name, &line))
}

/// What the service has to do, for the thread on which Windows starts it.
static TASK: OnceLock<(Args, Headless)> = OnceLock::new();

define_windows_service!(entry, be);

/// Hands this process to Windows until the service has ended.
pub(super) fn run(args: &Args, how: &Headless) -> Result<u8, ApiError> {
    let _ = TASK.set((args.clone(), how.clone()));
    // It is the only service of its process, so that Windows does not look at the name here.
    service_dispatcher::start(machine::name(), entry).map(|()| 0).map_err(|_| {
        ApiError::new(ErrorCode::BadRequest, "this is what Windows starts as a service, and nobody else")
            .hint("to install the service: jamey-runtime install --system")
    })
}

/// Is the service, from its beginning to its end. Windows gives it its name as the first word.
fn be(arguments: Vec<OsString>) {
    let (Some((args, how)), Some(name)) = (TASK.get(), arguments.first()) else { return };
    let (tell, told) = mpsc::channel(8);
    // A channel that is full has said it already.
    let end = move || {
        let _ = tell.try_send(Told::End(0));
    };
    if scm::begin(&name.to_string_lossy(), end).is_err() {
        return;
    }
    let folders = match &how.home {
        Some(home) => Ok(Folders::under(home)),
        None => Folders::resolve(),
    };
    let code = folders.and_then(|folders| {
        // The loopback API is the only way in: nobody logs on with this account.
        let start = Start { host: Some("127.0.0.1".to_owned()), ..Start::default() };
        let place = folders.start_log();
        let signals = || Ok(Signals::of_service(told));
        start::serve(folders, args, &start, Ok(Passed::default()), signals)
            .inspect_err(|error| note(&place, error))
    });
    scm::stopped(code.unwrap_or_else(|error| exit_code(error.code)));
}

/// Writes down why it did not start, since a service has no terminal.
fn note(place: &Path, error: &ApiError) {
    let file = std::fs::File::options().append(true).create(true).open(place);
    if let Ok(mut file) = file {
        // If this cannot be written either, the exit code is all there is.
        let _ = writeln!(file, "jamey-runtime: {}", error.message);
        if let Some(hint) = &error.hint {
            let _ = writeln!(file, "hint: {hint}");
        }
    }
}

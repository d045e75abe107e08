//! What the command line asks for, done. Only here does the program speak to a person.

mod config;
mod install;
mod logs;
mod restore;
mod signals;
mod start;
mod status;
mod stop;
mod support;
mod uninstall;
#[cfg(windows)]
mod windows;

use std::{io, process::ExitCode};

use jamey_ipc::{Folders, socket::Passed};
use jamey_protocol::{ApiError, ErrorCode};

use crate::args::{Args, Command, Start};

/// Does what the command line says; `passed` is what a service manager opened for a runtime.
#[must_use]
pub fn run(args: &Args, passed: io::Result<Passed>) -> ExitCode {
    #[cfg(windows)]
    if let Some(Command::Service(service)) = &args.command {
        return ended(windows::run(args, service));
    }
    ended(Folders::resolve().and_then(|folders| match &args.command {
        None => start::foreground(folders, args, &Start::default(), passed),
        Some(Command::Start(start)) if start.foreground => start::foreground(folders, args, start, passed),
        Some(Command::Start(start)) => start::detached(&folders, args, start),
        Some(Command::Stop { now }) => stop::run(&folders, *now),
        Some(Command::Restart(how)) => start::restart(&folders, args, how),
        Some(Command::Install(how)) => install::run(&folders, how),
        Some(Command::Uninstall(how)) => uninstall::run(&folders, how),
        Some(Command::Status { json }) => status::run(&folders, *json),
        Some(Command::Logs { follow, lines, json }) => logs::run(&folders, *follow, *lines, *json),
        Some(Command::SupportBundle { output }) => support::run(&folders, args, output.as_deref()),
        Some(Command::Restore { which, apply }) => restore::run(&folders, which.as_deref(), *apply),
        Some(Command::Config { command }) => config::run(&folders, args, command),
        #[cfg(windows)]
        Some(Command::Service(service)) => windows::run(args, service),
    }))
}

fn ended(done: Result<u8, ApiError>) -> ExitCode {
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            tell(&error);
            ExitCode::from(exit_code(error.code))
        }
    }
}

/// Says what failed and what to do, in the form that whoever started us looks for.
fn tell(error: &ApiError) {
    eprintln!("jamey-runtime: {}", error.message);
    if let Some(hint) = &error.hint {
        eprintln!("hint: {hint}");
    }
}

fn exit_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::BadRequest | ErrorCode::TooLarge => 2,
        ErrorCode::Unreachable | ErrorCode::Version => 3,
        ErrorCode::ApprovalNeeded => 4,
        ErrorCode::Auth | ErrorCode::Provider | ErrorCode::ContextOverflow | ErrorCode::NoModel => 5,
        ErrorCode::Limit => 6,
        ErrorCode::Config => 78,
        ErrorCode::Forbidden
        | ErrorCode::NotFound
        | ErrorCode::Conflict
        | ErrorCode::Storage
        | ErrorCode::ShuttingDown
        | ErrorCode::Internal
        | ErrorCode::Unknown => 1,
    }
}

/// Runs one short conversation with the runtime, on this thread alone.
fn briefly<T>(work: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| ApiError::new(ErrorCode::Internal, format!("could not begin: {error}")))?;
    runtime.block_on(work)
}

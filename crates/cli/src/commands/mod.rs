//! One file for each command.

mod answer;
mod ask;
mod backup;
mod chat;
mod completions;
mod config;
mod doctor;
mod edit;
mod life;
mod models;
mod new;
mod providers;
mod restore;
mod runtime;
mod sessions;
mod status;
mod support;
mod tools;
mod usage;

use std::{
    future::Future,
    io::{self, IsTerminal as _, Write as _},
};

use jamey_protocol::{ApiError, ErrorCode};

use crate::{
    args::{Call, Globals},
    link::Link,
};

/// Does what was said and gives the exit code.
pub fn run(globals: &Globals, call: Call) -> Result<u8, ApiError> {
    // An installer asks this where there may be no home folder yet.
    if let Call::Completions(shell) = call {
        return completions::run(shell);
    }
    let link = Link::new(globals)?;
    match call {
        Call::Ask(ask) => ask::run(&link, &ask),
        Call::Chat(chat) => chat::run(&link, &chat),
        Call::Approve { session, always } => answer::approve(&link, session.as_deref(), always),
        Call::Deny { session, reason } => answer::deny(&link, session.as_deref(), reason),
        Call::New(new) => new::run(&link, new),
        Call::Sessions(command) => sessions::run(&link, command),
        Call::Tools(command) => tools::run(&link, &command),
        Call::Models(command) => models::run(&link, command),
        Call::Providers(command) => providers::run(&link, command),
        Call::Usage(what) => usage::run(&link, &what),
        Call::Runtime(command) => runtime::run(&link, &command),
        Call::Backup(how) => backup::run(&link, &how),
        Call::Restore(how) => restore::run(&link, &how),
        Call::Config(command) => config::run(&link, command),
        Call::Doctor { fix: true } => doctor::run(&link, doctor::Treatment::Fix),
        Call::Doctor { fix: false } => doctor::run(&link, doctor::Treatment::Look),
        Call::SupportBundle(output) => support::run(&link, output.as_deref()),
        Call::Completions(shell) => completions::run(shell),
    }
}

/// What asynchronous work runs on: this thread alone.
fn executor() -> Result<tokio::runtime::Runtime, ApiError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("this command cannot work: {error}"))
            .hint("look at the limits of open files and processes")
    })
}

/// Does asynchronous work to its end. What else still runs then is given up.
fn wait_for<T>(work: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    let executor = executor()?;
    let result = executor.block_on(work);
    executor.shutdown_background();
    result
}

/// Asks for a yes before something that cannot be taken back.
///
/// # Errors
/// `BadRequest` when there is no terminal to ask at.
fn confirm(question: &str) -> Result<bool, ApiError> {
    if !io::stdin().is_terminal() {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "this cannot be taken back, and nobody is here to say yes",
        )
        .hint("add --yes"));
    }
    let mut answer = String::new();
    let asked = write!(io::stderr(), "{question} [y/N] ").and_then(|()| io::stdin().read_line(&mut answer));
    Ok(asked.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

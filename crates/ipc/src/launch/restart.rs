//! Starts the runtime again the way it had been started.

use std::{
    ffi::OsString,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use jamey_protocol::{ApiError, ErrorCode, life::Shutdown};

use super::{PATIENCE, Started, end, is_activatable, start, windows_program};
use crate::{Client, Folders, instance::Lock};

/// What a restart did.
#[derive(Clone, Debug)]
pub struct Restarted {
    /// Connected to the new one.
    pub client: Client,
    /// Whether one had run before.
    pub had_run: bool,
}

/// Ends the runtime as `how` says, if one runs, and starts `runtime` with the arguments of the old one,
/// except where `more` says otherwise. One that a service manager keeps is started by that.
///
/// # Errors
/// `BadRequest` when arguments are given for one that a service manager keeps; else see `end` and
/// `start`.
pub async fn restart(
    folders: &Folders,
    runtime: &Path,
    how: &Shutdown,
    more: Vec<OsString>,
) -> Result<Restarted, ApiError> {
    let kept = Lock::holder(folders).and_then(|_| Started::read(folders)).and_then(|it| it.keeper);
    refuse_arguments(folders, kept.as_deref(), &more)?;
    let ended = end(folders, &Shutdown { restart: true, ..*how }).await?;
    let had_run = ended.is_some();
    let started = ended.unwrap_or_default();
    let is_kept =
        started.systemd_unit().is_some() || started.machine_service().is_some() || is_activatable(folders);
    let client = if is_kept || more.is_empty() || !had_run {
        again(folders, runtime, &started, more).await?
    } else {
        differently(folders, runtime, &started.arguments, more).await?
    };
    Ok(Restarted { client, had_run })
}

/// Starts a runtime that was ended the way it had been started, except where `more` says otherwise. One
/// that a service manager keeps is started by that.
///
/// # Errors
/// See `start`.
pub async fn again(
    folders: &Folders,
    runtime: &Path,
    started: &Started,
    more: Vec<OsString>,
) -> Result<Client, ApiError> {
    match (started.systemd_unit(), started.machine_service()) {
        (Some(unit), _) => match by_systemd(folders, unit).await {
            Some(client) => Ok(client),
            // The unit is gone or systemd does not answer; a runtime is still wanted.
            None => start(folders, runtime, &[]).await,
        },
        (None, Some(name)) => by_machine(folders, name).await,
        (None, None) if is_activatable(folders) => Client::connect(folders, None).await,
        (None, None) => start(folders, runtime, &merged(&started.arguments, more)).await,
    }
}

/// Starts it with other arguments than before, or, where those will not do, as before, and says so.
async fn differently(
    folders: &Folders,
    runtime: &Path,
    old: &[String],
    more: Vec<OsString>,
) -> Result<Client, ApiError> {
    match start(folders, runtime, &merged(old, more)).await {
        Ok(client) => Ok(client),
        Err(mut error) => {
            if start(folders, runtime, &merged(old, Vec::new())).await.is_ok() {
                error.message.push_str("; the runtime runs again as it did before");
            }
            Err(error)
        }
    }
}

/// Refuses arguments for a runtime whose service decides how it is started.
///
/// # Errors
/// `BadRequest` with what to do instead.
pub fn refuse_arguments(folders: &Folders, keeper: Option<&str>, more: &[OsString]) -> Result<(), ApiError> {
    let keeper = match keeper {
        Some(keeper) => keeper.split(':').next().unwrap_or(keeper),
        None if is_activatable(folders) => "systemd",
        None => return Ok(()),
    };
    if more.is_empty() {
        return Ok(());
    }
    let message = match keeper {
        "keeper" => "this runtime starts when you log on, with the settings of runtime.toml".to_owned(),
        "scm" => "this runtime is a service of Windows, which starts it".to_owned(),
        keeper => format!("{keeper} starts this runtime, and its unit decides how"),
    };
    Err(ApiError::new(ErrorCode::BadRequest, message)
        .hint("set api.port and the like in runtime.toml (jamey config edit), then restart without flags"))
}

async fn by_systemd(folders: &Folders, unit: &str) -> Option<Client> {
    let call = |word: &str| {
        let mut command = Command::new("systemctl");
        command.args(["--user", word, unit]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    // A person's wish is no crash: it does not count towards the starts after which systemd gives up.
    let mut calls = [call("reset-failed"), call("start")];
    // The last one returns when the runtime says that it is ready.
    let _ = tokio::task::spawn_blocking(move || calls.iter_mut().for_each(|call| drop(call.status()))).await;
    Client::connect(folders, None).await.ok()
}

/// Lets Windows start its service, and waits until that answers.
async fn by_machine(folders: &Folders, name: &str) -> Result<Client, ApiError> {
    let mut command = Command::new(windows_program("sc.exe"));
    command.args(["start", name]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // That the process has ended is seen by Windows a little later than by us.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let _ = command.status();
        match Client::connect(folders, None).await {
            Ok(client) => return Ok(client),
            Err(error) if Instant::now() >= deadline => {
                return Err(error.hint(format!("start it as an administrator: sc start {name}")));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
        }
    }
}

/// The old arguments, except those that the new ones are about, then the new ones.
fn merged(old: &[String], new: Vec<OsString>) -> Vec<OsString> {
    let names = |flag: &str| new.iter().any(|word| word == flag);
    let mut out: Vec<OsString> = Vec::new();
    let mut old = old.iter();
    while let Some(flag) = old.next() {
        let value = if flag == "--no-tcp" { None } else { old.next() };
        let is_about_tcp = matches!(flag.as_str(), "--host" | "--port");
        let is_replaced = names(flag)
            || (is_about_tcp && names("--no-tcp"))
            || (flag == "--no-tcp" && (names("--host") || names("--port")));
        if !is_replaced {
            out.push(flag.into());
            out.extend(value.map(Into::into));
        }
    }
    out.extend(new);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_arguments_replace_the_old_ones_that_they_are_about() {
        let merge = |old: &[&str], new: &[&str]| {
            let old: Vec<String> = old.iter().map(|word| (*word).to_owned()).collect();
            let merged = merged(&old, new.iter().map(Into::into).collect());
            merged.into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>().join(" ")
        };
        let old = ["--log-level", "debug", "--host", "::1", "--port", "4000"];
        assert_eq!(merge(&old, &[]), old.join(" "));
        assert_eq!(merge(&old, &["--port", "5000"]), "--log-level debug --host ::1 --port 5000");
        assert_eq!(merge(&old, &["--no-tcp"]), "--log-level debug --no-tcp");
        assert_eq!(merge(&["--no-tcp"], &["--port", "1"]), "--port 1");
        assert_eq!(merge(&["--no-tcp", "--config", "/c"], &["--no-tcp"]), "--config /c --no-tcp");
    }
}

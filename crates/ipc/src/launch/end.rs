//! Ends the runtime for a client, and waits until it is gone.

use std::time::{Duration, Instant};

use jamey_protocol::{
    ApiError, ErrorCode,
    life::{Manner, Shutdown},
};

use super::{
    process::{self, Program},
    started::Started,
    windows_program,
};
use crate::{Client, Folders, instance::Lock};

/// How long a clean end may take beyond the grace: turns are closed and children gone by then.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a runtime may take to hear the request.
const HEARING: Duration = Duration::from_secs(5);
/// The same for one that shall end at once; then it is ended without asking.
const NOW: Duration = Duration::from_secs(2);
/// A killed process is gone after this long.
const DEATH: Duration = Duration::from_secs(5);
/// Without the lock a process ends at once, and its keeper sees that.
const LAST: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(5);

/// Ends the runtime that lives here. Returns how it had been started, or `None` when none lives.
///
/// With [`Manner::Now`] one that does not answer is killed. One of another protocol is ended by a
/// signal, so that an update can always replace it.
///
/// # Errors
/// `Unreachable` when it does not hear, `Internal` when it heard and does not end.
pub async fn end(folders: &Folders, how: &Shutdown) -> Result<Option<Started>, ApiError> {
    let held = Lock::holder(folders);
    if held.is_none() && (super::is_asleep(folders) || !is_there(folders).await) {
        return Ok(None);
    }
    let started = Started::read(folders).unwrap_or_default();
    let pid = held.and_then(|held| held.pid).or(Some(started.pid).filter(|pid| *pid != 0));
    let is_now = how.manner == Manner::Now;
    if let Err(error) = ask(folders, how).await {
        match pid {
            Some(pid) if error.code == ErrorCode::Version && !is_now => {
                if !process::terminate(pid) {
                    return Err(error);
                }
            }
            Some(pid) if is_now => kill(pid, &started),
            // It ended by itself meanwhile.
            _ if held.is_some() && Lock::holder(folders).is_none() => return Ok(Some(started)),
            // Somebody else's, or one of which we know nothing but that.
            None => return Err(error),
            Some(_) => return Err(error.hint("end it at once: jamey runtime stop --now")),
        }
    }
    let patience = if is_now { NOW } else { PATIENCE + Duration::from_secs(how.grace_seconds) };
    if gone(folders, patience).await {
        quiet(pid, &started).await;
        return Ok(Some(started));
    }
    if is_now && let Some(pid) = pid {
        kill(pid, &started);
        if gone(folders, DEATH).await {
            quiet(Some(pid), &started).await;
            return Ok(Some(started));
        }
    }
    let who = pid.map(|pid| format!(" (process {pid})")).unwrap_or_default();
    Err(ApiError::new(ErrorCode::Internal, format!("the runtime{who} was told to end and still runs"))
        .hint("end it at once: jamey runtime stop --now"))
}

/// Tells whether anybody answers at the socket, whatever they say.
async fn is_there(folders: &Folders) -> bool {
    match Client::connect(folders, None).await {
        Ok(_) => true,
        Err(error) => !(error.code == ErrorCode::Unreachable && error.retryable),
    }
}

async fn ask(folders: &Folders, how: &Shutdown) -> Result<(), ApiError> {
    let patience = if how.manner == Manner::Now { NOW } else { HEARING };
    let asked = async { Client::connect(folders, None).await?.shut_down(how).await };
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| {
        let message = format!("the runtime did not answer within {} seconds", patience.as_secs());
        Err(ApiError::new(ErrorCode::Unreachable, message))
    })
}

/// Ends a process that does not hear. Its keeper must not take that for a crash and start it again.
fn kill(pid: u32, started: &Started) {
    if let Some(unit) = started.systemd_unit() {
        let _ = std::process::Command::new("systemctl")
            .args(["--user", "stop", "--no-block", unit])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
    }
    if let Some(name) = started.machine_service() {
        let mut command = std::process::Command::new(windows_program("sc.exe"));
        command.args(["stop", name]).stdin(std::process::Stdio::null());
        let _ = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status();
    }
    if let Some(keeper) = started.keeper_pid() {
        process::kill(Program::Keeper, keeper);
    }
    process::kill(Program::Runtime, pid);
}

/// Waits until the process is gone too, which gave up the lock just before, and the keeper has seen it: their
/// files may be about to be replaced, and whoever looks shall find nobody.
async fn quiet(pid: Option<u32>, started: &Started) {
    let deadline = Instant::now() + LAST;
    let lives = || {
        pid.is_some_and(|pid| process::lives(Program::Runtime, pid))
            || started.keeper_pid().is_some_and(|pid| process::lives(Program::Keeper, pid))
    };
    while lives() && Instant::now() < deadline {
        tokio::time::sleep(GLANCE).await;
    }
}

/// Waits until nobody holds the lock, which a runtime gives up last of all.
async fn gone(folders: &Folders, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while Lock::holder(folders).is_some() {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(GLANCE).await;
    }
    true
}

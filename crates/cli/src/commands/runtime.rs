//! `jamey runtime`: the resident process.

use std::{
    ffi::OsString,
    fmt::Write as _,
    process::Command,
    time::{Duration, Instant},
};

use jamey_ipc::{Client, instance::Lock, launch};
use jamey_protocol::{ApiError, ErrorCode, status::Status};
use serde_json::json;

use super::wait_for;
use crate::{
    args::{RuntimeCommand, StartArgs},
    exit,
    link::Link,
    render::{self, bytes, clean, seconds},
};

/// How long a runtime may take to end: its turns are closed and its children gone by then.
const END_PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(20);

pub fn run(link: &Link, command: &RuntimeCommand) -> Result<u8, ApiError> {
    match command {
        RuntimeCommand::Start(how) => wait_for(start(link, how)),
        RuntimeCommand::Stop => wait_for(stop(link)),
        RuntimeCommand::Restart(how) => wait_for(async {
            stop(link).await?;
            start(link, how).await
        }),
        RuntimeCommand::Status => wait_for(status(link)),
        RuntimeCommand::Logs { follow, lines } => logs(link, *follow, *lines),
    }
}

async fn start(link: &Link, how: &StartArgs) -> Result<u8, ApiError> {
    if let Ok(client) = link.connect().await {
        let pid = client.hello().await?.pid;
        told(link, &format!("the runtime is already running (process {pid})"), pid);
        return Ok(exit::DONE);
    }
    let client = launch::start(&link.folders, &launch::find_runtime()?, &flags(how)).await?;
    let pid = client.hello().await?.pid;
    told(link, &format!("the runtime is running (process {pid})"), pid);
    Ok(exit::DONE)
}

fn told(link: &Link, words: &str, pid: u32) {
    if link.globals.json {
        render::print_json(&json!({ "running": true, "pid": pid }));
    } else if !link.globals.quiet {
        render::note(words);
    }
}

fn flags(how: &StartArgs) -> Vec<OsString> {
    let mut flags: Vec<OsString> = Vec::new();
    if let Some(host) = &how.host {
        flags.extend(["--host".into(), host.into()]);
    }
    if let Some(port) = how.port {
        flags.extend(["--port".into(), port.to_string().into()]);
    }
    if how.no_tcp {
        flags.push("--no-tcp".into());
    }
    flags
}

async fn stop(link: &Link) -> Result<u8, ApiError> {
    let client = match link.connect().await {
        Ok(client) => client,
        Err(error) if error.code == ErrorCode::Unreachable && error.retryable => {
            gone(link, "no runtime is running");
            return Ok(exit::DONE);
        }
        Err(error) => return Err(error),
    };
    client.shutdown().await?;
    drop(client);
    let deadline = Instant::now() + END_PATIENCE;
    // It holds its lock until the very end.
    while Lock::holder(&link.folders).is_some() || link.connect().await.is_ok() {
        if Instant::now() >= deadline {
            return Err(ApiError::new(ErrorCode::Internal, "the runtime was told to end and still runs")
                .hint("look at what it does: jamey runtime logs"));
        }
        tokio::time::sleep(GLANCE).await;
    }
    gone(link, "the runtime has ended");
    Ok(exit::DONE)
}

fn gone(link: &Link, words: &str) {
    if link.globals.json {
        render::print_json(&json!({ "running": false }));
    } else if !link.globals.quiet {
        render::note(words);
    }
}

async fn status(link: &Link) -> Result<u8, ApiError> {
    let client: Client = link.connect().await?;
    let status = client.status().await?;
    if link.globals.json {
        render::print_json(&status);
    } else {
        render::print(&described(&status));
    }
    Ok(exit::DONE)
}

fn described(status: &Status) -> String {
    let mut out = String::new();
    let mut put = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name:<10} {}", clean(value));
    };
    let since = seconds(status.uptime_seconds);
    put("running", &format!("version {}, process {}, for {since}", status.version, status.pid));
    for place in &status.listening {
        put("listens", place);
    }
    put("sessions", &format!("{} ({} running, {} waiting)", status.sessions, status.running, status.waiting));
    if let Some(memory) = status.memory_bytes {
        put("memory", &bytes(memory));
    }
    for child in &status.children {
        put("child", &format!("{} (process {})", child.name, child.pid));
    }
    for (name, folder) in [
        ("config", &status.folders.config),
        ("data", &status.folders.data),
        ("cache", &status.folders.cache),
        ("models", &status.folders.models),
    ] {
        put(name, folder);
    }
    for notice in &status.notices {
        put("notice", notice);
    }
    out
}

/// The runtime's own program reads its log: that works also when no runtime runs.
fn logs(link: &Link, follow: bool, lines: Option<u64>) -> Result<u8, ApiError> {
    let mut command = Command::new(launch::find_runtime()?);
    command.arg("logs");
    if follow {
        command.arg("--follow");
    }
    if link.globals.json {
        command.arg("--json");
    }
    if let Some(lines) = lines {
        command.arg("--lines").arg(lines.to_string());
    }
    let status = command.status().map_err(|error| {
        ApiError::new(ErrorCode::Unreachable, format!("the log cannot be shown: {error}"))
            .hint("reinstall Jamey, so that jamey-runtime lies beside jamey")
    })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(exit::INTERRUPTED))
}

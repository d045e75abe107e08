//! Starting, ending and restarting the resident process.

use std::ffi::OsString;

use jamey_ipc::{Client, launch};
use jamey_protocol::{
    ApiError, ErrorCode,
    life::{Manner, Shutdown},
};
use serde_json::json;

use crate::{
    args::{RestartArgs, StartArgs},
    exit,
    link::Link,
    render,
};

const OURS: &str = env!("CARGO_PKG_VERSION");

pub(super) async fn start(link: &Link, how: &StartArgs) -> Result<u8, ApiError> {
    here(link)?;
    if !launch::is_asleep(&link.folders)
        && let Ok(client) = link.connect().await
    {
        let hello = client.hello().await?;
        told(link, &format!("the runtime is already running (process {})", hello.pid), hello.pid);
        if hello.version != OURS && !link.globals.quiet {
            render::note(&format!(
                "it has version {}, this command {OURS}; `jamey runtime restart` starts the installed one",
                render::clean(&hello.version)
            ));
        }
        return Ok(exit::DONE);
    }
    let flags = flags(how);
    launch::refuse_arguments(&link.folders, None, &flags)?;
    let client = match launch::is_activatable(&link.folders) {
        true => Client::connect(&link.folders, None).await?,
        false => launch::start(&link.folders, &launch::find_runtime()?, &flags).await?,
    };
    let pid = client.hello().await?.pid;
    told(link, &format!("the runtime is running (process {pid})"), pid);
    Ok(exit::DONE)
}

pub(super) async fn stop(link: &Link, now: bool) -> Result<u8, ApiError> {
    let manner = if now { Manner::Now } else { Manner::Interrupt };
    let how = Shutdown { manner, ..Shutdown::default() };
    if link.has_url() {
        // Which process that is cannot be told, so its end is not waited for.
        link.connect().await?.shut_down(&how).await?;
        gone(link, "the runtime was told to end");
        return Ok(exit::DONE);
    }
    let ended = launch::end(&link.folders, &how).await?;
    gone(link, if ended.is_some() { "the runtime has ended" } else { "no runtime is running" });
    if !link.globals.quiet && !link.globals.json && launch::is_activatable(&link.folders) {
        render::note("its service starts it again when it is needed; `jamey runtime uninstall` ends that");
    }
    Ok(exit::DONE)
}

pub(super) async fn restart(link: &Link, how: &RestartArgs) -> Result<u8, ApiError> {
    here(link)?;
    let manner = if how.now { Manner::Now } else { Manner::Finish };
    let grace_seconds = if how.now { 0 } else { how.grace };
    if grace_seconds > 0 {
        tell_of_turns(link, grace_seconds).await;
    }
    let wish = Shutdown { manner, grace_seconds, restart: true };
    let restarted =
        launch::restart(&link.folders, &launch::find_runtime()?, &wish, flags(&how.start)).await?;
    let pid = restarted.client.hello().await?.pid;
    let words =
        if restarted.had_run { "the runtime is running again" } else { "no runtime ran; one does now" };
    told(link, &format!("{words} (process {pid})"), pid);
    Ok(exit::DONE)
}

/// Says what a restart waits for. That it cannot be told is no reason not to restart.
async fn tell_of_turns(link: &Link, grace: u64) {
    if launch::is_asleep(&link.folders) || link.globals.quiet {
        return;
    }
    let Ok(client) = link.connect().await else { return };
    let running = client.status().await.map_or(0, |status| status.running);
    let what = match running {
        0 => return,
        1 => "a running turn".to_owned(),
        many => format!("{many} running turns"),
    };
    render::note(&format!("waiting up to {grace} s for {what} to finish (--now interrupts)"));
}

/// These commands act on processes, so an address alone will not do.
fn here(link: &Link) -> Result<(), ApiError> {
    if link.has_url() {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "an address says nothing about which process is meant",
        )
        .hint("leave --runtime-url (and JAMEY_RUNTIME_URL) away; JAMEY_HOME chooses another runtime"));
    }
    Ok(())
}

fn told(link: &Link, words: &str, pid: u32) {
    if link.globals.json {
        render::print_json(&json!({ "running": true, "pid": pid }));
    } else if !link.globals.quiet {
        render::note(words);
    }
}

fn gone(link: &Link, words: &str) {
    if link.globals.json {
        render::print_json(&json!({ "running": false }));
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

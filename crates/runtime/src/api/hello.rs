//! Who answers here, how it is, and asking it to end.

use std::sync::Arc;

use axum::{Json, extract::State as Of, http::StatusCode};
use jamey_protocol::{
    ApiError,
    health::{Check, Report, State},
    life::Shutdown,
    status::{Folders, Status},
    version::{Hello, PROTOCOL_MAJOR, PROTOCOL_MINOR},
};
use serde_json::{Value, json};

use super::{error::Answer, extract::Optional, faces};
use crate::{host::Host, recent};

/// Tells that somebody is there, and nothing else.
#[utoipa::path(get, path = "/health", tag = "runtime", responses((status = 200, description = "It lives", body = Value)))]
pub async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Tells version, protocol and capabilities.
#[utoipa::path(get, path = "/v1/hello", tag = "runtime", responses((status = 200, body = Hello)))]
pub async fn hello() -> Json<Hello> {
    Json(Hello {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: format!("{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}"),
        pid: std::process::id(),
        capabilities: [
            "sessions",
            "search",
            "local-models",
            "all-events",
            "monitor",
            "health",
            "backups",
            "pause",
        ]
        .map(str::to_owned)
        .to_vec(),
    })
}

/// Tells how the runtime is.
#[utoipa::path(get, path = "/v1/status", tag = "runtime", responses((status = 200, body = Status), (status = "default", body = ApiError)))]
pub async fn status(Of(host): Of<Arc<Host>>) -> Answer<Status> {
    let counts = host.store.counts().await.map_err(ApiError::from)?;
    // How the rest is may be told without it.
    let data = host.storage().await.ok();
    let folders = &host.folders;
    let shown = |path: &std::path::Path| path.display().to_string();
    let mut notices = host.notices.clone();
    notices.extend(host.live.warnings());
    notices.extend(host.board.notices());
    // What holds is a notice; the log's last words tell what happened besides.
    let errors = recent::lines().into_iter().filter(|line| !notices.contains(&line.text)).collect();
    let report = host.health.last();
    let mut children = host.models.children();
    host.monitor.fill(&mut children);
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        uptime_seconds: host.started.elapsed().as_secs(),
        listening: host.listening(),
        folders: Folders {
            config: shown(&folders.config),
            data: shown(&folders.data),
            cache: shown(&folders.cache),
            models: shown(&folders.models),
        },
        sessions: counts.sessions,
        running: counts.running,
        waiting: counts.waiting,
        paused: host.live.current().paused,
        faces: Some(faces::count()),
        memory_bytes: resident_bytes(),
        children,
        machine: host.monitor.last(),
        data,
        tasks: Some(tokio::runtime::Handle::current().metrics().num_alive_tasks() as u64),
        notices,
        providers: host.models.health(),
        checked_at: report.as_ref().map(|report| report.checked_at),
        problems: report.as_deref().map(problems).unwrap_or_default(),
        mended: host.board.all_mended(),
        errors,
        ..Status::default()
    }))
}

/// What is not in order.
fn problems(report: &Report) -> Vec<Check> {
    report.checks.iter().filter(|check| check.state != State::Fine).cloned().collect()
}

/// Ends the runtime: running turns finish, or are interrupted and kept; children end, then it is gone.
#[utoipa::path(post, path = "/v1/shutdown", tag = "runtime", request_body = Shutdown,
    responses((status = 202, description = "It is closing", body = Value), (status = "default", body = ApiError)))]
pub async fn shutdown(
    Of(host): Of<Arc<Host>>,
    Optional(how): Optional<Shutdown>,
) -> (StatusCode, Json<Value>) {
    host.ask_to_end(how);
    (StatusCode::ACCEPTED, Json(json!({"status": "closing"})))
}

/// Memory of this process that is in RAM.
#[cfg(target_os = "linux")]
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(not(target_os = "linux"))]
fn resident_bytes() -> Option<u64> {
    None
}

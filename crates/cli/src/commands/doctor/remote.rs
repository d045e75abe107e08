//! What the runtime says about itself. None is started to ask it, except to mend that.

use std::time::{Duration, Instant};

use jamey_ipc::{Client, launch};
use jamey_protocol::{
    ApiError, ErrorCode,
    health::{Check, LookRequest, State},
    version::{Hello, PROTOCOL_MAJOR},
};

use super::{Treatment, of_error};
use crate::link::Link;

/// How long a runtime that begins anew may take until it answers.
const RETURN: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(50);

pub(super) async fn checks(link: &Link, treatment: Treatment) -> Vec<Check> {
    let (client, was_started) = match link.connect().await {
        Ok(client) => (client, false),
        Err(error) if error.code == ErrorCode::Unreachable && error.retryable => {
            if treatment == Treatment::Look || link.globals.no_start || link.has_url() {
                return vec![
                    Check::warning("runtime", "none is running", "start it: jamey runtime start").mendable(),
                ];
            }
            match launch::ensure_running(&link.folders, None).await {
                Ok(launched) => (launched.client, launched.started),
                Err(error) => return vec![of_error("runtime", &error)],
            }
        }
        Err(error) => return vec![of_error("runtime", &error)],
    };
    let hello = match client.hello().await {
        Ok(hello) => hello,
        Err(error) => return vec![of_error("runtime", &error)],
    };
    let mut checks = about(&hello, &client.address());
    if was_started && let Some(first) = checks.first_mut() {
        first.mended = Some("started the runtime".to_owned());
    }
    checks.extend(health(link, &client, &hello, treatment).await);
    // It may have begun anew meanwhile.
    let client = link.connect().await.unwrap_or(client);
    checks.extend(inside(&client, &checks).await);
    checks
}

fn about(hello: &Hello, address: &str) -> Vec<Check> {
    let runtime = format!("version {}, process {}, at {address}", hello.version, hello.pid);
    let mut checks = vec![Check::fine("runtime", runtime)];
    if hello.version != env!("CARGO_PKG_VERSION") && hello.is_compatible() {
        checks.push(Check::warning(
            "version",
            format!(
                "the runtime is {}, this command {} (protocol {PROTOCOL_MAJOR}, so they fit)",
                hello.version,
                env!("CARGO_PKG_VERSION")
            ),
            "restart it once both are up to date: jamey runtime restart",
        ));
    }
    checks
}

/// What the runtime finds when it looks at everything, the providers included.
async fn health(link: &Link, client: &Client, hello: &Hello, treatment: Treatment) -> Vec<Check> {
    if !hello.capabilities.iter().any(|it| it == "health") {
        return Vec::new();
    }
    let wish = LookRequest { fix: treatment == Treatment::Fix, ask_providers: true };
    let mut checks = match client.look(&wish).await {
        Ok(report) => report.checks,
        Err(error) => return vec![of_error("health", &error)],
    };
    let begins_anew = |check: &Check| check.state == State::Broken && check.mended.is_some();
    if let Some(cause) = checks.iter().find(|check| begins_anew(check)).cloned() {
        match returned(link).await {
            Ok(mut after) => {
                if let Some(same) = after.iter_mut().find(|check| check.name == cause.name) {
                    same.mended = cause.mended;
                }
                checks = after;
            }
            Err(error) => checks.push(of_error("runtime", &error)),
        }
    }
    checks
}

/// Waits for a runtime that begins anew, and lets it look again.
async fn returned(link: &Link) -> Result<Vec<Check>, ApiError> {
    let deadline = Instant::now() + RETURN;
    loop {
        let looked = async { link.connect().await?.look(&LookRequest::default()).await };
        match looked.await {
            Ok(report)
                if report
                    .checks
                    .iter()
                    .all(|check| check.name != "database" || check.state != State::Broken) =>
            {
                return Ok(report.checks);
            }
            Err(error) if Instant::now() >= deadline => return Err(error),
            Ok(report) if Instant::now() >= deadline => return Ok(report.checks),
            _ => tokio::time::sleep(GLANCE).await,
        }
    }
}

/// Notices, settings and the default model. `told` is what was said already.
async fn inside(client: &Client, told: &[Check]) -> Vec<Check> {
    let mut checks = Vec::new();
    let warnings = match client.config().await {
        Ok(view) => {
            for warning in &view.warnings {
                checks.push(Check::broken("config", warning.clone(), "mend it: jamey config edit"));
            }
            view.warnings
        }
        Err(error) => {
            checks.push(of_error("config", &error));
            Vec::new()
        }
    };
    match client.status().await {
        Ok(status) => {
            let is_told = |notice: &String| {
                warnings.contains(notice) || told.iter().any(|check| notice.contains(&check.finding))
            };
            for notice in status.notices.into_iter().filter(|notice| !is_told(notice)) {
                checks.push(Check::warning("notice", notice, "look at the log: jamey runtime logs"));
            }
        }
        Err(error) => checks.push(of_error("status", &error)),
    }
    checks.push(model(client).await);
    checks
}

async fn model(client: &Client) -> Check {
    let models = match client.models().await {
        Ok(models) => models,
        Err(error) => return of_error("model", &error),
    };
    match models.iter().find(|model| model.default) {
        None => Check::broken(
            "model",
            "no model is chosen for new sessions",
            "fetch one with: jamey models pull NAME, or choose one with: jamey models default NAME",
        ),
        Some(model) => match &model.weights {
            Some(weights) if !weights.installed => Check::broken(
                "model",
                format!("{} is not on this machine", model.id),
                format!("fetch it: jamey models pull {}", model.id),
            ),
            _ => Check::fine("model", format!("{} answers new sessions", model.id)),
        },
    }
}

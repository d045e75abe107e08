//! What the runtime says about itself. None is started for this.

use jamey_ipc::Client;
use jamey_protocol::{ErrorCode, version::PROTOCOL_MAJOR};

use super::Check;
use crate::link::Link;

pub(super) async fn checks(link: &Link) -> Vec<Check> {
    let client = match link.connect().await {
        Ok(client) => client,
        Err(error) if error.code == ErrorCode::Unreachable && error.retryable => {
            return vec![Check::warning("runtime", "none is running", "start it: jamey runtime start")];
        }
        Err(error) => return vec![Check::of_error("runtime", &error)],
    };
    match client.hello().await {
        Ok(hello) => {
            let mut checks = vec![Check::fine(
                "runtime",
                format!(
                    "version {}, protocol {}, process {}, at {}",
                    hello.version,
                    hello.protocol,
                    hello.pid,
                    client.address()
                ),
            )];
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
            checks.extend(inside(&client).await);
            checks
        }
        Err(error) => vec![Check::of_error("runtime", &error)],
    }
}

async fn inside(client: &Client) -> Vec<Check> {
    let mut checks = Vec::new();
    match client.status().await {
        Ok(status) => {
            for notice in status.notices {
                checks.push(Check::warning("notice", notice, "look at the log: jamey runtime logs"));
            }
        }
        Err(error) => checks.push(Check::of_error("status", &error)),
    }
    match client.config().await {
        Ok(view) => {
            for warning in view.warnings {
                checks.push(Check::broken("config", warning, format!("mend it: {}", view.path)));
            }
        }
        Err(error) => checks.push(Check::of_error("config", &error)),
    }
    match client.providers().await {
        Ok(providers) => {
            for provider in providers {
                let from =
                    provider.key_source.map(|source| format!(", key from {source}")).unwrap_or_default();
                checks.push(Check::fine("provider", format!("{}: {}{from}", provider.name, provider.state)));
            }
        }
        Err(error) => checks.push(Check::of_error("providers", &error)),
    }
    checks.push(model(client).await);
    checks
}

async fn model(client: &Client) -> Check {
    let models = match client.models().await {
        Ok(models) => models,
        Err(error) => return Check::of_error("model", &error),
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

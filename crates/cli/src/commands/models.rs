//! `jamey models`: every model that can be asked, and the weights on this machine.

use std::time::Instant;

use jamey_ipc::Client;
use jamey_protocol::{ApiError, ErrorCode, Model, Pull, route::Page};
use serde_json::json;

use super::wait_for;
use crate::{
    args::ModelsCommand,
    exit,
    link::Link,
    render::{self, Progress, Style, bytes, table},
};

pub fn run(link: &Link, command: ModelsCommand) -> Result<u8, ApiError> {
    wait_for(async {
        let client = link.reach().await?;
        match command {
            ModelsCommand::List => list(link, &client.models().await?),
            ModelsCommand::Pull { model } => {
                let model = match model {
                    Some(model) => model,
                    None => default_weights(&client.models().await?)?,
                };
                return pull(link, &client, &model).await;
            }
            ModelsCommand::Remove { model } => {
                client.remove_model(&model).await?;
                done(link, &format!("removed {model} from this machine"), "removed", &model);
            }
            ModelsCommand::Default { model: Some(model) } => {
                client.set_default_model(&model).await?;
                done(link, &format!("new sessions use {model}"), "default", &model);
            }
            ModelsCommand::Default { model: None } => {
                let models = client.models().await?;
                let default = models.iter().find(|model| model.default).ok_or_else(no_default)?;
                if link.globals.json {
                    render::print_json(&json!({ "default": default.id }));
                } else {
                    render::print(&format!("{}\n", default.id));
                }
            }
        }
        Ok(exit::DONE)
    })
}

fn done(link: &Link, words: &str, key: &str, model: &str) {
    if link.globals.json {
        render::print_json(&json!({ key: model }));
    } else if !link.globals.quiet {
        render::note(words);
    }
}

fn list(link: &Link, models: &[Model]) {
    if link.globals.json {
        render::print_json(&Page { data: models.to_vec(), next: None });
        return;
    }
    let rows: Vec<_> = models.iter().map(row).collect();
    render::print(&table(["", "MODEL", "CONTEXT", "TOOLS", "HERE", "ABOUT"], &rows));
    if !link.globals.quiet && !models.iter().any(|model| model.default) {
        render::explain(&no_default());
    }
}

fn row(model: &Model) -> [String; 6] {
    let weights = model.weights.as_ref();
    [
        if model.default { "*" } else { "" }.to_owned(),
        model.id.clone(),
        model.context.map(|tokens| tokens.to_string()).unwrap_or_default(),
        match model.tools {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        }
        .to_owned(),
        match weights {
            Some(weights) if weights.installed => "yes".to_owned(),
            Some(weights) => format!("no, {}", bytes(weights.bytes)),
            None => String::new(),
        },
        weights.map(|weights| format!("{} ({})", weights.about, weights.licence)).unwrap_or_default(),
    ]
}

fn no_default() -> ApiError {
    ApiError::new(ErrorCode::NoModel, "no model is chosen for new sessions")
        .hint("choose one with: jamey models default NAME, or fetch one with: jamey models pull NAME")
}

/// The local model that a first run would fetch.
fn default_weights(models: &[Model]) -> Result<String, ApiError> {
    let local = models.iter().filter(|model| model.weights.is_some());
    local
        .max_by_key(|model| model.default)
        .filter(|model| model.default)
        .map(|model| model.id.clone())
        .ok_or_else(|| {
            ApiError::new(ErrorCode::BadRequest, "the default model has no weights to fetch")
                .hint("name one of: jamey models")
        })
}

async fn pull(link: &Link, client: &Client, model: &str) -> Result<u8, ApiError> {
    let mut messages = client.pull(model).await?;
    let mut progress = Progress::new(Style::detect(), link.globals.quiet || link.globals.json);
    loop {
        let message = tokio::select! {
            message = messages.next() => message,
            _ = tokio::signal::ctrl_c() => {
                progress.close();
                render::note("stopped; what was fetched stays for the next try");
                return Ok(exit::INTERRUPTED);
            }
        };
        let message = match message {
            Ok(Some(message)) => message,
            Ok(None) => {
                progress.close();
                return Err(ApiError::new(
                    ErrorCode::Unreachable,
                    "the runtime ended before the download did",
                )
                .hint(format!("what was fetched stays; go on with: jamey models pull {model}")));
            }
            Err(error) => {
                progress.close();
                return Err(error);
            }
        };
        if link.globals.json {
            render::print_json(&message);
        }
        match message {
            Pull::Progress { done, total, .. } => progress.show(model, done, total, Instant::now()),
            Pull::Verifying => {
                progress.close();
                if !link.globals.quiet && !link.globals.json {
                    render::note("checking that it arrived whole");
                }
            }
            Pull::Done { model } => {
                progress.close();
                if !link.globals.quiet && !link.globals.json {
                    render::note(&format!("{model} is here"));
                }
                return Ok(exit::DONE);
            }
            Pull::Failed { error } => {
                progress.close();
                return Err(error);
            }
        }
    }
}

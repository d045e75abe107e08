//! `jamey models`: every model that can be asked, and the weights on this machine.

use std::time::Instant;

use jamey_ipc::Client;
use jamey_protocol::{ApiError, ErrorCode, Model, Pull, model::Price, route::Page};
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
            ModelsCommand::List => {
                let models = client.models().await?;
                list(link, &models);
                tell_of_deployments(link, &client, &models).await?;
            }
            ModelsCommand::Pull { model } => {
                let Some(model) = model else {
                    return pull_best(link, &client).await;
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
    render::print(&table(
        ["", "MODEL", "CONTEXT", "TOOLS", "VISION", "PRICE IN/OUT", "HERE", "ABOUT"],
        &rows,
    ));
    if !link.globals.quiet && !models.iter().any(|model| model.default) {
        render::explain(&no_default());
    }
}

/// Says of resources of Azure that have no model in the list why that is so.
async fn tell_of_deployments(link: &Link, client: &Client, models: &[Model]) -> Result<(), ApiError> {
    if link.globals.json || link.globals.quiet {
        return Ok(());
    }
    let is_listed = |name: &str| {
        models.iter().any(|model| model.id.split_once('/').is_some_and(|(provider, _)| provider == name))
    };
    for provider in client.providers().await? {
        if provider.kind == "azure" && !is_listed(&provider.name) {
            let name = &provider.name;
            render::note(&format!(
                "the models of {name} are your deployments, which Azure does not list: name one as {name}/DEPLOYMENT, or \
                 put their names into providers.{name}.deployments"
            ));
        }
    }
    Ok(())
}

fn row(model: &Model) -> [String; 8] {
    let weights = model.weights.as_ref();
    [
        if model.default { "*" } else { "" }.to_owned(),
        model.id.clone(),
        model.context.map(|tokens| tokens.to_string()).unwrap_or_default(),
        yes_or_no(model.tools).to_owned(),
        yes_or_no(model.vision).to_owned(),
        model.price.map(price).unwrap_or_default(),
        match weights {
            Some(weights) if weights.installed => "yes".to_owned(),
            Some(weights) => format!("no, {}", bytes(weights.bytes)),
            None => String::new(),
        },
        weights.map(|weights| format!("{} ({})", weights.about, weights.licence)).unwrap_or_default(),
    ]
}

fn yes_or_no(known: Option<bool>) -> &'static str {
    match known {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}

/// Dollars for a million tokens, sent and written.
fn price(price: Price) -> String {
    let dollars = |price: f64| {
        let text = format!("{price:.3}");
        let short = text.trim_end_matches('0').trim_end_matches('.');
        format!("${short}")
    };
    match (price.input, price.output) {
        (input, output) if input == 0.0 && output == 0.0 => "free".to_owned(),
        (input, output) => format!("{} / {}", dollars(input), dollars(output)),
    }
}

fn no_default() -> ApiError {
    ApiError::new(ErrorCode::NoModel, "no model is chosen for new sessions")
        .hint("choose one with: jamey models default NAME, or fetch one with: jamey models pull NAME")
}

/// The local models that a first run would fetch, best first; the chosen one alone if it is local.
fn best_weights(models: &[Model]) -> Vec<String> {
    if let Some(chosen) = models.iter().find(|model| model.default && model.weights.is_some()) {
        return vec![chosen.id.clone()];
    }
    let rank = |model: &&Model| model.weights.as_ref().and_then(|weights| weights.rank);
    let mut fitting: Vec<&Model> = models.iter().filter(|model| rank(model).is_some()).collect();
    fitting.sort_by_key(rank);
    fitting.into_iter().map(|model| model.id.clone()).collect()
}

/// Fetches the best model that the machine has room for and that can be reached.
async fn pull_best(link: &Link, client: &Client) -> Result<u8, ApiError> {
    let mut failed = ApiError::new(ErrorCode::NoModel, "no model of the catalogue fits this machine")
        .hint("free some disk space or memory, or use a model of a server: set OPENAI_BASE_URL");
    for model in best_weights(&client.models().await?) {
        match pull(link, client, &model).await {
            Err(error) if error.code != ErrorCode::Unreachable => {
                render::note(&format!("{model} could not be fetched: {}", error.message));
                failed = error;
            }
            ended => return ended,
        }
    }
    Err(failed)
}

async fn pull(link: &Link, client: &Client, model: &str) -> Result<u8, ApiError> {
    let mut messages = client.pull(model).await?;
    let mut progress = Progress::new(Style::detect(), link.globals.quiet || link.globals.json);
    // One for the whole of it, and heard first: what is pressed between two messages is not lost.
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        let message = tokio::select! {
            biased;
            _ = &mut interrupt => {
                progress.close();
                render::note("stopped; what was fetched stays for the next try");
                return Ok(exit::INTERRUPTED);
            }
            message = messages.next() => message,
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

#[cfg(test)]
mod tests {
    use jamey_protocol::model::Weights;

    use super::*;

    fn model(name: &str, default: bool, rank: Option<u32>) -> Model {
        let weights = Weights {
            bytes: 1,
            sha256: String::new(),
            licence: String::new(),
            memory_bytes: 1,
            installed: false,
            partial_bytes: None,
            rank,
            about: String::new(),
        };
        Model { id: name.into(), default, weights: Some(weights), ..Model::default() }
    }

    #[test]
    fn a_first_run_fetches_the_best_that_fits_and_then_the_next() {
        let models =
            [model("small", false, Some(2)), model("huge", false, None), model("good", false, Some(1))];
        assert_eq!(best_weights(&models), ["good", "small"]);
    }

    #[test]
    fn prices_are_shown_with_the_digits_that_they_have() {
        let shown = |input, output| price(Price { input, output, ..Price::default() });
        assert_eq!(shown(1.25, 10.0), "$1.25 / $10");
        assert_eq!(shown(0.05, 0.4), "$0.05 / $0.4");
        assert_eq!(shown(0.0, 0.0), "free");
    }

    #[test]
    fn a_chosen_model_is_fetched_and_no_other() {
        let models = [model("small", true, Some(2)), model("good", false, Some(1))];
        assert_eq!(best_weights(&models), ["small"]);
    }
}

//! `jamey providers`: who can be asked, with which key, and whether it works.

use std::io::{self, IsTerminal as _, Read as _};

use jamey_ipc::Client;
use jamey_protocol::{
    ApiError, ErrorCode,
    health::{GateState, ProviderHealth, State},
    route::{Page, ProviderView},
    status::Status,
};
use serde_json::json;

use super::wait_for;
use crate::{
    args::ProvidersCommand,
    exit,
    link::Link,
    render::{self, clean, table},
};

/// More than this is no key.
const LONGEST: u64 = 64 * 1024;

pub fn run(link: &Link, command: ProvidersCommand) -> Result<u8, ApiError> {
    // Asked for before anything is started: whoever thinks better of it has changed nothing.
    let key = match &command {
        ProvidersCommand::Login { name } => Some(ask_for_key(name)?),
        _ => None,
    };
    wait_for(async {
        let client = link.reach().await?;
        match command {
            ProvidersCommand::List => list(link, &client).await,
            ProvidersCommand::Login { name } => login(link, &client, &name, &key.unwrap_or_default()).await,
            ProvidersCommand::Logout { name } => {
                client.remove_key(&name).await?;
                if link.globals.json {
                    render::print_json(&json!({ "removed": name }));
                } else if !link.globals.quiet {
                    render::note(&format!("the key of {name} is removed"));
                }
                Ok(exit::DONE)
            }
            ProvidersCommand::Test { name } => test(link, &client, &name).await,
        }
    })
}

async fn list(link: &Link, client: &Client) -> Result<u8, ApiError> {
    let (providers, status) = tokio::try_join!(client.providers(), client.status())?;
    if link.globals.json {
        let told = |provider: ProviderView| {
            let health = health_of(&status, &provider.name).cloned();
            Told { provider, health }
        };
        render::print_json(&Page { data: providers.into_iter().map(told).collect(), next: None });
        return Ok(exit::DONE);
    }
    let row = |provider: ProviderView| {
        let health = health_of(&status, &provider.name);
        [
            provider.name,
            clean(&provider.state).into_owned(),
            provider.key_source.unwrap_or_default(),
            health.map(gate).unwrap_or_default(),
            clean(&health.map(calls).unwrap_or_default()).into_owned(),
            provider.base_url.unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = providers.into_iter().map(row).collect();
    render::print(&table(["PROVIDER", "STATE", "KEY FROM", "ASKED", "CALLS", "ADDRESS"], &rows));
    Ok(exit::DONE)
}

/// What scripts are told of a provider.
#[derive(serde::Serialize)]
struct Told {
    #[serde(flatten)]
    provider: ProviderView,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<ProviderHealth>,
}

fn health_of<'a>(status: &'a Status, name: &str) -> Option<&'a ProviderHealth> {
    status.providers.iter().find(|health| health.name == name)
}

/// Whether turns ask it now; nothing where they do as ever.
fn gate(health: &ProviderHealth) -> String {
    match (health.gate, health.left_alone_seconds) {
        (GateState::Closed, _) if health.success_percent.is_some() => "yes".to_owned(),
        (GateState::HalfOpen, _) => "by one call".to_owned(),
        (GateState::Open, Some(seconds)) => format!("not for {seconds} s"),
        (GateState::Open, None) => "not now".to_owned(),
        (GateState::Closed | GateState::Unknown, _) => String::new(),
    }
}

/// How its calls went, in a few words.
fn calls(health: &ProviderHealth) -> String {
    match (health.success_percent, health.state, health.first_word_ms) {
        (None, ..) => String::new(),
        (Some(percent), State::Fine, Some(ms)) => format!("{percent} % answered, {ms} ms to the first word"),
        (Some(percent), State::Fine, None) => format!("{percent} % answered"),
        (Some(_), ..) => health.finding.clone(),
    }
}

async fn login(link: &Link, client: &Client, name: &str, key: &str) -> Result<u8, ApiError> {
    let kept = client.give_key(name, key).await?;
    if link.globals.json {
        render::print_json(&kept);
        return Ok(exit::DONE);
    }
    if !link.globals.quiet {
        let place = match kept.place.split_once(' ') {
            Some((file, variable)) => format!("{variable} in {file}"),
            None => format!("the {}", kept.place),
        };
        render::note(&format!(
            "the key of {name} is kept in {place}; try it with: jamey providers test {name}"
        ));
    }
    if let Some(stronger) = kept.outranked_by {
        render::note(&format!("{stronger} is stronger and is used instead"));
    }
    Ok(exit::DONE)
}

async fn test(link: &Link, client: &Client, name: &str) -> Result<u8, ApiError> {
    let test = client.test_provider(name).await?;
    if link.globals.json {
        render::print_json(&test);
        return Ok(test.error.map_or(exit::DONE, |error| exit::of_error(error.code)));
    }
    match test.error {
        Some(error) => Err(error),
        None => {
            let models = match test.models {
                Some(1) => ", with 1 model".to_owned(),
                Some(models) => format!(", with {models} models"),
                None => String::new(),
            };
            let asked = test.asked.map(|model| format!("; {} was asked for one token", clean(&model)));
            let asked = asked.unwrap_or_default();
            render::print(&format!("{name} answers{models}{asked} ({} ms)\n", test.took_ms));
            Ok(exit::DONE)
        }
    }
}

/// Asks at the terminal without showing it, or reads it from standard input. Never from an argument, which
/// every process of the machine could read.
fn ask_for_key(name: &str) -> Result<String, ApiError> {
    let cannot = |error: io::Error| {
        ApiError::new(ErrorCode::BadRequest, format!("no key can be read: {error}"))
            .hint(format!("pipe it in: jamey providers login {name} < FILE"))
    };
    let key = if io::stdin().is_terminal() {
        rpassword::prompt_password(format!("Key of {}, which is not shown: ", clean(name))).map_err(cannot)?
    } else {
        let mut text = String::new();
        io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(cannot)?;
        text
    };
    if key.trim().is_empty() {
        return Err(ApiError::new(ErrorCode::BadRequest, "there is no key on standard input")
            .hint(format!("type it in a terminal, or pipe it in: jamey providers login {name} < FILE")));
    }
    Ok(key.trim().to_owned())
}

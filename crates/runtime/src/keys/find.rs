//! Which key is for which address.

use jamey_providers::Secret;

use super::{Kept, dotenv, origin, vendors};
use crate::config::{Environment, Origin};

/// The variables that may hold a provider's key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// Those that the person or the vendor named, the strongest first.
    pub named: Vec<String>,
}

impl Variables {
    /// Those of these names.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { named: names.into_iter().map(str::to_owned).collect() }
    }

    /// The one in which a key is put that is kept in `.env`.
    #[must_use]
    pub fn usual(&self, provider: &str) -> String {
        self.named.first().cloned().unwrap_or_else(|| vendors::own_variable(provider))
    }
}

/// What was found for a provider at its address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The key.
    pub key: Option<Secret>,
    /// Where it comes from: `environment NAME`, `.env NAME`, `keychain`.
    pub source: Option<String>,
    /// The origin of a key that is kept for another address than this one, and so is not used.
    pub elsewhere: Option<String>,
}

/// Finds the key of a provider for `base_url`: that of the process's environment, else that of `.env`, else
/// that of the keychain. One that was kept for another origin is passed over.
#[must_use]
pub fn find(
    environment: &Environment,
    kept: &Kept,
    provider: &str,
    variables: &Variables,
    base_url: &str,
) -> Found {
    for name in &variables.named {
        if let Some((key, Origin::Process)) = environment.get(name) {
            return found(key, format!("environment {name}"));
        }
    }
    let here = origin(base_url);
    let mut elsewhere = None;
    let own = vendors::own_variable(provider);
    let also = (!variables.named.contains(&own)).then_some(&own);
    for name in variables.named.iter().chain(also) {
        let Some(key) = environment.in_file(name) else { continue };
        match environment.in_file(&dotenv::origin_of(name)) {
            // A person wrote it there for this provider, wherever it is asked.
            None if Some(name) != also => return found(key, format!(".env {name}")),
            // A variable that nobody named is used only if it was put there for just this.
            None => {}
            Some(bound) if Some(bound) == here.as_deref() => return found(key, format!(".env {name}")),
            Some(bound) => elsewhere = Some(bound.to_owned()),
        }
    }
    match kept.of(provider) {
        Some((key, bound)) if Some(bound) == here.as_deref() => {
            Found { key: Some(key.clone()), source: Some("keychain".to_owned()), elsewhere: None }
        }
        Some((_, bound)) => Found { elsewhere: Some(bound.to_owned()), ..Found::default() },
        None => Found { elsewhere, ..Found::default() },
    }
}

/// Whether `.env` has a line with a key of this provider.
#[must_use]
pub fn has_line(environment: &Environment, provider: &str, variables: &Variables) -> bool {
    line(environment, provider, variables).is_some()
}

/// The variable of `.env` that holds a key of this provider.
pub(super) fn line(environment: &Environment, provider: &str, variables: &Variables) -> Option<String> {
    let own = vendors::own_variable(provider);
    let is_ours = environment.in_file(&dotenv::origin_of(&own)).is_some();
    let named = variables.named.iter().find(|name| environment.in_file(name).is_some()).cloned();
    named.or_else(|| (is_ours && environment.in_file(&own).is_some()).then_some(own))
}

fn found(key: &str, source: String) -> Found {
    Found { key: Some(Secret::new(key)), source: Some(source), elsewhere: None }
}

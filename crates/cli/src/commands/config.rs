//! `jamey config`: where the configuration is, what holds, and changing one value.

use jamey_protocol::{
    ApiError, ErrorCode,
    config::{ConfigView, SetConfig},
};
use serde_json::{Value, json};

use super::{edit, wait_for};
use crate::{
    args::ConfigCommand,
    exit,
    link::Link,
    offline,
    render::{self, clean},
};

pub fn run(link: &Link, command: ConfigCommand) -> Result<u8, ApiError> {
    match command {
        ConfigCommand::Path => path(link),
        ConfigCommand::Get { key: None } => get_all(link, &view(link)?),
        ConfigCommand::Get { key: Some(key) } => get(link, &view(link)?.values, &key)?,
        ConfigCommand::Set { key, value } => {
            let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
            set(link, &change(link, key.clone(), value)?, &key);
        }
        ConfigCommand::Edit => return edit::run(link),
        ConfigCommand::Check => return Ok(check(link, &view(link)?)),
    }
    Ok(exit::DONE)
}

/// What the running runtime goes by, or what the next one would.
fn view(link: &Link) -> Result<ConfigView, ApiError> {
    let running = wait_for(async {
        match link.connect_if_running().await? {
            Some(client) => client.config().await.map(Some),
            None => Ok(None),
        }
    })?;
    running.map_or_else(offline::view, Ok)
}

pub(super) fn change(link: &Link, key: String, value: Value) -> Result<ConfigView, ApiError> {
    let set = SetConfig { key, value };
    let running = wait_for(async {
        match link.connect_if_running().await? {
            Some(client) => client.set_config(&set).await.map(Some),
            None => Ok(None),
        }
    })?;
    running.map_or_else(|| offline::set(&set.key, &set.value), Ok)
}

fn path(link: &Link) {
    let path = link.folders.runtime_toml();
    if link.globals.json {
        render::print_json(&json!({
            "path": path.to_string_lossy(),
            "permissions": link.folders.permissions().to_string_lossy(),
        }));
    } else {
        render::print(&format!("{}\n", path.display()));
    }
}

fn get_all(link: &Link, view: &ConfigView) {
    if link.globals.json {
        render::print_json(view);
        return;
    }
    let lines: Vec<String> =
        leaves(&view.values).into_iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    render::print(&clean(&lines.concat()));
    warn(&view.warnings);
}

fn get(link: &Link, values: &Value, key: &str) -> Result<(), ApiError> {
    let found =
        key.split('.').try_fold(values, |value, name| value.get(name)).ok_or_else(|| unknown(values, key))?;
    match found {
        Value::String(text) if !link.globals.json => render::print(&format!("{}\n", clean(text))),
        other => render::print_json(other),
    }
    Ok(())
}

fn set(link: &Link, view: &ConfigView, key: &str) {
    if link.globals.json {
        render::print_json(view);
        return;
    }
    if !link.globals.quiet {
        let now = key.split('.').try_fold(&view.values, |value, name| value.get(name));
        render::note(&format!("{key} is now {}", now.unwrap_or(&Value::Null)));
    }
    warn(&view.warnings);
}

fn check(link: &Link, view: &ConfigView) -> u8 {
    if link.globals.json {
        render::print_json(&json!({ "path": view.path, "warnings": view.warnings }));
    } else if view.warnings.is_empty() {
        render::print(&format!("{} is in order\n", view.path));
    } else {
        warn(&view.warnings);
    }
    if view.warnings.is_empty() { exit::DONE } else { exit::CONFIG }
}

fn warn(warnings: &[String]) {
    for warning in warnings {
        render::note(warning);
    }
}

fn unknown(values: &Value, key: &str) -> ApiError {
    let known = leaves(values);
    let near = known
        .iter()
        .map(|(name, _)| (strsim::jaro_winkler(key, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let hint = match near {
        Some((_, name)) => format!("did you mean {name}?"),
        None => "list all with: jamey config get".to_owned(),
    };
    ApiError::new(ErrorCode::NotFound, format!("there is no configuration value \"{key}\"")).hint(hint)
}

/// All values with their dotted names.
fn leaves(values: &Value) -> Vec<(String, &Value)> {
    let Value::Object(map) = values else { return Vec::new() };
    map.iter()
        .flat_map(|(name, value)| match value {
            Value::Object(inner) if !inner.is_empty() => {
                leaves(value).into_iter().map(|(below, value)| (format!("{name}.{below}"), value)).collect()
            }
            _ => vec![(name.clone(), value)],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_named_by_their_way_through_the_tables() {
        let values = json!({"api": {"enabled": false, "port": 3000}, "models": {"fallback": ["a/b"]}});
        let names: Vec<_> = leaves(&values).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["api.enabled", "api.port", "models.fallback"]);
        assert_eq!(unknown(&values, "api.prot").hint.as_deref(), Some("did you mean api.port?"));
    }
}

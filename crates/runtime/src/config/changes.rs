//! What became different, in words for the log. Values of variables are never part of it, since they
//! may be keys; values of the file are no secrets.

use serde_json::Value;

use super::{Config, Environment};

/// How long a value may be to be told whole.
const LONGEST: usize = 80;

/// Every key whose value changed, old and new, and the names of the variables of `.env` that changed.
#[must_use]
pub(super) fn between(before: (&Config, &Environment), after: (&Config, &Environment)) -> Vec<String> {
    let (old, new) = (&before.0.values, &after.0.values);
    let names = new.keys().chain(old.keys().filter(|name| !new.contains_key(*name)));
    let mut changes: Vec<String> = names
        .filter_map(|name| {
            let (old, new) = (old.get(name).map(|s| &s.value), new.get(name).map(|s| &s.value));
            (old != new).then(|| format!("{name} {} -> {}", shown(old), shown(new)))
        })
        .collect();
    changes.sort_unstable();
    changes.extend(after.1.changed_since(before.1).into_iter().map(|name| format!(".env {name}")));
    changes
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "none".to_owned() };
    let text = match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

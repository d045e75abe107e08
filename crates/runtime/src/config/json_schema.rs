//! The table of keys as a JSON schema, with which editors check and complete `runtime.toml`.

use serde_json::{Map, Value, json};

use super::{
    load,
    schema::{KEYS, Key, Kind, NAMED},
};

/// The text of `runtime.schema.json`.
#[must_use]
pub fn document() -> String {
    let mut sections = Map::new();
    let defaults = load::defaults();
    for key in KEYS {
        let mut described = described(key);
        if let Some(default) = defaults.get(key.name) {
            described["default"] = default.value.clone();
        }
        put(&mut sections, key.name, described);
    }
    if let Some(providers) = sections.get_mut("providers") {
        let mut added = section();
        for key in NAMED {
            added["properties"][key.name] = described(key);
        }
        added["required"] = json!(["base_url"]);
        providers["patternProperties"] = json!({"^[a-z0-9_-]{1,40}$": added});
    }
    let whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Jamey's runtime.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

/// Puts a key into its section, and that into the one above.
fn put(keys: &mut Map<String, Value>, name: &str, described: Value) {
    let Some((head, rest)) = name.split_once('.') else {
        keys.insert(name.to_owned(), described);
        return;
    };
    let section = keys.entry(head).or_insert_with(section);
    if let Some(keys) = section["properties"].as_object_mut() {
        put(keys, rest, described);
    }
}

fn section() -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": {}})
}

fn described(key: &Key) -> Value {
    let mut value = match key.kind {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Int { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Text | Kind::Loopback => json!({"type": "string"}),
        Kind::Choice(words) => json!({"type": "string", "enum": words}),
        Kind::Names => json!({
            "type": "array",
            "items": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,128}$"},
        }),
        Kind::Models => json!({
            "type": "array",
            "items": {"type": "string", "pattern": "^[a-z0-9_-]+/.+$"},
        }),
        Kind::Url => json!({"type": "string", "maxLength": 2048}),
        Kind::Dollars => json!({"type": "number", "minimum": 0}),
        Kind::Aliases => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Kind::Facts => {
            let price = json!({"type": "number", "minimum": 0});
            let tokens = json!({"type": "integer", "minimum": 1});
            json!({"type": "object", "additionalProperties": {"type": "object", "additionalProperties": false,
            "properties": {
                "input": price, "cached": price, "cache_written": price, "output": price,
                "context": tokens, "max_output": tokens,
                "tools": {"type": "boolean"}, "vision": {"type": "boolean"},
            }}})
        }
        Kind::Origins => json!({
            "type": "array",
            "maxItems": 32,
            "items": {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*://[^/*]+$"},
        }),
    };
    value["description"] = Value::from(key.about.replace('\n', " "));
    value
}

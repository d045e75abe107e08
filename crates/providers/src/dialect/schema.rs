//! The schema that an answer must follow, as vendors want it.

use std::borrow::Cow;

use jamey_engine::ports::Request;
use serde_json::{Map, Value};

/// The name under which vendors that want one are given the schema of an answer.
pub(crate) const NAME: &str = "answer";

/// Words that OpenAI's strict form does not know
/// (<https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>).
const NOT_STRICT: [&str; 9] = [
    "allOf",
    "oneOf",
    "not",
    "if",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "unevaluatedProperties",
    "prefixItems",
];

/// Tells whether a vendor can be asked to hold every answer to the schema: its objects name all that may be in them,
/// and want all of it. Another schema is refused in that form, and only followed as well as the model can.
pub(crate) fn is_strict(schema: &Value) -> bool {
    schema["type"] == "object" && holds_strictly(schema)
}

fn holds_strictly(schema: &Value) -> bool {
    let Some(map) = schema.as_object() else { return false };
    let wants_all = || {
        let required = map.get("required").and_then(Value::as_array);
        let is_wanted = |name: &String| required.is_some_and(|all| all.iter().any(|one| one == name));
        let properties = map.get("properties").and_then(Value::as_object);
        map.get("additionalProperties") == Some(&Value::Bool(false))
            && properties.is_none_or(|all| all.keys().all(is_wanted))
    };
    NOT_STRICT.iter().all(|word| !map.contains_key(*word))
        && (!is_of_objects(map) || wants_all())
        && inner(map).all(holds_strictly)
}

/// The same schema with its objects closed where it says nothing of that: Anthropic wants each to say so
/// (<https://platform.claude.com/docs/en/build-with-claude/structured-outputs>).
pub(crate) fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    if is_of_objects(map) {
        map.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    for (word, value) in map {
        match (word.as_str(), value) {
            ("properties" | "$defs" | "definitions", Value::Object(all)) => all.values_mut().for_each(close),
            ("anyOf" | "allOf" | "oneOf", Value::Array(all)) => all.iter_mut().for_each(close),
            ("items", value) => close(value),
            _ => {}
        }
    }
}

fn is_of_objects(map: &Map<String, Value>) -> bool {
    let of = map.get("type").unwrap_or(&Value::Null);
    of == "object"
        || of.as_array().is_some_and(|all| all.iter().any(|one| one == "object"))
        || map.contains_key("properties")
}

/// The schemas inside of one.
fn inner(map: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    map.iter().flat_map(|(word, value)| -> Vec<&Value> {
        match (word.as_str(), value) {
            ("properties" | "$defs" | "definitions", Value::Object(all)) => all.values().collect(),
            ("anyOf", Value::Array(all)) => all.iter().collect(),
            ("items", value) => vec![value],
            _ => Vec::new(),
        }
    })
}

/// The instructions with the schema in words behind them, for models whose server takes it in no field.
pub(crate) fn told(request: &Request) -> Cow<'_, str> {
    let Some(schema) = &request.schema else { return Cow::Borrowed(&request.system) };
    let gap = if request.system.is_empty() { "" } else { "\n\n" };
    Cow::Owned(format!(
        "{}{gap}Give your answer as one JSON value and nothing else: no words before or after it, no code fence. It \
         must follow this JSON schema:\n{schema}",
        request.system
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_strict_where_every_object_names_and_wants_all_it_may_hold() {
        let inner = json!({"type": "object", "properties": {}, "additionalProperties": false});
        let strict = json!({"type": "object", "properties": {"a": {"type": "array", "items": inner},
            "type": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "required": ["a", "type"], "additionalProperties": false});
        assert!(is_strict(&strict));
        let mut open = strict.clone();
        open["properties"]["a"]["items"]["additionalProperties"] = json!(true);
        let mut optional = strict.clone();
        optional["required"] = json!(["a"]);
        let mut unknown = strict.clone();
        unknown["properties"]["a"]["oneOf"] = json!([]);
        for other in
            [open, optional, unknown, json!({"type": "array", "items": strict}), json!({}), json!(true)]
        {
            assert!(!is_strict(&other), "{other}");
        }
    }

    #[test]
    fn objects_are_closed_where_the_schema_leaves_it_open() {
        let schema = json!({"type": "object", "properties": {
            "items": {"type": ["object", "null"], "properties": {"x": {"type": "string"}}},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
        }});
        let wanted = json!({"type": "object", "additionalProperties": false, "properties": {
            "items": {"type": ["object", "null"], "properties": {"x": {"type": "string"}},
                "additionalProperties": false},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
        }});
        assert_eq!(closed(&schema), wanted);
    }
}

//! Whether a value follows a JSON schema, as far as readers of schemas agree on that.
//!
//! Looked at are the words that say which types, fields, items and values there may be, and references within the schema.
//! What else it says (`pattern`, `format`, conditions) is left to the vendor and to whoever reads the answer, so that
//! nothing is called wrong that another reader would take. A library for all of it would bring some twenty-six more
//! (`jsonschema` 0.61).

use serde_json::{Map, Value};

/// So much is looked at; a schema that refers to itself again and again must not take for ever.
const MOST_STEPS: u32 = 1_000_000;
const DEEPEST: u32 = 100;

/// Says where and why a value does not follow a schema.
pub(crate) fn fault(schema: &Value, value: &Value) -> Result<(), String> {
    Reading { root: schema, steps: MOST_STEPS, depth: 0 }.check(schema, value, "")
}

struct Reading<'a> {
    root: &'a Value,
    steps: u32,
    depth: u32,
}

impl<'a> Reading<'a> {
    fn check(&mut self, schema: &'a Value, value: &Value, at: &str) -> Result<(), String> {
        if *schema == Value::Bool(false) {
            return Err(format!("{} may not be there", place(at)));
        }
        let Some(words) = schema.as_object() else { return Ok(()) };
        if self.steps == 0 || self.depth == DEEPEST {
            return Ok(());
        }
        (self.steps, self.depth) = (self.steps - 1, self.depth + 1);
        let checked = self.words(words, value, at);
        self.depth -= 1;
        checked
    }

    fn words(&mut self, words: &'a Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
        if let Some(wanted) = words.get("$ref").and_then(Value::as_str).and_then(|name| self.referred(name)) {
            self.check(wanted, value, at)?;
        }
        if let Some(wanted) = words.get("type")
            && !names(wanted).any(|name| is_of(value, name))
        {
            let wanted: Vec<&str> = names(wanted).collect();
            return Err(format!("{} is {}, not {}", place(at), kind(value), wanted.join(" or ")));
        }
        let allowed = words.get("enum").and_then(Value::as_array);
        if allowed.is_some_and(|all| !all.iter().any(|one| alike(one, value)))
            || words.get("const").is_some_and(|only| !alike(only, value))
        {
            return Err(format!("{} is no value that the schema names", place(at)));
        }
        self.choices(words, value, at)?;
        match value {
            Value::Object(fields) => self.fields(words, fields, at),
            Value::Array(items) => self.items(words, items, at),
            Value::String(text) => {
                within(words, ["minLength", "maxLength"], text.chars().count(), at, "characters")
            }
            Value::Number(number) => bounds(words, number.as_f64().unwrap_or_default(), at),
            _ => Ok(()),
        }
    }

    /// Schemas of which all, some or one must hold.
    fn choices(&mut self, words: &'a Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
        let list = |word: &str| words.get(word).and_then(Value::as_array);
        for each in list("allOf").into_iter().flatten() {
            self.check(each, value, at)?;
        }
        for word in ["anyOf", "oneOf"] {
            let Some(all) = list(word).filter(|all| !all.is_empty()) else { continue };
            let mut held = 0;
            for each in all {
                held += usize::from(self.check(each, value, at).is_ok());
            }
            // Where more than one holds, something that is not looked at may tell them apart.
            if held == 0 {
                return Err(format!("{} is nothing that the schema has a choice for", place(at)));
            }
        }
        Ok(())
    }

    fn fields(
        &mut self,
        words: &'a Map<String, Value>,
        fields: &Map<String, Value>,
        at: &str,
    ) -> Result<(), String> {
        let required = words.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                return Err(format!("{} lacks \"{name}\"", place(at)));
            }
        }
        let known = words.get("properties").and_then(Value::as_object);
        let others = words.get("additionalProperties").filter(|_| !words.contains_key("patternProperties"));
        for (name, value) in fields {
            let inside = format!("{at}/{name}");
            match (known.and_then(|known| known.get(name)), others) {
                (Some(schema), _) | (None, Some(schema)) => self.check(schema, value, &inside)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn items(&mut self, words: &'a Map<String, Value>, items: &[Value], at: &str) -> Result<(), String> {
        within(words, ["minItems", "maxItems"], items.len(), at, "items")?;
        let first = words.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index).or_else(|| words.get("items")) {
                self.check(schema, item, &format!("{at}/{index}"))?;
            }
        }
        Ok(())
    }

    /// A schema elsewhere in this one; none for one elsewhere in the world.
    fn referred(&self, name: &str) -> Option<&'a Value> {
        self.root.pointer(name.strip_prefix('#')?)
    }
}

/// The place as a JSON pointer, or what it is where there is none.
fn place(at: &str) -> String {
    if at.is_empty() { "the answer".to_owned() } else { at.chars().take(200).collect() }
}

fn names(wanted: &Value) -> impl Iterator<Item = &str> {
    let list = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "number" => value.is_number(),
        "null" | "boolean" | "string" | "array" | "object" => kind(value) == name,
        // A word of no schema that is known.
        _ => true,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// 1 and 1.0 are the same number.
fn alike(one: &Value, other: &Value) -> bool {
    one == other || (one.is_number() && other.is_number() && one.as_f64() == other.as_f64())
}

fn within(
    words: &Map<String, Value>,
    [least, most]: [&str; 2],
    count: usize,
    at: &str,
    what: &str,
) -> Result<(), String> {
    let bound = |word: &str| words.get(word).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "no answer has so many")]
    let has = count as f64;
    if bound(least).is_some_and(|least| has < least) || bound(most).is_some_and(|most| has > most) {
        return Err(format!("{} has {count} {what}, which is not what the schema allows", place(at)));
    }
    Ok(())
}

fn bounds(words: &Map<String, Value>, number: f64, at: &str) -> Result<(), String> {
    let breaks = |word: &str, breaks: fn(&f64, &f64) -> bool| {
        words.get(word).and_then(Value::as_f64).is_some_and(|bound| breaks(&number, &bound))
    };
    if breaks("minimum", f64::lt)
        || breaks("maximum", f64::gt)
        || breaks("exclusiveMinimum", f64::le)
        || breaks("exclusiveMaximum", f64::ge)
    {
        return Err(format!("{} is {number}, which is not what the schema allows", place(at)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_follows_its_schema_or_the_place_and_the_reason_are_told() {
        let person = json!({"type": "object", "properties": {
            "name": {"type": "string", "minLength": 2}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
            "tags": {"type": "array", "items": {"enum": ["a", "b", 1]}, "maxItems": 2},
        }, "required": ["name"], "additionalProperties": false});
        for (value, told) in [
            (json!({"name": "Ada"}), None),
            (json!({"name": "Ada", "age": 36.0, "tags": ["a", 1.0]}), None),
            (json!([]), Some("the answer is array, not object")),
            (json!({}), Some("the answer lacks \"name\"")),
            (json!({"name": "Ada", "zip": 1}), Some("/zip may not be there")),
            (json!({"name": "ä"}), Some("/name has 1 characters")),
            (json!({"name": "Ada", "age": 1.5}), Some("/age is number, not integer")),
            (json!({"name": "Ada", "age": -1}), Some("/age is -1")),
            (json!({"name": "Ada", "tags": ["a", "c"]}), Some("/tags/1 is no value that the schema names")),
            (json!({"name": "Ada", "tags": ["a", "b", "a"]}), Some("/tags has 3 items")),
        ] {
            let found = fault(&person, &value).err();
            assert_eq!(found.is_some(), told.is_some(), "{value}: {found:?}");
            assert!(found.unwrap_or_default().contains(told.unwrap_or_default()), "{value}");
        }
    }

    #[test]
    fn references_and_choices_are_followed_and_what_is_not_known_is_taken() {
        let tree = json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {
            "left": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["left"]}}});
        assert_eq!(fault(&tree, &json!({"left": {"left": null}})), Ok(()));
        assert!(fault(&tree, &json!({"left": {"left": 1}})).is_err());
        let any = json!({"type": ["string", "null"], "pattern": "^a", "format": "date", "oneOf": [{}, {}]});
        assert_eq!(fault(&any, &json!("b")), Ok(()));
        assert!(fault(&any, &json!(1)).is_err());
        let patterns = json!({"patternProperties": {"^x": {}}, "additionalProperties": false});
        assert_eq!(fault(&patterns, &json!({"x1": 1})), Ok(()));
        let elsewhere = json!({"$ref": "https://example.org/a.json", "allOf": [true, {"const": {"a": 1}}]});
        assert_eq!(fault(&elsewhere, &json!({"a": 1})), Ok(()));
        assert!(fault(&elsewhere, &json!({"a": 2})).is_err());
    }

    #[test]
    fn a_schema_that_goes_round_in_circles_ends() {
        let round = json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}, {"$ref": "#"}]});
        assert_eq!(fault(&round, &json!({})), Ok(()));
    }
}

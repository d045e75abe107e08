//! Arguments as models really send them: numbers as text, other names for `path`, fields nobody asked
//! for, the whole object once more as a string. What is missing or cannot be understood is named.

use jamey_engine::ports::ToolError;
use jamey_protocol::ToolDescription;
use serde_json::{Map, Value};

/// Other names under which models send a path.
pub(crate) const PATH: &[&str] = &["path", "file_path", "filename", "file", "directory", "folder"];

/// The arguments of one call.
#[derive(Debug)]
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Takes an object, an object in a string, or nothing.
    pub(crate) fn new(arguments: &Value) -> Result<Self, ToolError> {
        match arguments {
            Value::Object(map) => Ok(Self(map.clone())),
            Value::Null => Ok(Self(Map::new())),
            Value::String(text) if text.trim().is_empty() => Ok(Self(Map::new())),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Object(map)) => Ok(Self(map)),
                _ => Err(ToolError::new("the arguments are no JSON object")),
            },
            _ => Err(ToolError::new("the arguments are no JSON object")),
        }
    }

    /// Finds a text under the first of `names` that is there; numbers and booleans become text.
    pub(crate) fn text(&self, names: &[&str]) -> Result<Option<String>, ToolError> {
        let Some((name, value)) = self.find(names) else { return Ok(None) };
        match value {
            Value::String(text) => Ok(Some(text.clone())),
            Value::Number(number) => Ok(Some(number.to_string())),
            Value::Bool(bool) => Ok(Some(bool.to_string())),
            _ => Err(ToolError::new(format!("the argument \"{name}\" has to be a text"))),
        }
    }

    /// Like [`Self::text`], and missing is a failure that names the field.
    pub(crate) fn required(&self, names: &[&str]) -> Result<String, ToolError> {
        let name = names.first().copied().unwrap_or_default();
        self.text(names)?.ok_or_else(|| ToolError::new(format!("the argument \"{name}\" is missing")))
    }

    /// Finds a whole number of at least zero.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, ToolError> {
        let wrong =
            || ToolError::new(format!("the argument \"{name}\" has to be a whole number, zero or more"));
        match self.find(&[name]).map(|(_, value)| value) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                number.as_u64().or_else(|| number.as_f64().and_then(whole)).map(Some).ok_or_else(wrong)
            }
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }

    fn find<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &Value)> {
        names
            .iter()
            .filter_map(|name| self.0.get(*name).map(|value| (*name, value)))
            .find(|(_, value)| !value.is_null())
    }
}

fn whole(number: f64) -> Option<u64> {
    // 2^53: above it a float no longer names one whole number.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number)).then_some(number as u64)
}

/// Describes a built-in tool.
pub(crate) fn describe(
    name: &str,
    description: &str,
    parameters: Value,
    permission: &str,
) -> ToolDescription {
    ToolDescription {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters,
        source: "built-in".to_owned(),
        permission: permission.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn arguments(value: &Value) -> Arguments {
        Arguments::new(value).unwrap()
    }

    #[test]
    fn other_names_numbers_and_double_encoding_are_understood() {
        assert_eq!(arguments(&json!({"file_path": "a"})).required(PATH).unwrap(), "a");
        assert_eq!(arguments(&json!({"path": null, "filename": "b"})).required(PATH).unwrap(), "b");
        assert_eq!(arguments(&json!("{\"path\": \"c\"}")).required(PATH).unwrap(), "c");
        assert_eq!(arguments(&json!({"path": 7, "what": [1]})).required(PATH).unwrap(), "7");
        assert_eq!(arguments(&json!({"n": "12"})).number("n").unwrap(), Some(12));
        assert_eq!(arguments(&json!({"n": 12.0})).number("n").unwrap(), Some(12));
        assert_eq!(arguments(&Value::Null).number("n").unwrap(), None);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let missing = arguments(&json!({})).required(PATH).unwrap_err().to_string();
        assert_eq!(missing, "the argument \"path\" is missing");
        let wrong = arguments(&json!({"path": {"a": 1}})).required(PATH).unwrap_err().to_string();
        assert_eq!(wrong, "the argument \"path\" has to be a text");
        for number in [json!(-1), json!(1.5), json!("x"), json!(true), json!([1]), json!(1e300)] {
            let error = arguments(&json!({"n": number})).number("n").unwrap_err().to_string();
            assert!(error.contains("\"n\" has to be a whole number"), "{error}");
        }
        assert!(Arguments::new(&json!([1])).is_err() && Arguments::new(&json!("hm")).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in ".{0,60}") {
            if let Ok(arguments) = Arguments::new(&Value::String(text)) {
                let _ = (arguments.text(PATH), arguments.number("limit"));
            }
        }
    }
}

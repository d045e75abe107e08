//! Reads `runtime.toml` and lays flags, environment and `.env` over it. Every fault names its place;
//! whatever the file holds, reading it is bounded and never hangs.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    ops::Range,
    path::{Path, PathBuf},
};

use serde_json::Value;
use toml_edit::{Document, Item, TableLike};

use super::{
    env::{Environment, Origin},
    fits,
    schema::{self, Key},
};

/// More than this is no configuration.
const MOST_BYTES: u64 = 1024 * 1024;

/// Values by dotted name.
pub type Values = BTreeMap<String, Setting>;

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The value.
    pub value: Value,
    /// Where it comes from, strongest last.
    pub source: Source,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// `runtime.toml`.
    File,
    /// The file `.env` of the config folder, by this name.
    DotEnv(String),
    /// The environment, by this name.
    Environment(String),
    /// The command line.
    Flag,
}

/// What is wrong with the configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ConfigError {
    /// `file:line:column`, the file alone, or the name of a variable.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

/// A text file and the place of an offset in it.
#[derive(Debug)]
pub struct Text<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// What it holds, without a byte order mark.
    pub text: &'a str,
}

impl Text<'_> {
    fn error(&self, span: Option<Range<usize>>, message: impl Into<String>) -> ConfigError {
        let place = match span {
            Some(span) => {
                let before = self.text.get(..span.start).unwrap_or(self.text);
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
                format!("{}:{line}:{column}", self.path.display())
            }
            None => self.path.display().to_string(),
        };
        ConfigError { place, message: message.into() }
    }
}

/// Reads a configuration file as text; `None` if there is none.
///
/// # Errors
/// When it is no regular file, too large, no UTF-8, or cannot be read.
pub fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let fault = |message: String| ConfigError { place: path.display().to_string(), message };
    let facts = match fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(format!("cannot be read: {error}"))),
    };
    if !facts.is_file() {
        return Err(fault("is no regular file".to_owned()));
    }
    if facts.len() > MOST_BYTES {
        return Err(fault(format!("has {} bytes; more than 1 MiB is not read", facts.len())));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes))
        .map_err(|error| fault(format!("cannot be read: {error}")))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let text = String::from_utf8_lossy(good);
            let end = text.len();
            Err(Text { path, text: &text }.error(Some(end..end), "is no UTF-8 text from here on"))
        }
    }
}

/// Reads the values of a file's text and the warnings about it.
///
/// # Errors
/// At the first thing that is no TOML, or the first value that its key does not take.
pub fn parse(path: &Path, text: &str) -> Result<(Values, Vec<String>), ConfigError> {
    let source = Text { path, text };
    let document =
        Document::parse(text).map_err(|error| source.error(error.span(), first_line(error.message())))?;
    let mut found = Found { source, values: Values::new(), warnings: Vec::new() };
    found.table("", document.as_table())?;
    Ok((found.values, found.warnings))
}

fn first_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

struct Found<'a> {
    source: Text<'a>,
    values: Values,
    warnings: Vec<String>,
}

impl Found<'_> {
    fn table(&mut self, prefix: &str, table: &dyn TableLike) -> Result<(), ConfigError> {
        for (word, item) in table.iter() {
            let name = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}.{word}") };
            let span = table.key(word).and_then(toml_edit::Key::span).or_else(|| item.span());
            if let Some(key) = schema::find(&name) {
                self.value(&name, key, item)?;
            } else if let Some(inner) = item.as_table_like().filter(|_| is_section(&name)) {
                self.table(&name, inner)?;
                self.provider(&name, inner, span)?;
            } else {
                self.unknown(prefix, &name, span);
            }
        }
        Ok(())
    }

    fn value(&mut self, name: &str, key: &Key, item: &Item) -> Result<(), ConfigError> {
        let value = to_json(item).unwrap_or(Value::Null);
        fits::check(key.kind, &value)
            .map_err(|expected| self.source.error(item.span(), format!("{name} {expected}")))?;
        self.values.insert(name.to_owned(), Setting { value, source: Source::File });
        Ok(())
    }

    /// A provider that the person added cannot be asked without an address. Whoever writes key by key allows plain
    /// HTTP first, before which such an address is refused.
    fn provider(
        &self,
        name: &str,
        table: &dyn TableLike,
        span: Option<Range<usize>>,
    ) -> Result<(), ConfigError> {
        let begins = table.iter().all(|(word, _)| word == "plain_http") && !table.is_empty();
        let added =
            !begins && name.strip_prefix("providers.").is_some_and(|word| !schema::BUILT_IN.contains(&word));
        let address = self.values.get(&format!("{name}.base_url")).and_then(|setting| setting.value.as_str());
        if added && address.is_none_or(str::is_empty) {
            return Err(self
                .source
                .error(span, format!("{name} needs base_url, such as http://127.0.0.1:11434/v1")));
        }
        Ok(())
    }

    fn unknown(&mut self, prefix: &str, name: &str, span: Option<Range<usize>>) {
        let named = schema::named(&format!("{prefix}.x")).map(|_| schema::NAMED.iter().map(|key| key.name));
        let full = named.into_iter().flatten().map(|field| format!("{prefix}.{field}"));
        let names: Vec<String> = schema::KEYS.iter().map(|key| key.name.to_owned()).chain(full).collect();
        let close = schema::nearest(name, names.iter().map(String::as_str));
        let lower = name.to_ascii_lowercase();
        let advice = if ["key", "token", "secret", "password"].iter().any(|word| lower.ends_with(word)) {
            "; keys do not belong in this file but in .env beside it".to_owned()
        } else {
            close.map_or(String::new(), |close| format!("; did you mean {close}?"))
        };
        self.warnings.push(self.source.error(span, format!("unknown key {name}{advice}")).to_string());
    }
}

/// Tells whether a table of that name has keys.
fn is_section(name: &str) -> bool {
    let prefix = format!("{name}.");
    schema::KEYS.iter().any(|key| key.name.starts_with(&prefix))
        || name.strip_prefix("providers.").is_some_and(schema::is_provider_name)
}

/// The JSON of a TOML value; nothing for what no key takes.
fn to_json(item: &Item) -> Option<Value> {
    fn of(value: &toml_edit::Value) -> Option<Value> {
        Some(match value {
            toml_edit::Value::String(text) => Value::from(text.value().as_str()),
            toml_edit::Value::Integer(number) => Value::from(*number.value()),
            toml_edit::Value::Float(number) => Value::from(*number.value()),
            toml_edit::Value::Boolean(flag) => Value::from(*flag.value()),
            toml_edit::Value::Array(list) => list.iter().map(of).collect::<Option<Vec<_>>>()?.into(),
            toml_edit::Value::InlineTable(table) => of_table(table)?,
            toml_edit::Value::Datetime(_) => return None,
        })
    }
    fn of_table(table: &dyn TableLike) -> Option<Value> {
        let entries = table.iter().map(|(name, item)| Some((name.to_owned(), to_json(item)?)));
        Some(Value::Object(entries.collect::<Option<_>>()?))
    }
    match item.as_value() {
        Some(value) => of(value),
        None => of_table(item.as_table_like()?),
    }
}

/// The defaults of every fixed key.
#[must_use]
pub fn defaults() -> Values {
    schema::KEYS
        .iter()
        .map(|key| {
            let value = key.default.parse::<toml_edit::Value>().ok();
            let value = value.and_then(|value| to_json(&Item::Value(value))).unwrap_or(Value::Null);
            (key.name.to_owned(), Setting { value, source: Source::Default })
        })
        .collect()
}

/// Lays the environment over `values`.
///
/// # Errors
/// When a variable holds what its key does not take.
pub fn overlay(values: &mut Values, environment: &Environment) -> Result<(), ConfigError> {
    let mut keys: Vec<(String, &Key)> = schema::KEYS.iter().map(|key| (key.name.to_owned(), key)).collect();
    let mut providers: Vec<String> =
        values.keys().filter_map(|n| schema::named(n)).map(|(p, _)| p.to_owned()).collect();
    providers.dedup();
    for provider in &providers {
        keys.extend(schema::NAMED.iter().map(|key| (format!("providers.{provider}.{}", key.name), key)));
    }
    for (name, key) in keys {
        let own = schema::variable(&name);
        let all = || std::iter::once(own.as_str()).chain(key.aliases.iter().copied());
        // A variable of the process beats any of the file, the more exact name the vendor's.
        let found = [Origin::Process, Origin::DotEnv].into_iter().find_map(|origin| {
            all().find_map(|variable| {
                environment
                    .get(variable)
                    .filter(|(_, from)| *from == origin)
                    .map(|(text, _)| (variable, text, origin))
            })
        });
        let Some((variable, text, origin)) = found else { continue };
        let value = from_text(key.kind, text);
        fits::check(key.kind, &value).map_err(|expected| ConfigError {
            place: variable.to_owned(),
            message: format!("{name} {expected}"),
        })?;
        let source = match origin {
            Origin::Process => Source::Environment(variable.to_owned()),
            Origin::DotEnv => Source::DotEnv(variable.to_owned()),
        };
        values.insert(name, Setting { value, source });
    }
    Ok(())
}

/// A value from a variable or a flag, which are always text; lists are separated by commas.
#[must_use]
pub fn from_text(kind: schema::Kind, text: &str) -> Value {
    match kind {
        schema::Kind::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Value::Bool(true),
            "false" | "0" | "no" | "off" => Value::Bool(false),
            _ => Value::from(text),
        },
        schema::Kind::Int { .. } => {
            text.trim().parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
        }
        schema::Kind::Dollars => text.trim().parse::<f64>().map_or_else(|_| Value::from(text), Value::from),
        schema::Kind::Aliases | schema::Kind::Facts => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
        }
        schema::Kind::Names | schema::Kind::Origins | schema::Kind::Models => text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(Value::from)
            .collect::<Vec<_>>()
            .into(),
        schema::Kind::Text | schema::Kind::Choice(_) | schema::Kind::Url | schema::Kind::Loopback => {
            Value::from(text)
        }
    }
}

/// Where a symbolic link leads, so that a write replaces the file and keeps the link.
#[must_use]
pub fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

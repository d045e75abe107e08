//! The environment: the variables of the process, and below them the file `.env` of the config
//! folder. A working folder's `.env` must never be read: a repository could redirect keys with it.

use std::{
    collections::HashMap,
    fmt,
    fs::{self, File},
    io::Read,
    path::Path,
};

use crate::redact::is_secret_name;

/// More than this is no `.env`.
const MOST_BYTES: u64 = 256 * 1024;

/// Variables and where each comes from.
#[derive(Clone, Default)]
pub struct Environment {
    process: HashMap<String, String>,
    file: HashMap<String, String>,
}

/// Where a variable comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The environment of the process.
    Process,
    /// The file `.env` of the config folder.
    DotEnv,
}

impl Environment {
    /// Takes the variables of this process. Those that are no Unicode cannot be meant for Jamey.
    #[must_use]
    pub fn of_process() -> Self {
        let process =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self { process: process.collect(), file: HashMap::new() }
    }

    /// Takes these variables instead of the process's own, for tests.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let process = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self { process, file: HashMap::new() }
    }

    /// Reads the `.env` at `path` below the process's variables and tells what is wrong with it.
    /// No value is ever part of a warning.
    #[must_use]
    pub fn with_file(mut self, path: &Path) -> (Self, Vec<String>) {
        let mut warnings = Vec::new();
        self.file.clear();
        let shown = path.display();
        let Ok(facts) = fs::metadata(path) else { return (self, warnings) };
        if !facts.is_file() || facts.len() > MOST_BYTES {
            warnings.push(format!("{shown} is no regular file under 256 KiB and was not read"));
            return (self, warnings);
        }
        if is_open_to_others(&facts) {
            warnings.push(format!("{shown} can be read by other users; run: chmod 600 '{shown}'"));
        }
        let mut bytes = Vec::new();
        if let Err(error) = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)) {
            warnings.push(format!("{shown} could not be read: {error}"));
            return (self, warnings);
        }
        let Ok(text) = String::from_utf8(bytes) else {
            warnings.push(format!("{shown} is no UTF-8 text and was not read"));
            return (self, warnings);
        };
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            match parse(line) {
                Line::Empty => {}
                Line::Set(name, value) => {
                    self.file.insert(name, value);
                }
                Line::Wrong => {
                    warnings.push(format!("{shown}:{}: is not NAME=value and was skipped", number + 1));
                }
            }
        }
        (self, warnings)
    }

    /// Everything that must never be shown: what goes by a name of a secret, and whatever `.env` holds that
    /// is no setting; for that is what the file is there for.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let named = self.process.iter().filter(|(name, _)| is_secret_name(name));
        let is_setting = |name: &String| {
            name.starts_with("JAMEY_")
                || name.to_ascii_uppercase().ends_with("_PROXY")
                // Says which address a key belongs to.
                || name.ends_with("_KEY_ORIGIN")
                || super::KEYS.iter().any(|key| key.aliases.contains(&name.as_str()))
        };
        let kept = self.file.iter().filter(move |(name, _)| is_secret_name(name) || !is_setting(name));
        // Proxies and servers are often given with their password.
        let addresses = self.process.values().chain(self.file.values());
        let passwords = addresses.filter_map(|value| password(value));
        named.chain(kept).map(|(_, value)| value.as_str()).chain(passwords)
    }

    /// Names of the variables that are set: those of the process, then those of `.env`. Never a value.
    #[must_use]
    pub fn names(&self) -> [Vec<&str>; 2] {
        [&self.process, &self.file].map(|variables| {
            let mut names: Vec<&str> = variables.keys().map(String::as_str).collect();
            names.sort_unstable();
            names
        })
    }

    /// Names of the variables of `.env` that were added, changed or taken out since `before`.
    #[must_use]
    pub fn changed_since<'a>(&'a self, before: &'a Self) -> Vec<&'a str> {
        let names = self.file.keys().chain(before.file.keys().filter(|name| !self.file.contains_key(*name)));
        let mut changed: Vec<&str> =
            names.filter(|name| self.file.get(*name) != before.file.get(*name)).map(String::as_str).collect();
        changed.sort_unstable();
        changed
    }

    /// Finds a variable of `.env` alone; an empty one counts as unset.
    #[must_use]
    pub fn in_file(&self, name: &str) -> Option<&str> {
        self.file.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Finds a variable; an empty one counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&str, Origin)> {
        let in_map = |map: &'_ HashMap<String, String>| map.get(name).is_some_and(|value| !value.is_empty());
        if in_map(&self.process) {
            return self.process.get(name).map(|value| (value.as_str(), Origin::Process));
        }
        self.file.get(name).filter(|value| !value.is_empty()).map(|value| (value.as_str(), Origin::DotEnv))
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("process", &self.process.len())
            .field("file", &self.file.keys())
            .finish()
    }
}

/// The password of a URL, if it has one.
fn password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.rsplit_once('@')?.0.split_once(':').map(|(_, password)| password)
}

enum Line {
    Empty,
    Set(String, String),
    Wrong,
}

/// `NAME=value`, `export NAME=value`, quotes of both kinds, `#` comments; nothing is expanded.
fn parse(line: &str) -> Line {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Line::Empty;
    }
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let Some((name, value)) = line.split_once('=') else { return Line::Wrong };
    let (name, value) = (name.trim(), value.trim());
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name || value.contains('\0') {
        return Line::Wrong;
    }
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => match value[1..].split_once(quote) {
            Some((inner, rest)) if rest.trim().is_empty() || rest.trim_start().starts_with('#') => inner,
            _ => return Line::Wrong,
        },
        _ => value.split(" #").next().unwrap_or_default().trim_end(),
    };
    Line::Set(name.to_owned(), value.to_owned())
}

/// Tells whether users besides the owner can read a file.
#[cfg(unix)]
pub(super) fn is_open_to_others(facts: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    facts.permissions().mode() & 0o077 != 0
}

/// On Windows the profile's own access list guards the file.
#[cfg(not(unix))]
pub(super) fn is_open_to_others(_facts: &fs::Metadata) -> bool {
    false
}

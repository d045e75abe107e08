//! Writes `runtime.toml`: the first one with a comment for every key, and later changes of one key
//! that keep the person's comments. A write is whole or it did not happen.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::Value;
use toml_edit::{Array, DocumentMut, Item, Table};

use super::{
    fits,
    load::{self, ConfigError},
    schema::{self, KEYS, NAMED},
};

/// Counts files that are not whole yet, so that each has a name of its own.
static FRESH: AtomicU64 = AtomicU64::new(0);

/// The text of the first file.
#[must_use]
pub fn template() -> String {
    let mut text = String::from(
        "#:schema ./runtime.schema.json\n\
         # Jamey's settings. Stronger than this file are, in this order: flags, the environment\n\
         # (JAMEY_ and the key's name: models.default is JAMEY_MODELS_DEFAULT), the file .env beside it.\n\
         # Keys of vendors belong in .env or the environment, never here.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (head, word) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        if head != section {
            text.push_str(&format!("\n[{head}]\n"));
            section = head;
        }
        for line in key.about.lines() {
            text.push_str(&format!("# {}\n", line.trim()));
        }
        text.push_str(&format!("{word} = {}\n", key.default));
    }
    text.push_str("\n# Any other server can be added under a name of your own:\n#[providers.mine]\n");
    for key in NAMED {
        let example = match key.name {
            "base_url" => "\"http://127.0.0.1:8080/v1\"",
            "key_env" => "\"MINE_API_KEY\"",
            _ => key.default,
        };
        for line in key.about.lines() {
            text.push_str(&format!("# {}\n", line.trim()));
        }
        text.push_str(&format!("#{} = {example}\n", key.name));
    }
    text
}

/// Changes one key in the text of a file, or takes it out with `null`.
///
/// # Errors
/// When the text is no TOML, the key is not known, or it does not take the value.
pub fn set(path: &Path, text: &str, name: &str, value: &Value) -> Result<String, ConfigError> {
    let fault = |message: String| ConfigError { place: path.display().to_string(), message };
    let removes_provider = value.is_null()
        && name
            .strip_prefix("providers.")
            .is_some_and(|p| schema::is_provider_name(p) && !schema::BUILT_IN.contains(&p));
    let key = schema::find(name);
    if key.is_none() && !removes_provider {
        let close = schema::nearest(name, KEYS.iter().map(|key| key.name));
        let advice = close.map_or(String::new(), |close| format!("; did you mean {close}?"));
        return Err(fault(format!("there is no key {name}{advice}")));
    }
    if let Some(key) = key.filter(|_| !value.is_null()) {
        fits::check(key.kind, value).map_err(|expected| fault(format!("{name} {expected}")))?;
    }
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| fault(error.to_string()))?;
    let mut parts: Vec<&str> = name.split('.').collect();
    let word = parts.pop().unwrap_or(name);
    let mut table: &mut dyn toml_edit::TableLike = document.as_table_mut();
    for part in parts {
        if value.is_null() && !table.contains_key(part) {
            return Ok(text.to_owned());
        }
        let item = table.entry(part).or_insert_with(|| {
            let mut made = Table::new();
            made.set_implicit(part == "providers");
            Item::Table(made)
        });
        table = item.as_table_like_mut().ok_or_else(|| fault(format!("{part} is no table in this file")))?;
    }
    if value.is_null() {
        table.remove(word);
    } else {
        let mut new = to_toml(value).ok_or_else(|| fault(format!("{name} does not take that")))?;
        if table.get(word).is_some_and(|old| old.as_value().is_none()) {
            // It was written as a table with a head of its own.
            table.remove(word);
        }
        if let Some(old) = table.get_mut(word).and_then(Item::as_value_mut) {
            // The comment behind a value belongs to its decor.
            *new.decor_mut() = old.decor().clone();
            *old = new;
        } else {
            table.insert(word, Item::Value(new));
        }
    }
    let written = document.to_string();
    if text.contains("\r\n") {
        return Ok(written.replace("\r\n", "\n").replace('\n', "\r\n"));
    }
    Ok(written)
}

fn to_toml(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(list) => {
            let mut array = Array::new();
            for entry in list {
                array.push(entry.as_str()?);
            }
            toml_edit::Value::Array(array)
        }
        Value::Object(entries) => {
            let mut table = toml_edit::InlineTable::new();
            for (name, entry) in entries {
                table.insert(name, to_toml(entry)?);
            }
            toml_edit::Value::InlineTable(table)
        }
        Value::Null => return None,
    })
}

/// Puts `text` at `path` for its owner alone: a new file beside it, synced, then renamed.
///
/// # Errors
/// When the folder cannot be made or written; then the old file is as it was.
pub fn store(path: &Path, text: &str) -> io::Result<()> {
    let path = load::real(path);
    let folder = path.parent().ok_or_else(|| io::Error::other("the file has no folder"))?;
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{}.new", std::process::id(), FRESH.fetch_add(1, Ordering::Relaxed)));
    let fresh = folder.join(name);
    let written = private(&fresh).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
        return written;
    }
    sync_folder(folder);
    Ok(())
}

/// Makes a new file that only its owner reads. A leftover of the same name is replaced, a link of
/// that name is not followed.
fn private(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        opened => opened,
    }
}

/// Makes the rename itself durable, where the system lets a folder be synced.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

//! Whether the configuration file can be read at all, told without a runtime.

use crate::Folders;

/// More than any sensible configuration.
const LARGEST: u64 = 1 << 20;

/// Says what keeps the configuration file from being understood as TOML; nothing if it is fine or
/// not there. What its values mean is for the runtime to judge.
#[must_use]
pub fn config_fault(folders: &Folders) -> Option<String> {
    let path = folders.runtime_toml();
    let shown = path.display();
    let size = match std::fs::metadata(&path) {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(format!("{shown} cannot be read: {error}")),
    };
    if size > LARGEST {
        return Some(format!("{shown} is {size} bytes large, more than the {LARGEST} that are read"));
    }
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return Some(format!("{shown} cannot be read: {error}")),
    };
    let error = text.strip_prefix('\u{feff}').unwrap_or(&text).parse::<toml_edit::DocumentMut>().err()?;
    let line =
        error.span().map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count());
    let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
    Some(format!("{shown}: {place}{}", error.message()))
}

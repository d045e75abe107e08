//! `file_write`: makes files, adds to them, replaces text in them.
//!
//! Invariants: a file that the session has not seen is never overwritten; a file is at every moment the
//! old or the new one, never half of it; what is written is where access said.

use std::{
    fs::Metadata,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_engine::ports::{Tool, ToolContext, ToolError};
use jamey_protocol::{Access, ToolDescription, ToolOutput};
use serde_json::{Value, json};

use super::{
    folder::{Replace, put},
    open::{OpenError, open},
    read::{MAX_SIZE, read_all},
    require,
    resolve::resolve,
    similar::{hint, similar},
};
use crate::{
    blocking::blocking,
    schema::{Arguments, PATH, describe},
};

/// The tool `file_write`.
#[derive(Debug)]
pub(crate) struct Write {
    timeout: Duration,
}

impl Write {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

/// What a call wants done.
#[derive(Debug)]
enum Change {
    Create(String),
    /// Also makes the file.
    Overwrite(String),
    Append(String),
    Replace {
        old: String,
        new: String,
    },
}

impl Change {
    fn of(arguments: &Arguments) -> Result<Self, ToolError> {
        const CONTENT: &[&str] = &["content", "contents", "text", "file_text"];
        const OLD: &[&str] = &["old", "old_string", "old_text", "old_str"];
        const NEW: &[&str] = &["new", "new_string", "new_text", "new_str"];
        let mode = arguments.text(&["mode"])?.map(|mode| mode.trim().to_lowercase());
        let change = match mode.as_deref() {
            Some("create") => Self::Create(arguments.required(CONTENT)?),
            Some("append") => Self::Append(arguments.required(CONTENT)?),
            Some("replace") => Self::Replace { old: arguments.required(OLD)?, new: arguments.required(NEW)? },
            Some("overwrite" | "write") => Self::Overwrite(arguments.required(CONTENT)?),
            None | Some("") => match arguments.text(OLD)? {
                Some(old) if arguments.text(CONTENT)?.is_none() => {
                    Self::Replace { old, new: arguments.required(NEW)? }
                }
                _ => Self::Overwrite(arguments.required(CONTENT)?),
            },
            Some(other) => {
                return Err(ToolError::new(format!(
                    "there is no mode \"{other}\"; use create, overwrite, append or replace"
                )));
            }
        };
        match &change {
            Self::Create(content) | Self::Overwrite(content) if content.trim().is_empty() => {
                Err(ToolError::new(
                    "refusing to write an empty file. To delete a file use shell_exec with rm; to make a folder use shell_exec with mkdir.",
                ))
            }
            Self::Append(content) if content.is_empty() => {
                Err(ToolError::new("there is nothing to add: content is empty"))
            }
            Self::Replace { old, .. } if old.is_empty() => {
                Err(ToolError::new("old is empty. Use old text copied from the file"))
            }
            Self::Replace { old, new } if old == new => {
                Err(ToolError::new("old and new are the same, so nothing would change"))
            }
            _ => Ok(change),
        }
    }
}

#[async_trait::async_trait]
impl Tool for Write {
    fn name(&self) -> &'static str {
        "file_write"
    }

    fn describe(&self) -> ToolDescription {
        describe(
            self.name(),
            "Write a text file. create: a new file. overwrite: all of a file that you have read. append: to its \
             end. replace: the text old, which must be in it exactly once, by new. Folders are made.",
            json!({"type": "object", "required": ["path", "mode"], "properties": {
                "path": {"type": "string"},
                "mode": {"enum": ["create", "overwrite", "append", "replace"]},
                "content": {"type": "string"},
                "old": {"type": "string"},
                "new": {"type": "string"},
            }}),
            "asks",
        )
    }

    fn access(&self, arguments: &Value, cwd: &Path) -> Result<Vec<Access>, ToolError> {
        let arguments = Arguments::new(arguments)?;
        let path = resolve(&arguments.required(PATH)?, cwd)?;
        Change::of(&arguments)?;
        Ok(vec![Access::Write { path }])
    }

    async fn run(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolError> {
        let arguments = Arguments::new(&arguments)?;
        let raw = arguments.required(PATH)?;
        let change = Change::of(&arguments)?;
        let inner = context.clone();
        blocking(&context, self.timeout, move || {
            let path = resolve(&raw, &inner.cwd)?;
            require(&inner, &Access::Write { path: path.clone() }, &raw)?;
            let done = Target { raw: &raw, path, context: &inner }.apply(&change)?;
            Ok(ToolOutput { text: done, ..ToolOutput::default() })
        })
        .await
    }
}

/// The file that a call changes.
struct Target<'a> {
    raw: &'a str,
    path: PathBuf,
    context: &'a ToolContext,
}

impl Target<'_> {
    fn apply(self, change: &Change) -> Result<String, ToolError> {
        let raw = self.raw;
        let now = match open(&self.path) {
            Ok(now) => Some(now),
            Err(OpenError::Missing) => None,
            Err(error) => return Err(ToolError::new(format!("{raw} {error}"))),
        };
        if let Some((_, found)) = &now
            && found.permissions().readonly()
        {
            return Err(ToolError::new(format!(
                "{raw} is read-only; make it writable first with shell_exec"
            )));
        }
        match (change, now) {
            (Change::Create(_), Some(_)) => Err(ToolError::new(format!(
                "{raw} exists already. Read it with file_read, then use mode overwrite, append or replace"
            ))),
            (Change::Overwrite(_), Some((_, found))) if !self.context.read_files.contains(&self.path) => {
                Err(ToolError::new(format!(
                    "{raw} exists already ({} bytes). Read it first with file_read, then overwrite it; or use mode \
                     append or replace",
                    found.len()
                )))
            }
            (Change::Create(content) | Change::Overwrite(content), now) => {
                // Nothing there now: then nothing may come in between either.
                let replace = if now.is_some() { Replace::Always } else { Replace::Never };
                self.put(&[content.as_bytes()], now.map(|(_, found)| found).as_ref(), replace)?;
                Ok(format!("OK: saved {raw}"))
            }
            (Change::Append(content), None) => {
                self.put(
                    &[content.as_bytes(), newline_after(content.as_bytes(), "\n")],
                    None,
                    Replace::Never,
                )?;
                Ok(format!("OK: added to the end of {raw}"))
            }
            (Change::Append(content), Some((file, found))) => {
                let old = self.load(file, &found)?;
                let newline = if old.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
                let pieces = [
                    &old[..],
                    newline_after(&old, newline),
                    content.as_bytes(),
                    newline_after(content.as_bytes(), newline),
                ];
                self.put(&pieces, Some(&found), Replace::Always)?;
                Ok(format!("OK: added to the end of {raw}"))
            }
            (Change::Replace { .. }, None) => {
                let others = similar(&self.path, &self.context.cwd, false);
                Err(ToolError::new(format!("no such file: {raw}{}", hint(&others, &self.context.cwd))))
            }
            (Change::Replace { old, new }, Some((file, found))) => {
                let text = String::from_utf8(self.load(file, &found)?).map_err(|_| {
                    ToolError::new(format!("{raw} is no UTF-8 text; use shell_exec with sed"))
                })?;
                let changed = replace_once(&text, old, new, raw)?;
                self.put(&[changed.as_bytes()], Some(&found), Replace::Always)?;
                Ok(format!("OK: replaced \"{}\" with \"{}\" in {raw}", clip(old, 200), clip(new, 200)))
            }
        }
    }

    fn load(&self, file: std::fs::File, found: &Metadata) -> Result<Vec<u8>, ToolError> {
        let raw = self.raw;
        let too_big = || ToolError::new(format!("{raw} is too big to change this way; use shell_exec"));
        if found.len() > MAX_SIZE {
            return Err(too_big());
        }
        let bytes =
            read_all(file).map_err(|error| ToolError::new(format!("{raw} cannot be read: {error}")))?;
        if bytes.len() as u64 > MAX_SIZE { Err(too_big()) } else { Ok(bytes) }
    }

    fn put(&self, pieces: &[&[u8]], like: Option<&Metadata>, replace: Replace) -> Result<(), ToolError> {
        put(&self.path, pieces, like, replace).map_err(|error| {
            ToolError::new(match error.kind() {
                io::ErrorKind::AlreadyExists => format!("{} exists already", self.raw),
                io::ErrorKind::StorageFull => format!("{} was not written: the disk is full", self.raw),
                _ => format!("{} was not written: {error}", self.raw),
            })
        })?;
        self.context.read_files.note(self.path.clone());
        Ok(())
    }
}

/// What has to follow `bytes` so that they end a line.
fn newline_after<'a>(bytes: &[u8], newline: &'a str) -> &'a [u8] {
    if bytes.is_empty() || bytes.ends_with(b"\n") { b"" } else { newline.as_bytes() }
}

/// Replaces the only `old` in `text`. Line ends of the file are kept if the model left out the `\r`.
fn replace_once(text: &str, old: &str, new: &str, raw: &str) -> Result<String, ToolError> {
    match text.matches(old).count() {
        1 => Ok(text.replacen(old, new, 1)),
        0 => {
            let (wide_old, wide_new) = (old.replace('\n', "\r\n"), new.replace('\n', "\r\n"));
            if !old.contains('\r') && text.matches(&wide_old).count() == 1 {
                return Ok(text.replacen(&wide_old, &wide_new, 1));
            }
            let more = if text.chars().nth(1000).is_some() { "\n[... more: file_read ...]" } else { "" };
            Err(ToolError::new(format!(
                "the text \"{}\" is not in {raw}. Use old text copied from the file, which holds:\n{}{more}",
                clip(old, 200),
                text.chars().take(1000).collect::<String>(),
            )))
        }
        count => Err(ToolError::new(format!(
            "the text \"{}\" is {count} times in {raw}. Copy more of the lines around it into old, so that it is \
             found once",
            clip(old, 200)
        ))),
    }
}

fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_text_has_to_be_there_exactly_once() {
        assert_eq!(replace_once("a b c", "b", "x", "f").unwrap(), "a x c");
        let twice = replace_once("b b", "b", "x", "f").unwrap_err().to_string();
        assert!(twice.starts_with("the text \"b\" is 2 times in f."), "{twice}");
        let none = replace_once("hello\n", "b", "x", "f").unwrap_err().to_string();
        assert_eq!(
            none,
            "the text \"b\" is not in f. Use old text copied from the file, which holds:\nhello\n"
        );
    }

    #[test]
    fn windows_line_ends_survive_a_model_that_forgot_them() {
        assert_eq!(replace_once("a\r\nb\r\nc", "a\nb", "x\ny", "f").unwrap(), "x\r\ny\r\nc");
    }

    #[test]
    fn what_cannot_work_is_said_before_anybody_is_asked() {
        let why = |value: Value| Change::of(&Arguments::new(&value).unwrap()).unwrap_err().to_string();
        assert!(
            why(json!({"mode": "overwrite", "content": " \n"})).starts_with("refusing to write an empty")
        );
        assert_eq!(why(json!({"mode": "create"})), "the argument \"content\" is missing");
        assert_eq!(why(json!({"mode": "replace", "old": "a"})), "the argument \"new\" is missing");
        assert!(why(json!({"mode": "replace", "old": "", "new": "a"})).contains("old is empty"));
        assert!(why(json!({"mode": "replace", "old": "a", "new": "a"})).contains("the same"));
        assert!(why(json!({"mode": "delete"})).contains("no mode \"delete\""));
        assert!(why(json!({"mode": "append", "content": ""})).contains("nothing to add"));
    }
}

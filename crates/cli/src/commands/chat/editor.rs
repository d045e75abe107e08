//! The line editor: history, several lines, pasted text as it is.

use std::{borrow::Cow, path::PathBuf};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode};
use rustyline::{
    Cmd, Config, Helper, KeyEvent,
    completion::Completer,
    error::ReadlineError,
    highlight::Highlighter,
    hint::Hinter,
    history::DefaultHistory,
    validate::{ValidationContext, ValidationResult, Validator},
};

use crate::render::{self, Style};

const PROMPT: &str = "› ";
/// How many prompts are remembered.
const HISTORY: usize = 1_000;

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// A prompt, maybe of several lines.
    Line(String),
    /// The person wants to leave.
    Leave,
}

pub struct Editor {
    inner: rustyline::Editor<Look, DefaultHistory>,
    history: PathBuf,
    style: Style,
}

impl Editor {
    pub fn open(folders: &Folders, style: Style) -> Result<Self, ApiError> {
        let cannot = |error: ReadlineError| {
            ApiError::new(ErrorCode::Internal, format!("the terminal cannot be used: {error}"))
                .hint("pipe the prompts in, or ask one with: jamey ask")
        };
        let config = Config::builder()
            .max_history_size(HISTORY)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(cannot)?
            .history_ignore_space(true)
            .build();
        let mut inner = rustyline::Editor::with_config(config).map_err(cannot)?;
        inner.set_helper(Some(Look { style }));
        inner.bind_sequence(KeyEvent::alt('\r'), Cmd::Newline);
        let history = folders.data.join("chat-history");
        make_private(&history);
        // None yet, or unreadable: then the history begins here.
        let _ = inner.load_history(&history);
        Ok(Self { inner, history, style })
    }

    /// Reads the next prompt. Ctrl-C clears the line; on the next line it leaves, as Ctrl-D does.
    pub fn read(&mut self) -> Result<Read, ApiError> {
        let mut was_interrupted = false;
        loop {
            match self.inner.readline(PROMPT) {
                Ok(line) => {
                    let line = joined(&line);
                    if !line.trim().is_empty() {
                        // A history that cannot be written is no reason to stop talking.
                        let _ = self.inner.add_history_entry(&line);
                        let _ = self.inner.append_history(&self.history);
                    }
                    return Ok(Read::Line(line));
                }
                Err(ReadlineError::Interrupted) if was_interrupted => return Ok(Read::Leave),
                Err(ReadlineError::Interrupted) => {
                    was_interrupted = true;
                    render::say(&self.style.dim("(Ctrl-C again to leave)"));
                }
                Err(ReadlineError::Eof) => return Ok(Read::Leave),
                Err(error) => {
                    let message = format!("the terminal cannot be read: {error}");
                    return Err(ApiError::new(ErrorCode::Internal, message));
                }
            }
        }
    }
}

/// A line that ends with a backslash goes on; the backslash is no part of it.
fn joined(text: &str) -> String {
    text.replace("\\\n", "\n")
}

/// Prompts may hold anything, so only their owner may read them.
fn make_private(path: &std::path::Path) {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // If it cannot be made there is no history, and nothing else suffers.
    let _ = options.open(path);
}

/// How the prompt looks and when a line is complete.
struct Look {
    style: Style,
}

impl Helper for Look {}

impl Completer for Look {
    type Candidate = String;
}

impl Hinter for Look {
    type Hint = String;
}

impl Highlighter for Look {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        Cow::Owned(self.style.bold(prompt))
    }
}

impl Validator for Look {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if context.input().ends_with('\\') {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_at_the_end_of_a_line_joins_the_next_one() {
        assert_eq!(joined("one\\\ntwo\nthree \\n"), "one\ntwo\nthree \\n");
    }

    #[cfg(unix)]
    #[test]
    fn the_history_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("chat-history");
        make_private(&path);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

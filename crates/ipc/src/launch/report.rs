//! What a started runtime printed before its own log was open, and what that means.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::ExitStatus,
};

use jamey_protocol::{ApiError, ErrorCode};

use crate::{Folders, path};

/// Beyond this size the file begins anew.
const LARGEST: u64 = 1 << 20;
/// How much of the end is looked at.
const TAIL: u64 = 16 << 10;
/// How many lines of it are shown when it has no message of its own.
const LINES: usize = 5;

/// The file that catches a starting runtime's standard output and error.
#[derive(Debug)]
pub(super) struct StartLog {
    path: PathBuf,
    /// Where this start begins in it.
    begin: u64,
}

impl StartLog {
    pub(super) fn open(folders: &Folders) -> Result<Self, ApiError> {
        path::create_with_parents(&folders.logs())?;
        let path = folders.start_log();
        if std::fs::metadata(&path).is_ok_and(|meta| meta.len() > LARGEST) {
            // If it cannot be removed, it only grows.
            let _ = std::fs::remove_file(&path);
        }
        let begin = std::fs::metadata(&path).map_or(0, |meta| meta.len());
        Ok(Self { path, begin })
    }

    pub(super) fn file(&self) -> Result<File, ApiError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path).map_err(|error| {
            let message = format!("the log {} cannot be written: {error}", self.path.display());
            ApiError::new(ErrorCode::Storage, message).hint(
                "look at its permissions and its disk, or set JAMEY_HOME to a folder that you may write to",
            )
        })
    }

    /// Adds a line; one that cannot be written is lost.
    pub(super) fn add(&self, line: &str) {
        if let Ok(mut file) = self.file() {
            let _ = writeln!(file, "{line}");
        }
    }

    /// Puts the runtime's own last words into an error.
    pub(super) fn explain(&self, status: ExitStatus) -> ApiError {
        let text = tail(&self.path, self.begin).unwrap_or_default();
        let code = if status.code() == Some(78) { ErrorCode::Config } else { ErrorCode::Unreachable };
        let (message, hint) = last_words(&text);
        let message = match message {
            Some(message) => format!("the runtime could not start: {message}"),
            None => format!("the runtime ended while starting ({status}) and said nothing"),
        };
        let hint = hint.unwrap_or_else(|| format!("look at {}", self.path.display()));
        ApiError::new(code, message).hint(hint)
    }
}

fn tail(path: &Path, begin: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(begin.max(length.saturating_sub(TAIL))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Finds the last `jamey-runtime: MESSAGE` and the `hint: …` after it; else takes the last lines.
fn last_words(text: &str) -> (Option<String>, Option<String>) {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let spoken = lines.iter().rposition(|line| line.starts_with("jamey-runtime: "));
    if let Some((message, rest)) = spoken.and_then(|at| lines.get(at..)).and_then(|rest| rest.split_first()) {
        let hint = rest.iter().find_map(|line| line.strip_prefix("hint: "));
        return (message.strip_prefix("jamey-runtime: ").map(str::to_owned), hint.map(str::to_owned));
    }
    let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n");
    ((!last.is_empty()).then_some(last), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtimes_own_message_and_hint_are_passed_on() {
        let text = "noise\njamey-runtime: old\nhint: old\njamey-runtime: the disk is full\n  hint: free some space\n";
        let (message, hint) = last_words(text);
        assert_eq!(message.as_deref(), Some("the disk is full"));
        assert_eq!(hint.as_deref(), Some("free some space"));
    }

    #[test]
    fn without_a_message_the_last_lines_are_shown() {
        assert_eq!(last_words("1\n2\n\n3\n4\n5\n6\n").0.as_deref(), Some("2\n3\n4\n5\n6"));
        assert_eq!(last_words(" \n"), (None, None));
    }
}

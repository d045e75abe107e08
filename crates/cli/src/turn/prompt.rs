//! Makes one prompt of words and standard input, and reads the files that go along with it.

use std::{
    fs::File,
    io::{IsTerminal as _, Read, stdin},
    path::{Path, PathBuf},
};

use jamey_protocol::{ApiError, ErrorCode};
use serde_json::Value;

use crate::render;

/// The most that one prompt may hold, standard input included.
pub const LARGEST: usize = 10_000_000;
/// The largest schema; the runtime takes no larger one.
const LARGEST_SCHEMA: usize = 256 * 1024;
/// The largest file that goes along.
const LARGEST_FILE: usize = 20 * 1024 * 1024;
/// After so long without anything on standard input, the person is told what is waited for.
#[cfg(unix)]
const WORD_AFTER: rustix::event::Timespec = rustix::event::Timespec { tv_sec: 2, tv_nsec: 0 };

/// Where a prompt comes from.
#[derive(Debug)]
pub struct Prompt<'a> {
    pub words: &'a [String],
    pub files: &'a [PathBuf],
    pub quiet: bool,
}

/// What is said with one op.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    /// Files that go along, by name.
    pub files: Vec<(String, Vec<u8>)>,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, files: Vec::new() }
    }
}

/// Puts a prompt together. Standard input is read to its end unless it is a terminal.
pub fn compose(prompt: &Prompt<'_>) -> Result<Said, ApiError> {
    let words = prompt.words.join(" ");
    let piped =
        if stdin().is_terminal() { None } else { Some(read_stdin(prompt.quiet || words.is_empty())?) };
    let mut parts = Vec::new();
    if !words.trim().is_empty() {
        parts.push(words);
    }
    if let Some(text) = piped.filter(|text| !text.trim().is_empty()) {
        // Alone it is the prompt; next to words it is what they speak of.
        parts.push(if parts.is_empty() { text } else { wrapped("input", "standard input", &text) });
    }
    let whole = parts.join("\n\n");
    let files = prompt.files.iter().map(|path| read_file(path)).collect::<Result<Vec<_>, _>>()?;
    match whole.len() {
        0 if files.is_empty() => Err(ApiError::new(ErrorCode::BadRequest, "there is no prompt")
            .hint("say what to ask: jamey ask \"…\", or pipe it in")),
        size if size > LARGEST => Err(too_large("the prompt", LARGEST)),
        _ => Ok(Said { text: whole, files }),
    }
}

fn wrapped(tag: &str, name: &str, text: &str) -> String {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("<{tag} name=\"{name}\">\n{text}{end}</{tag}>")
}

/// Reads a file that goes along. What it is, and whether a model can be given it, is for the runtime to find.
fn read_file(path: &Path) -> Result<(String, Vec<u8>), ApiError> {
    let name = format!("the file {}", path.display());
    let cannot = |error: std::io::Error| {
        ApiError::new(ErrorCode::BadRequest, format!("{name} cannot be read: {error}"))
            .hint("check the path after --file")
    };
    let bytes = read_bounded(File::open(path).map_err(cannot)?, LARGEST_FILE, &name)?;
    let last = path.file_name().unwrap_or(path.as_os_str());
    Ok((last.to_string_lossy().into_owned(), bytes))
}

/// Reads the JSON schema that the answer is to follow.
pub fn read_schema(path: &Path) -> Result<Value, ApiError> {
    let name = format!("the schema {}", path.display());
    let wrong = |why: String| {
        ApiError::new(ErrorCode::BadRequest, format!("{name} {why}")).hint(
            "write a JSON schema that is an object, such as {\"type\": \"object\", \"properties\": {…}}",
        )
    };
    let file = File::open(path).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("{name} cannot be read: {error}"))
            .hint("check the path after --schema")
    })?;
    let schema: Value = serde_json::from_slice(&read_bounded(file, LARGEST_SCHEMA, &name)?)
        .map_err(|error| wrong(format!("is no JSON: {error}")))?;
    if schema.is_object() { Ok(schema) } else { Err(wrong("is JSON but no object".to_owned())) }
}

fn read_stdin(quiet: bool) -> Result<String, ApiError> {
    let name = "standard input";
    if !quiet && !has_begun() {
        render::note("waiting for standard input to end (close it, or add </dev/null)");
    }
    text(read_bounded(stdin().lock(), LARGEST, name)?, name)
}

/// Waits a moment for the first byte, or the end, of standard input.
#[cfg(unix)]
fn has_begun() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = stdin();
    // Any trouble shows when it is read.
    poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&WORD_AFTER)) != Ok(0)
}

#[cfg(not(unix))]
fn has_begun() -> bool {
    true
}

fn read_bounded(from: impl Read, most: usize, name: &str) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ApiError::new(ErrorCode::BadRequest, format!("{name} cannot be read: {error}")))?;
    if bytes.len() > most { Err(too_large(name, most)) } else { Ok(bytes) }
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, ApiError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        ApiError::new(ErrorCode::BadRequest, format!("{name} is not UTF-8 text (byte {at} is none)"))
            .hint("convert it first, for instance with iconv, or let the model read the file with a tool")
    })
}

fn too_large(name: &str, most: usize) -> ApiError {
    ApiError::new(ErrorCode::TooLarge, format!("{name} is larger than {} MB", most / 1_000_000))
        .hint("send less, or name the file and let the model read parts of it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_or_no_text_is_refused_with_the_reason() {
        let error = read_bounded(std::io::repeat(b'x'), LARGEST, "it").unwrap_err();
        assert_eq!(error.code, ErrorCode::TooLarge);
        assert_eq!(read_bounded(std::io::repeat(b'x').take(9), 9, "it").unwrap().len(), 9);
        let error = text(b"ab\xffc".to_vec(), "it").unwrap_err();
        assert!(error.message.contains("byte 2"), "{error}");
    }

    #[test]
    fn a_schema_is_an_object_of_json_and_what_else_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for (text, wrong) in
            [("{\"type\": \"object\"}", None), ("{", Some("no JSON")), ("[]", Some("no object"))]
        {
            std::fs::write(&path, text).unwrap();
            let read = read_schema(&path).map(|_| ()).map_err(|error| error.message);
            assert_eq!(read.is_ok(), wrong.is_none(), "{text}");
            assert!(read.err().unwrap_or_default().contains(wrong.unwrap_or_default()), "{text}");
        }
        assert!(read_schema(&folder.path().join("none")).unwrap_err().hint.unwrap().contains("--schema"));
    }

    #[test]
    fn a_file_goes_along_under_its_last_name_and_a_folder_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.txt");
        std::fs::write(&path, "alpha").unwrap();
        assert_eq!(read_file(&path).unwrap(), ("a.txt".to_owned(), b"alpha".to_vec()));
        assert_eq!(read_file(temp.path()).unwrap_err().code, ErrorCode::BadRequest);
        assert_eq!(read_file(&temp.path().join("none")).unwrap_err().code, ErrorCode::BadRequest);
    }
}

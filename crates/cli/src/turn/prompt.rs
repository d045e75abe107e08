//! Makes one prompt of words, files and standard input.

use std::{
    fs::File,
    io::{IsTerminal as _, Read, stdin},
    path::{Path, PathBuf},
};

use jamey_protocol::{ApiError, ErrorCode};

use crate::render;

/// The most that one prompt may hold, files and standard input included.
pub const LARGEST: usize = 10_000_000;
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

/// Puts a prompt together. Standard input is read to its end unless it is a terminal.
pub fn compose(prompt: &Prompt<'_>) -> Result<String, ApiError> {
    let words = prompt.words.join(" ");
    let piped =
        if stdin().is_terminal() { None } else { Some(read_stdin(prompt.quiet || words.is_empty())?) };
    let mut parts = Vec::new();
    if !words.trim().is_empty() {
        parts.push(words);
    }
    for file in prompt.files {
        parts.push(wrapped("file", &file.display().to_string(), &read_file(file)?));
    }
    if let Some(text) = piped.filter(|text| !text.trim().is_empty()) {
        // Alone it is the prompt; next to words it is what they speak of.
        parts.push(if parts.is_empty() { text } else { wrapped("input", "standard input", &text) });
    }
    let whole = parts.join("\n\n");
    match whole.len() {
        0 => Err(ApiError::new(ErrorCode::BadRequest, "there is no prompt")
            .hint("say what to ask: jamey ask \"…\", or pipe it in")),
        size if size > LARGEST => Err(too_large("the prompt")),
        _ => Ok(whole),
    }
}

fn wrapped(tag: &str, name: &str, text: &str) -> String {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("<{tag} name=\"{name}\">\n{text}{end}</{tag}>")
}

fn read_file(path: &Path) -> Result<String, ApiError> {
    let name = format!("the file {}", path.display());
    let cannot = |error: std::io::Error| {
        ApiError::new(ErrorCode::BadRequest, format!("{name} cannot be read: {error}"))
            .hint("check the path after --file")
    };
    text(read_bounded(File::open(path).map_err(cannot)?, &name)?, &name)
}

fn read_stdin(quiet: bool) -> Result<String, ApiError> {
    let name = "standard input";
    if !quiet && !has_begun() {
        render::note("waiting for standard input to end (close it, or add </dev/null)");
    }
    text(read_bounded(stdin().lock(), name)?, name)
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

fn read_bounded(from: impl Read, name: &str) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    from.take(LARGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ApiError::new(ErrorCode::BadRequest, format!("{name} cannot be read: {error}")))?;
    if bytes.len() > LARGEST { Err(too_large(name)) } else { Ok(bytes) }
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, ApiError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        ApiError::new(ErrorCode::BadRequest, format!("{name} is not UTF-8 text (byte {at} is none)"))
            .hint("convert it first, for instance with iconv, or let the model read the file with a tool")
    })
}

fn too_large(name: &str) -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        format!("{name} is larger than the {} MB that a prompt may hold", LARGEST / 1_000_000),
    )
    .hint("send less, or name the file and let the model read parts of it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_or_no_text_is_refused_with_the_reason() {
        let error = read_bounded(std::io::repeat(b'x'), "it").unwrap_err();
        assert_eq!(error.code, ErrorCode::TooLarge);
        assert_eq!(read_bounded(std::io::repeat(b'x').take(LARGEST as u64), "it").unwrap().len(), LARGEST);
        let error = text(b"ab\xffc".to_vec(), "it").unwrap_err();
        assert!(error.message.contains("byte 2"), "{error}");
    }

    #[test]
    fn a_file_is_wrapped_with_its_name_and_a_folder_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.txt");
        std::fs::write(&path, "alpha").unwrap();
        assert_eq!(
            wrapped("file", "a.txt", &read_file(&path).unwrap()),
            "<file name=\"a.txt\">\nalpha\n</file>"
        );
        assert_eq!(read_file(temp.path()).unwrap_err().code, ErrorCode::BadRequest);
        assert_eq!(read_file(&temp.path().join("none")).unwrap_err().code, ErrorCode::BadRequest);
    }
}

//! `jamey config edit`: the person's own editor, and a look at what came of it. The file is edited where
//! it lies, so that an editor finds the schema beside it; a fault does no harm meanwhile, since the last
//! good configuration stays in force.

use std::{
    io::{self, Write as _},
    path::Path,
    process::Command,
};

use jamey_protocol::{ApiError, ErrorCode};

use crate::{exit, link::Link, offline, render};

/// What is tried when no variable names an editor.
const CUSTOMARY: &[&str] = if cfg!(windows) { &["notepad"] } else { &["nano", "vim", "vi"] };

pub fn run(link: &Link) -> Result<u8, ApiError> {
    // Made with a comment for every key if there is none.
    if !link.folders.runtime_toml().exists() {
        offline::view()?;
    }
    let path = link.folders.runtime_toml();
    let before = read(&path)?;
    loop {
        open(&path)?;
        let checked = offline::check()?;
        for warning in &checked.warnings {
            render::note(warning);
        }
        let Some(fault) = checked.fault else {
            let is_same = read(&path)? == before;
            render::note(if is_same {
                "nothing was changed"
            } else {
                "the configuration is in order and holds"
            });
            return Ok(exit::DONE);
        };
        render::note(&fault);
        match ask()? {
            Next::Again => {}
            Next::Back => {
                put_back(&path, &before)?;
                render::note("the file is as it was before");
                return Ok(exit::DONE);
            }
            Next::Keep => {
                render::note(
                    "the file stays as it is; the last good configuration holds until it is put right",
                );
                return Ok(exit::CONFIG);
            }
        }
    }
}

enum Next {
    Again,
    Back,
    Keep,
}

/// Without an answer the file is kept: what somebody wrote is not thrown away.
fn ask() -> Result<Next, ApiError> {
    let failed =
        |error: io::Error| ApiError::new(ErrorCode::Internal, format!("nobody can be asked: {error}"));
    loop {
        let mut err = io::stderr();
        write!(err, "[e]dit again, go [b]ack to what it was, or [k]eep it? ").map_err(failed)?;
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer).map_err(failed)?;
        match answer.trim().to_lowercase().as_str() {
            "e" | "edit" => return Ok(Next::Again),
            "b" | "back" => return Ok(Next::Back),
            "k" | "keep" => return Ok(Next::Keep),
            _ if read == 0 => {
                let _ = writeln!(err);
                return Ok(Next::Keep);
            }
            _ => {}
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ApiError> {
    std::fs::read(path).map_err(|error| {
        ApiError::new(ErrorCode::Config, format!("{} cannot be read: {error}", path.display()))
            .hint("check the folder's permissions")
    })
}

/// In place, so that a link stays a link and the mode what it was.
fn put_back(path: &Path, before: &[u8]) -> Result<(), ApiError> {
    std::fs::write(path, before).map_err(|error| {
        ApiError::new(ErrorCode::Storage, format!("{} cannot be written: {error}", path.display()))
            .hint("check the free space; a good copy is runtime.toml.last-good in the data folder")
    })
}

/// Runs the editor and waits until it is closed.
fn open(path: &Path) -> Result<(), ApiError> {
    let named = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().map(|text| words(&text)).filter(|words| !words.is_empty()));
    let is_asked_for = named.is_some();
    let tried = named
        .map_or_else(|| CUSTOMARY.iter().map(|name| vec![(*name).to_owned()]).collect(), |one| vec![one]);
    for words in &tried {
        let Some((program, arguments)) = words.split_first() else { continue };
        match Command::new(program).args(arguments).arg(path).status() {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => {
                return Err(ApiError::new(
                    ErrorCode::Config,
                    format!("the editor {program} ended with {status}"),
                )
                .hint(format!("the file is {}", path.display())));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_asked_for => {}
            Err(error) => {
                return Err(ApiError::new(
                    ErrorCode::Config,
                    format!("the editor {program} cannot be run: {error}"),
                )
                .hint("set VISUAL or EDITOR to your editor, such as: export EDITOR='code --wait'"));
            }
        }
    }
    Err(ApiError::new(ErrorCode::Config, "no editor was found")
        .hint(format!("set VISUAL or EDITOR, or open {} yourself", path.display())))
}

/// The words of a command: by spaces, quotes of both kinds keep together. A backslash is no escape: on
/// Windows it stands in every path.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn an_editor_may_have_arguments_and_spaces_in_its_path() {
        assert_eq!(words("code --wait"), ["code", "--wait"]);
        assert_eq!(words(r#""C:\Program Files\Ed\ed.exe" -n ''"#), [r"C:\Program Files\Ed\ed.exe", "-n", ""]);
        assert_eq!(words("  vi\t"), ["vi"]);
        assert!(words("  ").is_empty());
    }
}

//! Commands inside a chat: a line that begins with a slash and a letter.

use jamey_ipc::client::SessionQuery;
use jamey_protocol::{ApiError, ErrorCode, PatchSession, Settings};

use super::{super::sessions, Chat};
use crate::{
    args::{MODES, mode_name, mode_named},
    exit, lookup,
    render::{self, ago, clean},
};

const HELP: &str = "\
/new              begin another session
/sessions         list the sessions of this folder
/switch N|NAME    go on with another session
/model [NAME]     show or choose the model
/mode [MODE]      show or choose how much may happen without asking
/compact [WORDS]  sum up what was said, for the model; WORDS say what it must keep
/help             this
/quit             leave (also Ctrl-D)

A line that ends with \\ goes on; Alt+Enter begins another line. Ctrl-C stops a running turn.";

/// How many sessions are listed.
const LISTED: u32 = 10;

/// What comes after a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next line; this one ended with that exit code.
    Go(u8),
    /// Nothing.
    Leave,
}

/// A slash command with what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash<'a> {
    name: &'a str,
    rest: &'a str,
}

/// Reads a slash command; nothing if the line is a prompt. A path such as /etc/hosts is a prompt.
pub fn parse(line: &str) -> Option<Slash<'_>> {
    let line = line.trim();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let name = name.strip_prefix('/')?;
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
    is_word.then(|| Slash { name, rest: rest.trim() })
}

pub fn run(chat: &mut Chat<'_>, slash: Slash<'_>) -> Result<Next, ApiError> {
    match (slash.name, slash.rest) {
        ("quit" | "exit" | "q", "") => return Ok(Next::Leave),
        ("help", "") => render::say(&chat.style.dim(HELP)),
        ("new", "") => {
            chat.session = None;
            say(chat, "the next prompt begins another session");
        }
        ("sessions", "") => list(chat)?,
        ("switch", wanted) if !wanted.is_empty() => switch(chat, wanted)?,
        ("model", "") => {
            let model = chat.executor.block_on(chat.model());
            say(chat, &model.unwrap_or_else(|| "the runtime chooses (see: jamey models)".to_owned()));
        }
        ("model", model) => choose_model(chat, model)?,
        ("mode", "") => {
            let of_session = chat.session.as_ref().and_then(|session| session.settings.mode);
            say(chat, mode_name(chat.settings.mode.or(of_session).unwrap_or_default()));
        }
        ("compact", keep) => return chat.compact(keep).map(Next::Go),
        ("mode", word) => {
            chat.settings.mode = Some(mode_named(word).ok_or_else(|| {
                let known = MODES.map(|(name, _)| name).join(", ");
                ApiError::new(ErrorCode::BadRequest, format!("\"{word}\" is no mode"))
                    .hint(format!("choose one of {known}"))
            })?);
            say(chat, &format!("from here on: {word}"));
        }
        (name, _) => {
            return Err(ApiError::new(ErrorCode::BadRequest, format!("/{name} is not understood"))
                .hint("/help lists what is"));
        }
    }
    Ok(Next::Go(exit::DONE))
}

fn say(chat: &Chat<'_>, words: &str) {
    render::say(&chat.style.dim(&clean(words)));
}

fn list(chat: &mut Chat<'_>) -> Result<(), ApiError> {
    let query = SessionQuery {
        cwd: Some(chat.folder.to_string_lossy().into_owned()),
        limit: Some(LISTED),
        after: None,
    };
    chat.listed = chat.executor.block_on(chat.client.sessions(&query))?.data;
    if chat.listed.is_empty() {
        say(chat, "there is none in this folder yet");
    }
    for (place, session) in chat.listed.iter().enumerate() {
        let here = chat.session.as_ref().is_some_and(|current| current.id == session.id);
        let mark = if here { '*' } else { ' ' };
        let about: String = sessions::about(session).replace('\n', " ").chars().take(60).collect();
        say(chat, &format!("{mark}{:>2}  {:<12} {about}", place + 1, ago(session.updated_at)));
    }
    Ok(())
}

fn switch(chat: &mut Chat<'_>, wanted: &str) -> Result<(), ApiError> {
    let listed = wanted.parse::<usize>().ok().and_then(|place| chat.listed.get(place.checked_sub(1)?));
    let session = match listed {
        Some(session) => chat.executor.block_on(chat.client.session(session.id))?,
        None => chat.executor.block_on(lookup::session(&chat.client, wanted))?,
    };
    say(chat, &format!("going on with: {}", sessions::about(&session)));
    chat.session = Some(session);
    Ok(())
}

fn choose_model(chat: &mut Chat<'_>, model: &str) -> Result<(), ApiError> {
    if let Some(session) = &mut chat.session {
        let settings = Settings { model: Some(model.to_owned()), ..Settings::default() };
        let patch = PatchSession { name: None, settings: Some(settings) };
        *session = chat.executor.block_on(chat.client.patch_session(session.id, &patch))?;
    }
    chat.settings.model = Some(model.to_owned());
    say(chat, &format!("from here on: {model}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_words_and_paths_are_prompts() {
        assert_eq!(parse(" /model a/b "), Some(Slash { name: "model", rest: "a/b" }));
        assert_eq!(parse("/quit"), Some(Slash { name: "quit", rest: "" }));
        for prompt in ["/etc/hosts has what?", "/", "/ a", "//", "what is /help", "/Users"] {
            assert_eq!(parse(prompt), None, "{prompt}");
        }
    }
}

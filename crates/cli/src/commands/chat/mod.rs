//! `jamey chat`: a session in the terminal, line by line.

mod editor;
mod slash;

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    path::PathBuf,
};

use jamey_ipc::Client;
use jamey_protocol::{ApiError, CreateSession, ErrorCode, Session, SessionId, Settings};
use tokio::runtime::Runtime;

use super::{ask, executor, sessions};
use crate::{
    approve,
    args::{ChatArgs, TurnArgs},
    exit,
    link::{Link, working_folder},
    lookup,
    render::{self, Style, clean},
    turn::{self, Approver, Begun, Face, Interrupts, OnTerminate, Place, TextFace},
};

use editor::{Editor, Read};
use slash::Next;

/// Everything that a chat knows between two prompts.
struct Chat<'a> {
    link: &'a Link,
    executor: &'a Runtime,
    client: Client,
    folder: PathBuf,
    /// Absent until the first prompt: an empty session is not kept.
    session: Option<Session>,
    /// What holds for every turn from here.
    settings: Settings,
    style: Style,
    /// The sessions that were listed last, to be named by their number.
    listed: Vec<Session>,
}

pub fn run(link: &Link, args: &ChatArgs) -> Result<u8, ApiError> {
    check(&args.turn)?;
    let folder = working_folder(args.turn.cwd.as_deref())?;
    let executor = executor()?;
    let code = talk(link, args, folder, &executor);
    executor.shutdown_background();
    code
}

fn talk(link: &Link, args: &ChatArgs, folder: PathBuf, executor: &Runtime) -> Result<u8, ApiError> {
    let (client, session) = executor.block_on(async {
        let client = link.reach().await?;
        let session = match (&args.turn.session, args.turn.continue_last) {
            (Some(wanted), _) => Some(lookup::session(&client, wanted).await?),
            (None, true) => Some(lookup::last_of(&client, &folder).await?),
            (None, false) => None,
        };
        Ok::<_, ApiError>((client, session))
    })?;
    let mut chat = Chat {
        link,
        executor,
        client,
        folder,
        session,
        settings: args.turn.settings(),
        style: Style::detect(),
        listed: Vec::new(),
    };
    if io::stdin().is_terminal() { chat.interactive() } else { chat.piped() }
}

fn check(args: &TurnArgs) -> Result<(), ApiError> {
    let wrong = if args.output.is_some() {
        "--output"
    } else if !args.files.is_empty() {
        "--file"
    } else if args.schema.is_some() {
        "--schema"
    } else {
        return Ok(());
    };
    Err(ApiError::new(ErrorCode::BadRequest, format!("{wrong} belongs to one prompt, not to a chat"))
        .hint("use it with: jamey ask"))
}

impl Chat<'_> {
    /// A person types.
    fn interactive(&mut self) -> Result<u8, ApiError> {
        let mut editor = Editor::open(&self.link.folders, self.style)?;
        self.greet();
        loop {
            match editor.read()? {
                Read::Line(line) if line.trim().is_empty() => {}
                Read::Line(line) => {
                    if let Next::Leave = self.take(&line).unwrap_or_else(|error| {
                        render::explain(&error);
                        Next::Go(exit::FAILED)
                    }) {
                        return Ok(exit::DONE);
                    }
                    render::say("");
                }
                Read::Leave => return Ok(exit::DONE),
            }
        }
    }

    /// Each line of standard input is a prompt. The exit code is that of the last one that failed.
    fn piped(&mut self) -> Result<u8, ApiError> {
        let mut code = exit::DONE;
        for line in io::stdin().lock().lines() {
            let line = line.map_err(|error| {
                ApiError::new(ErrorCode::BadRequest, format!("standard input cannot be read: {error}"))
                    .hint("each line must be UTF-8 text")
            })?;
            if line.trim().is_empty() {
                continue;
            }
            match self.take(&line) {
                Ok(Next::Leave) => break,
                Ok(Next::Go(exit::DONE)) => {}
                Ok(Next::Go(failed)) => code = failed,
                // Without a runtime every further line would fail the same way.
                Err(error) if error.code == ErrorCode::Unreachable => return Err(error),
                Err(error) => {
                    render::explain(&error);
                    code = exit::of_error(error.code);
                }
            }
        }
        Ok(code)
    }

    fn take(&mut self, line: &str) -> Result<Next, ApiError> {
        match slash::parse(line) {
            Some(command) => slash::run(self, command),
            None => self.prompt(line.to_owned()).map(Next::Go),
        }
    }

    /// One turn.
    fn prompt(&mut self, text: String) -> Result<u8, ApiError> {
        if self.style.shares_terminal && io::stdin().is_terminal() {
            render::print("\n");
        }
        let place = self.executor.block_on(self.place())?;
        let (session, settings) = (place.session(), self.settings.clone());
        self.drive(session, async |client| turn::begin(client, place, text.into(), settings).await)
    }

    /// The turn that sums up what was said.
    fn compact(&mut self, keep: &str) -> Result<u8, ApiError> {
        match self.executor.block_on(self.place())? {
            Place::New(..) => {
                render::say(&self.style.dim("there is nothing to sum up yet"));
                Ok(exit::DONE)
            }
            Place::Known(session) => {
                self.drive(session.id, async |client| turn::begin_summary(client, &session, keep).await)
            }
        }
    }

    /// Shows a turn of a session from its beginning to its end.
    fn drive(
        &mut self,
        session: SessionId,
        begin: impl AsyncFnOnce(&Client) -> Result<Begun, ApiError>,
    ) -> Result<u8, ApiError> {
        let mut face = TextFace::new(&self.link.globals).map(Face::Text).map_err(|error| {
            ApiError::new(ErrorCode::Storage, format!("standard output cannot be used: {error}"))
        })?;
        let approver = if approve::is_possible() { Approver::Terminal } else { Approver::Nobody };
        let (client, quiet) = (self.client.clone(), self.link.globals.quiet);
        let ended = self.executor.block_on(async {
            let interrupts = Interrupts::watch(&client, session, OnTerminate::Leave, quiet);
            let begun = begin(&client).await?;
            turn::drive(begun, &mut face, approver, &interrupts).await
        });
        // The session may have been made even if its turn failed to begin.
        if self.session.is_none() {
            self.session = self.executor.block_on(client.session(session)).ok();
        }
        let Some(ended) = ended? else { return Ok(exit::DONE) };
        if let Some(session) = &mut self.session {
            session.head = ended.head;
        }
        Ok(ask::tell(&ended))
    }

    /// Where the next turn takes place: the session as it is now, through a runtime that may have
    /// been restarted meanwhile.
    async fn place(&mut self) -> Result<Place, ApiError> {
        let Some(known) = &self.session else {
            let lasting =
                Settings { mode: None, max_turns: None, max_seconds: None, ..self.settings.clone() };
            let request = CreateSession { id: None, name: None, cwd: self.folder.clone(), settings: lasting };
            // Asked first, so that a runtime that is gone is started again.
            if self.client.hello().await.is_err() {
                self.client = self.link.reach().await?;
            }
            return Ok(Place::New(SessionId::new(), Box::new(request)));
        };
        let now = match self.client.session(known.id).await {
            Err(error) if error.code == ErrorCode::Unreachable => {
                self.client = self.link.reach().await?;
                self.client.session(known.id).await?
            }
            other => other?,
        };
        if now.head > known.head && !self.link.globals.quiet {
            let id = lookup::short(now.id);
            let words = format!("(this session went on elsewhere; read it with: jamey sessions show {id})");
            render::say(&self.style.dim(&words));
        }
        self.session = Some(now.clone());
        Ok(Place::Known(Box::new(now)))
    }

    fn greet(&self) {
        if self.link.globals.quiet {
            return;
        }
        let folder = std::env::home_dir()
            .and_then(|home| Some(format!("~/{}", self.folder.strip_prefix(home).ok()?.display())))
            .unwrap_or_else(|| self.folder.display().to_string());
        let model = self.executor.block_on(self.model());
        let name = self.style.bold("Jamey");
        let rest = format!(
            " {}{}  {}",
            env!("CARGO_PKG_VERSION"),
            model.map(|model| format!("  {model}")).unwrap_or_default(),
            folder.trim_end_matches('/')
        );
        render::say(&format!("{name}{}", self.style.dim(&clean(&rest))));
        render::say(&self.style.dim("/help for commands, \\ or Alt+Enter for another line, Ctrl-D to leave"));
        if let Some(session) = &self.session {
            let words = format!("going on with: {}", sessions::about(session));
            render::say(&self.style.dim(&clean(&words)));
        }
        render::say("");
    }

    /// The model that the next turn uses, as far as it is known without asking a vendor.
    async fn model(&self) -> Option<String> {
        let of_session = self.session.as_ref().and_then(|session| session.settings.model.clone());
        if let Some(model) = self.settings.model.clone().or(of_session) {
            return Some(model);
        }
        let config = self.client.config().await.ok()?;
        let model = config.values.get("models")?.get("default")?.as_str()?;
        (!model.is_empty()).then(|| model.to_owned())
    }
}

//! `jamey ask`: one prompt, one answer.

use jamey_ipc::Client;
use jamey_protocol::{ApiError, CreateSession, ErrorCode, Outcome, SessionId, Settings};
use serde_json::Value;

use super::wait_for;
use crate::{
    approve,
    args::{AskArgs, Output, TurnArgs},
    exit,
    link::{Link, working_folder},
    lookup,
    render::{self, clean, visible},
    turn::{
        self, Approver, Ended, Face, Interrupts, JsonFace, OnTerminate, Place, Prompt, Said, StreamFace,
        TextFace,
    },
};

pub fn run(link: &Link, ask: &AskArgs) -> Result<u8, ApiError> {
    let prompt = Prompt { words: &ask.words, files: &ask.turn.files, quiet: link.globals.quiet };
    let schema = ask.turn.schema.as_deref().map(turn::read_schema).transpose()?;
    let said = turn::compose(&prompt)?;
    let format = ask.turn.output.unwrap_or(if link.globals.json { Output::Json } else { Output::Text });
    wait_for(answer(link, &ask.turn, schema, said, format))
}

async fn answer(
    link: &Link,
    args: &TurnArgs,
    schema: Option<Value>,
    said: Said,
    format: Output,
) -> Result<u8, ApiError> {
    let folder = working_folder(args.cwd.as_deref())?;
    let client = link.reach().await?;
    let (place, settings) = place(&client, args, folder).await?;
    let settings = Settings { schema, ..settings };
    let mut face = match format {
        Output::Text => TextFace::new(&link.globals).map(Face::Text),
        Output::Json => Ok(Face::Json(JsonFace::default())),
        Output::StreamJson => StreamFace::new().map(Face::Stream),
    }
    .map_err(|error| ApiError::new(ErrorCode::Storage, format!("standard output cannot be used: {error}")))?;
    let approver = if approve::is_possible() { Approver::Terminal } else { Approver::Nobody };
    let session = place.session();
    let interrupts = Interrupts::watch(&client, session, OnTerminate::StopTurn, link.globals.quiet);
    let begun = turn::begin(&client, place, said, settings).await?;
    let id = begun.turn;
    let Some(ended) = turn::drive(begun, &mut face, approver, &interrupts).await? else {
        return Ok(exit::DONE);
    };
    match &face {
        Face::Json(face) => render::print_json(&face.whole(session, id, &ended.outcome)),
        Face::Text(face) if link.globals.verbose => {
            let usage = face.usage();
            let (session, input, output) = (lookup::short(session), usage.input, usage.output);
            render::note(&format!("session {session}, {input} tokens in, {output} out"));
        }
        Face::Text(_) | Face::Stream(_) => {}
    }
    Ok(tell(&ended))
}

/// Where the turn takes place and what holds for it. What a new session is told to be, it stays;
/// how much it may do and for how long is said again each time.
pub async fn place(
    client: &Client,
    args: &TurnArgs,
    folder: std::path::PathBuf,
) -> Result<(Place, Settings), ApiError> {
    let settings = args.settings();
    if let Some(wanted) = &args.session {
        return Ok((Place::Known(Box::new(lookup::session(client, wanted).await?)), settings));
    }
    if args.continue_last {
        return Ok((Place::Known(Box::new(lookup::last_of(client, &folder).await?)), settings));
    }
    let passing = Settings { model: None, tools: None, system: None, ..settings.clone() };
    let lasting = Settings { mode: None, max_turns: None, max_seconds: None, ..settings };
    let request = CreateSession { id: None, name: None, cwd: folder, settings: lasting };
    Ok((Place::New(SessionId::new(), Box::new(request)), passing))
}

/// Says how the turn ended, unless it just gave its answer, and gives the exit code.
pub fn tell(ended: &Ended) -> u8 {
    if let Some((approval, call)) = &ended.refused {
        render::note("approval is needed, and nobody is here to give it");
        let question = visible(&approval.question);
        let tool = call.as_ref().map(|call| call.tool.as_str()).unwrap_or_default();
        render::say(&format!("  {} {}", clean(tool), question.replace('\n', "\n  ")));
        render::say("hint: run it in a terminal (jamey chat), or allow everything with --mode full");
        return exit::APPROVAL;
    }
    match &ended.outcome {
        Outcome::Completed => exit::DONE,
        Outcome::Interrupted { .. } if ended.interrupted => exit::INTERRUPTED,
        Outcome::Interrupted { reason } => {
            render::note(&format!("the turn was interrupted: {reason}"));
            exit::of_outcome(&ended.outcome)
        }
        Outcome::Failed { error } => {
            render::explain(error);
            exit::of_outcome(&ended.outcome)
        }
    }
}

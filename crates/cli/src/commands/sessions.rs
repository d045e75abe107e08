//! `jamey sessions`: what was said before.

use std::fmt::Write as _;

use jamey_ipc::{Client, client::SessionQuery};
use jamey_protocol::{ApiError, Item, ItemBody, PatchSession, Session, SessionStatus, route::Hit};
use serde_json::json;

use super::{confirm, wait_for};
use crate::{
    args::SessionsCommand,
    exit,
    link::{Link, working_folder},
    lookup,
    render::{self, ago, clean, finished, started, table},
};

/// The most that one page holds.
const LARGEST_PAGE: u32 = 1000;

pub fn run(link: &Link, command: SessionsCommand) -> Result<u8, ApiError> {
    wait_for(async {
        match command {
            SessionsCommand::List { here, limit } => list(link, here, limit).await,
            SessionsCommand::Show { session } => show(link, &session).await,
            SessionsCommand::Search { words, limit } => search(link, &words.join(" "), limit).await,
            SessionsCommand::Rename { session, name } => rename(link, &session, name).await,
            SessionsCommand::Delete { session, yes } => delete(link, &session, yes).await,
            SessionsCommand::Export { session } => export(link, &session).await,
        }
    })?;
    Ok(exit::DONE)
}

async fn list(link: &Link, here: bool, limit: u32) -> Result<(), ApiError> {
    let cwd = if here { Some(working_folder(None)?.to_string_lossy().into_owned()) } else { None };
    let client = link.reach().await?;
    let query = SessionQuery { cwd, limit: Some(limit.min(LARGEST_PAGE)), after: None };
    let page = client.sessions(&query).await?;
    if link.globals.json {
        render::print_json(&page);
        return Ok(());
    }
    if page.data.is_empty() {
        render::note("there is no session yet; begin one with: jamey");
        return Ok(());
    }
    render::print(&listed(&page.data));
    if page.next.is_some() && !link.globals.quiet {
        render::note(&format!("these are the newest {limit}; -n shows more"));
    }
    Ok(())
}

fn listed(sessions: &[Session]) -> String {
    let rows: Vec<_> = sessions.iter().map(row).collect();
    table(["SESSION", "USED", "STATE", "FOLDER", "ABOUT"], &rows)
}

fn row(session: &Session) -> [String; 5] {
    [
        lookup::short(session.id),
        ago(session.updated_at),
        match session.status {
            SessionStatus::Idle => "",
            SessionStatus::Running => "running",
            SessionStatus::Waiting => "waiting",
        }
        .to_owned(),
        session.cwd.display().to_string(),
        about(session),
    ]
}

/// A session's name and what it began with, as far as there is any.
pub fn about(session: &Session) -> String {
    match (&session.name, &session.title) {
        (Some(name), Some(title)) => format!("{name}: {title}"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => "(empty)".to_owned(),
    }
}

async fn show(link: &Link, wanted: &str) -> Result<(), ApiError> {
    let client = link.reach().await?;
    let session = lookup::session(&client, wanted).await?;
    let items = client.all_items(session.id).await?;
    if link.globals.json {
        render::print_json(&json!({ "session": session, "items": items }));
        return Ok(());
    }
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{}  {}  {}  {}",
        session.id,
        clean(&about(&session)),
        session.cwd.display(),
        ago(session.updated_at)
    );
    for item in &items {
        out.push_str(&told(item));
    }
    render::print(&out);
    Ok(())
}

/// An item as it is read later.
fn told(item: &Item) -> String {
    match &item.body {
        ItemBody::UserMessage { text, .. } => {
            format!("\n› {}\n", clean(text).trim_end().replace('\n', "\n  "))
        }
        ItemBody::AgentMessage { text, partial, .. } => {
            let end = if *partial { " …(it stopped here)" } else { "" };
            format!("\n{}{end}\n", clean(text).trim_end())
        }
        ItemBody::ToolCall { call } => format!("\n  {}\n    {}\n", started(call), finished(call)),
        ItemBody::Summary { text, .. } => {
            format!("\n(a summary of what came before: {})\n", clean(text).trim_end())
        }
        ItemBody::Reasoning { .. } => String::new(),
    }
}

async fn search(link: &Link, words: &str, limit: u32) -> Result<(), ApiError> {
    let page = link.reach().await?.search(words, Some(limit.min(LARGEST_PAGE))).await?;
    if link.globals.json {
        render::print_json(&page);
        return Ok(());
    }
    if page.data.is_empty() && page.sessions.is_empty() {
        render::note("nothing was found");
        return Ok(());
    }
    let mut out = String::new();
    if !page.sessions.is_empty() {
        out.push_str(&listed(&page.sessions));
    }
    if !page.data.is_empty() {
        if !out.is_empty() {
            out.push('\n');
        }
        let passage = |hit: &Hit| [lookup::short(hit.session), ago(hit.item.at), hit.snippet.clone()];
        let rows: Vec<_> = page.data.iter().map(passage).collect();
        out.push_str(&table(["SESSION", "SAID", "PASSAGE"], &rows));
    }
    render::print(&out);
    Ok(())
}

async fn rename(link: &Link, wanted: &str, name: String) -> Result<(), ApiError> {
    let client = link.reach().await?;
    let session = lookup::session(&client, wanted).await?;
    let patch = PatchSession { name: Some(name), settings: None };
    let session = client.patch_session(session.id, &patch).await?;
    if link.globals.json {
        render::print_json(&session);
    } else if !link.globals.quiet {
        render::note(&format!("{} is now called \"{}\"", session.id, session.name.unwrap_or_default()));
    }
    Ok(())
}

async fn delete(link: &Link, wanted: &str, yes: bool) -> Result<(), ApiError> {
    let client = link.reach().await?;
    let session = lookup::session(&client, wanted).await?;
    let what = format!("{} ({})", session.id, clean(&about(&session)));
    if !yes && !confirm(&format!("delete {what} and everything in it?"))? {
        render::note("nothing was deleted");
        return Ok(());
    }
    client.delete_session(session.id).await?;
    if link.globals.json {
        render::print_json(&json!({ "deleted": session.id }));
    } else if !link.globals.quiet {
        render::note(&format!("deleted {what}"));
    }
    Ok(())
}

/// Prints what is kept of a session at this moment, event by event.
async fn export(link: &Link, wanted: &str) -> Result<(), ApiError> {
    let client: Client = link.reach().await?;
    let session = lookup::session(&client, wanted).await?;
    let mut events = client.follow(session.id, 0);
    while events.last() < session.head {
        let event = events.next().await?;
        if event.seq.is_some() {
            render::print_json(&event);
        }
    }
    Ok(())
}

//! `jamey restore`: a backup in the place of what is there now.
//!
//! The copy is proven before anything ends; what is there is set aside, never deleted; a runtime that ran
//! runs again, with the copy or, if that failed, as before.

use std::{
    io::{self, IsTerminal as _},
    path::Path,
};

use jamey_ipc::launch;
use jamey_protocol::{
    ApiError, ErrorCode,
    backup::{Contents, Restore},
    life::{Manner, Shutdown},
};

use super::{confirm, wait_for};
use crate::{
    args::RestoreArgs,
    exit,
    link::Link,
    offline,
    render::{self, ago, bytes},
};

/// Somebody who dials meanwhile may wake a service up again.
const TRIES: usize = 3;

pub fn run(link: &Link, how: &RestoreArgs) -> Result<u8, ApiError> {
    if link.has_url() {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "an address says nothing about which database is meant",
        )
        .hint("leave --runtime-url (and JAMEY_RUNTIME_URL) away; JAMEY_HOME chooses another one"));
    }
    if how.which.is_none() && !how.newest {
        return Err(ApiError::new(ErrorCode::BadRequest, "say which copy shall be put back")
            .hint("jamey restore --newest, or a name from: jamey backup --list"));
    }
    let plan = offline::look_at_restore(how.which.as_deref())?;
    if !how.yes {
        if !io::stdin().is_terminal() {
            return Err(ApiError::new(
                ErrorCode::ApprovalNeeded,
                format!("{}; nobody is here to say yes", said(&plan)),
            )
            .hint("add --yes"));
        }
        render::note(&said(&plan));
        if !confirm("put the copy in its place? what is there now is set aside and kept")? {
            render::note("nothing was changed");
            return Ok(exit::DONE);
        }
    }
    let done = wait_for(replace(link, Path::new(&plan.copy.path)))?;
    if link.globals.json {
        render::print_json(&done);
    } else if !link.globals.quiet {
        render::note(&format!("restored {}: {}", done.copy.name, told(done.holds)));
        if let Some(aside) = &done.aside {
            render::note(&format!("what was there before lies in {aside}"));
        }
    }
    Ok(exit::DONE)
}

/// Ends the runtime, lets the copy take the database's place, and starts the runtime again if it ran.
async fn replace(link: &Link, copy: &Path) -> Result<Restore, ApiError> {
    let runtime = launch::find_runtime()?;
    let how = Shutdown { manner: Manner::Interrupt, ..Shutdown::default() };
    let mut ran = None;
    let mut tries = 0;
    let done = loop {
        tries += 1;
        ran = launch::end(&link.folders, &how).await?.or(ran);
        match offline::restore(copy) {
            Err(error) if error.code == ErrorCode::Conflict && tries < TRIES => {}
            done => break done,
        }
    };
    let again = match &ran {
        Some(started) => launch::again(&link.folders, &runtime, started, Vec::new()).await.map(drop),
        None => Ok(()),
    };
    let done = done?;
    again.map_err(|error| {
        let message =
            format!("the copy is in place, but the runtime does not start again: {}", error.message);
        ApiError { message, ..error }
    })?;
    if ran.is_some() && !link.globals.quiet && !link.globals.json {
        render::note("the runtime runs again");
    }
    Ok(done)
}

/// What goes and what comes.
fn said(plan: &Restore) -> String {
    let goes = match plan.present {
        Some(present) => format!("now: {}", told(present)),
        None => "now: no database that can be read".to_owned(),
    };
    let made = plan.copy.at.map(|at| format!(", made {}", ago(at))).unwrap_or_default();
    format!("{goes}; the copy {} ({}{made}): {}", plan.copy.name, bytes(plan.copy.bytes), told(plan.holds))
}

fn told(contents: Contents) -> String {
    let sessions = match contents.sessions {
        1 => "1 session".to_owned(),
        many => format!("{many} sessions"),
    };
    match contents.newest {
        Some(at) => format!("{sessions}, last used {}", ago(at)),
        None => sessions,
    }
}

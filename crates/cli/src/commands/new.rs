//! `jamey new`: makes a session.

use jamey_protocol::{ApiError, CreateSession, Settings};

use super::wait_for;
use crate::{
    args::NewArgs,
    exit,
    link::{Link, working_folder},
    render,
};

pub fn run(link: &Link, new: NewArgs) -> Result<u8, ApiError> {
    let cwd = working_folder(new.cwd.as_deref())?;
    let settings = Settings { model: new.model, system: new.system, ..Settings::default() };
    let request = CreateSession { id: None, name: new.name, cwd, settings };
    let session = wait_for(async { link.reach().await?.create_session(request).await })?;
    if link.globals.json {
        render::print_json(&session);
    } else {
        render::print(&format!("{}\n", session.id));
    }
    Ok(exit::DONE)
}

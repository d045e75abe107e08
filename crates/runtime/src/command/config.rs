//! The configuration without a running runtime, for `jamey config`: the same code, the same file, and
//! answers as JSON, which that program shows to people.

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode, config::ConfigView};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    args::{Args, ConfigCommand},
    config::{self, Environment, Live, Paths},
    redact,
};

pub(super) fn run(folders: &Folders, args: &Args, command: &ConfigCommand) -> Result<u8, ApiError> {
    match command {
        ConfigCommand::Check => answer(&check(folders, args)?)?,
        ConfigCommand::View | ConfigCommand::Set { .. } => match viewed(folders, args, command) {
            Ok(view) => answer(&view)?,
            Err(error) => {
                answer(&error)?;
                return Ok(super::exit_code(error.code));
            }
        },
    }
    Ok(0)
}

fn viewed(folders: &Folders, args: &Args, command: &ConfigCommand) -> Result<ConfigView, ApiError> {
    folders.create()?;
    let file = super::start::config_file(args)?;
    let live = Live::open(Paths::of(folders, file), Environment::of_process(), Vec::new());
    let live = live.map_err(|fault| {
        ApiError::new(ErrorCode::Config, fault.to_string()).hint("mend it with: jamey config edit")
    })?;
    let ConfigCommand::Set { key, value } = command else { return Ok(live.view()) };
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.as_str()));
    live.set(key, &value)?;
    let mut view = live.view();
    // All is read at the next start, so only what is stronger is worth a word.
    view.warnings.extend(live.note_of_set(key).filter(|note| note.contains("stronger")));
    Ok(view)
}

/// What is wrong with the file alone.
fn check(folders: &Folders, args: &Args) -> Result<Value, ApiError> {
    let file = super::start::config_file(args)?;
    let path = Paths::of(folders, file).file;
    let read = config::read(&path)
        .and_then(|text| config::parse(&path, text.as_deref().unwrap_or_default()))
        .map(|(_, warnings)| warnings);
    let (fault, warnings) = match read {
        Ok(warnings) => (None, warnings),
        Err(fault) => (Some(redact::text(&fault.to_string()).into_owned()), Vec::new()),
    };
    Ok(json!({ "path": path.display().to_string(), "fault": fault, "warnings": warnings }))
}

pub(super) fn answer(what: &impl Serialize) -> Result<(), ApiError> {
    let text = serde_json::to_string(what);
    println!("{}", text.map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?);
    Ok(())
}

//! Putting a copy in the place of the database, for `jamey restore`: it asks here first what that would
//! do, ends the runtime, and then lets it be done. Answers are JSON, which that program shows to people.

use std::path::Path;

use jamey_ipc::{
    Folders,
    instance::{Lock, LockError},
};
use jamey_protocol::{ApiError, ErrorCode, backup::Restore};

use super::briefly;
use crate::store::{self, StoreError, StorePaths};

pub(super) fn run(folders: &Folders, which: Option<&Path>, apply: bool) -> Result<u8, ApiError> {
    let paths = StorePaths::of(folders);
    let done = briefly(async {
        // Nobody may begin to use the database from here on.
        let lock = if apply { Some(acquire(folders)?) } else { None };
        let mut restore = store::preview(&paths, which).await.map_err(unfit)?;
        if lock.is_some() {
            let aside = store::apply(&paths, Path::new(&restore.copy.path)).await.map_err(unfit)?;
            restore.aside = aside.map(|aside| aside.display().to_string());
        }
        Ok(restore)
    });
    match done {
        Ok(restore) => answer::<Restore>(&restore).map(|()| 0),
        Err(error) => answer(&error).map(|()| super::exit_code(error.code)),
    }
}

fn acquire(folders: &Folders) -> Result<Lock, ApiError> {
    folders.create()?;
    Lock::acquire(folders).map_err(|error| match error {
        LockError::Held(held) => {
            ApiError::new(ErrorCode::Conflict, held.to_string()).hint("end it first: jamey runtime stop")
        }
        LockError::Failed(error) => error,
    })
}

/// What is wrong with a copy, with what a person can do about that; nothing was changed.
fn unfit(error: StoreError) -> ApiError {
    const OTHER: &str = "choose another one: jamey backup --list";
    match &error {
        StoreError::Corrupt { reason } => {
            ApiError::new(ErrorCode::Storage, format!("the copy is damaged ({reason}); nothing was changed"))
                .hint(OTHER)
        }
        StoreError::Foreign { .. } | StoreError::Newer { .. } => {
            let told = ApiError::from(error);
            ApiError::new(told.code, format!("{}; nothing was changed", told.message)).hint(OTHER)
        }
        StoreError::BadRequest(_) => ApiError::from(error).hint(OTHER),
        _ => error.into(),
    }
}

fn answer<T: serde::Serialize>(what: &T) -> Result<(), ApiError> {
    let text = serde_json::to_string(what);
    println!("{}", text.map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?);
    Ok(())
}

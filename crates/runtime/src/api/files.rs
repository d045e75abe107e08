//! Files that a person may mean, for whoever completes what is typed.

use std::{path::PathBuf, sync::Arc};

use axum::{Json, extract::State};
use jamey_protocol::{
    ApiError,
    route::{FoundFile, Page},
};
use serde::Deserialize;

use super::{
    error::{Answer, Failure},
    extract::Params,
};
use crate::host::Host;

/// How many are named if nobody says, and at most.
const USUAL: u32 = 20;
const MOST: u32 = 200;
/// Longer words are none.
const LONGEST: usize = 500;

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The folder to look below; absolute.
    cwd: String,
    /// Letters of the path; several words must all fit. All files if empty.
    #[serde(default)]
    q: String,
    /// At most so many, up to 200; 20 if absent.
    limit: Option<u32>,
}

/// Finds files and folders below a folder whose paths fit some letters, the likeliest first, without what git
/// ignores. At most half a second and 200,000 entries are looked at.
#[utoipa::path(get, path = "/v1/files", tag = "tools", params(Wanted),
    responses((status = 200, body = Page<FoundFile>), (status = "default", body = ApiError)))]
pub async fn find(State(_): State<Arc<Host>>, Params(wanted): Params<Wanted>) -> Answer<Page<FoundFile>> {
    let limit = wanted.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Failure::bad(format!("limit is {limit}; it must be from 1 to {MOST}")));
    }
    if wanted.q.len() > LONGEST {
        return Err(Failure::bad(format!("q is longer than {LONGEST} bytes")));
    }
    let cwd = PathBuf::from(wanted.cwd);
    if !cwd.is_absolute() {
        return Err(Failure::bad("cwd must be the whole path of a folder"));
    }
    let shown = cwd.display().to_string();
    let look = move || {
        // Where a link leads is what is looked at; within, links are not followed.
        let folder = std::fs::canonicalize(&cwd)?;
        std::fs::read_dir(&folder)?;
        Ok::<_, std::io::Error>(jamey_tools::complete(&folder, &wanted.q, limit as usize))
    };
    let found = tokio::task::spawn_blocking(look)
        .await
        .unwrap_or_else(|error| Err(std::io::Error::other(error)))
        .map_err(|error| {
            Failure::bad(format!("the folder {shown} cannot be read: {error}"))
                .hint("give a folder that exists and that you may read")
        })?;
    let data = found.into_iter().map(|hit| FoundFile { path: hit.path, is_folder: hit.is_folder }).collect();
    Ok(Json(Page { data, next: None }))
}

//! Finding what was said.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{
    ApiError,
    route::{Hit, Page},
};
use serde::Deserialize;

use super::{error::Answer, extract::Params, sessions::page_size};
use crate::host::Host;

/// What to look for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Words that all must be there.
    q: String,
    /// At most so many hits, up to 1000.
    limit: Option<u64>,
}

/// Searches all sessions, the best hits first.
#[utoipa::path(get, path = "/v1/search", tag = "sessions", params(Words),
    responses((status = 200, body = Page<Hit>), (status = "default", body = ApiError)))]
pub async fn search(State(host): State<Arc<Host>>, Params(words): Params<Words>) -> Answer<Page<Hit>> {
    let limit = page_size(words.limit)?;
    let data = host.store.search(&words.q, limit).await.map_err(ApiError::from)?;
    Ok(Json(Page { data, next: None }))
}

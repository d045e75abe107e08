//! Finding what was said.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{ApiError, route::SearchPage};
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
    /// At most so many hits, and as many sessions, up to 1000.
    limit: Option<u64>,
}

/// Searches what was said in all sessions, and their titles; the newest come first.
#[utoipa::path(get, path = "/v1/search", tag = "sessions", params(Words),
    responses((status = 200, body = SearchPage), (status = "default", body = ApiError)))]
pub async fn search(State(host): State<Arc<Host>>, Params(words): Params<Words>) -> Answer<SearchPage> {
    let limit = page_size(words.limit)?;
    let (data, sessions) =
        tokio::try_join!(host.store.search(&words.q, limit), host.store.titled(&words.q, limit))
            .map_err(ApiError::from)?;
    Ok(Json(SearchPage { data, next: None, sessions }))
}

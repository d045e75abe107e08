//! Sessions: making, listing, reading, changing and removing them.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use jamey_protocol::{ApiError, CreateSession, Item, PatchSession, Session, route::Page};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    error::{Answer, Failure},
    extract::{Body, Params, Segment},
    ops::refuse_schema,
};
use crate::host::Host;

/// How many entries a page has if nobody says, and at most.
const PAGE: u64 = 100;
const LARGEST_PAGE: u64 = 1000;

/// Which sessions to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Only the one of this name.
    name: Option<String>,
    /// Only those of this folder.
    cwd: Option<String>,
    /// At most so many, up to 1000.
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// At most so many, up to 1000.
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Bounds the size of a page.
///
/// # Errors
/// When it is zero or too large.
pub fn page_size(limit: Option<u64>) -> Result<u64, Failure> {
    match limit.unwrap_or(PAGE) {
        size @ 1..=LARGEST_PAGE => Ok(size),
        size => Err(Failure::bad(format!("limit is {size}; it must be from 1 to {LARGEST_PAGE}"))),
    }
}

/// Lists sessions, the last used first.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", params(Which),
    responses((status = 200, body = Page<Session>), (status = "default", body = ApiError)))]
pub async fn list(State(host): State<Arc<Host>>, Params(which): Params<Which>) -> Answer<Page<Session>> {
    let limit = page_size(which.limit)?;
    if let Some(name) = which.name {
        let found = host.named(&name).await?;
        let found = found
            .filter(|session| which.cwd.as_ref().is_none_or(|cwd| session.cwd.as_os_str() == cwd.as_str()));
        return Ok(Json(Page { data: found.into_iter().collect(), next: None }));
    }
    let cwd = which.cwd.as_deref().map(std::path::Path::new);
    Ok(Json(host.store.sessions(cwd, limit, which.after.as_deref()).await.map_err(ApiError::from)?))
}

/// Makes a session. With an id of the client's own a repeat makes no second one.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = CreateSession,
    responses((status = 201, body = Session), (status = 200, description = "It was made before", body = Session),
        (status = "default", body = ApiError)))]
pub async fn create(
    State(host): State<Arc<Host>>,
    Body(request): Body<CreateSession>,
) -> Result<(StatusCode, Json<Session>), Failure> {
    refuse_schema(&request.settings)?;
    let (session, is_new) = host.create(request).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(session)))
}

/// Shows a session.
#[utoipa::path(get, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id")),
    responses((status = 200, body = Session), (status = "default", body = ApiError)))]
pub async fn show(State(host): State<Arc<Host>>, Segment(id): Segment) -> Answer<Session> {
    let id = host.session_id(&id).await?;
    Ok(Json(host.session(id).await?))
}

/// Renames a session or changes its settings; what is left out stays.
#[utoipa::path(patch, path = "/v1/sessions/{id}", tag = "sessions", request_body = PatchSession,
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id")),
    responses((status = 200, body = Session), (status = "default", body = ApiError)))]
pub async fn patch(
    State(host): State<Arc<Host>>,
    Segment(id): Segment,
    Body(patch): Body<PatchSession>,
) -> Answer<Session> {
    let id = host.session_id(&id).await?;
    patch.settings.as_ref().map_or(Ok(()), refuse_schema)?;
    if let Some(name) = &patch.name {
        host.check_name(name, Some(id)).await?;
    }
    Ok(Json(host.sessions.open(id).await?.update(patch).await?))
}

/// Removes a session for good. A running turn is stopped first.
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id")),
    responses((status = 200, body = Value), (status = "default", body = ApiError)))]
pub async fn delete(State(host): State<Arc<Host>>, Segment(id): Segment) -> Answer<Value> {
    let id = host.session_id(&id).await?;
    host.erase(id).await?;
    Ok(Json(json!({"deleted": id})))
}

/// Lists what was said and done in a session, oldest first.
#[utoipa::path(get, path = "/v1/sessions/{id}/items", tag = "sessions",
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id"), Part),
    responses((status = 200, body = Page<Item>), (status = "default", body = ApiError)))]
pub async fn items(
    State(host): State<Arc<Host>>,
    Segment(id): Segment,
    Params(part): Params<Part>,
) -> Answer<Page<Item>> {
    let limit = page_size(part.limit)?;
    let id = host.session_id(&id).await?;
    let after = match part.after.as_deref().map(str::parse) {
        Some(Ok(after)) => after,
        None => 0,
        Some(Err(_)) => return Err(Failure::bad("after is not the `next` of a page")),
    };
    // An unknown session is an error, not an empty list.
    host.session(id).await?;
    Ok(Json(host.store.items(id, after, limit).await.map_err(ApiError::from)?))
}

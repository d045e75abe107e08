//! Copies of the database: listing them and making one.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use jamey_protocol::{ApiError, backup::Backup, route::Page};

use super::error::{Answer, Failure};
use crate::host::Host;

/// Lists the copies of the database, newest first.
#[utoipa::path(get, path = "/v1/backups", tag = "runtime",
    responses((status = 200, body = Page<Backup>), (status = "default", body = ApiError)))]
pub async fn list(State(host): State<Arc<Host>>) -> Answer<Page<Backup>> {
    Ok(Json(Page { data: host.store.backups().map_err(ApiError::from)?, next: None }))
}

/// Makes a verified copy of the database now. The oldest copies beyond `data.backups` go.
#[utoipa::path(post, path = "/v1/backups", tag = "runtime",
    responses((status = 201, body = Backup), (status = "default", body = ApiError)))]
pub async fn make(State(host): State<Arc<Host>>) -> Result<(StatusCode, Json<Backup>), Failure> {
    let made = host.store.backup(host.live.now().keep.backups).await.map_err(ApiError::from)?;
    Ok((StatusCode::CREATED, Json(host.store.describe_backup(&made))))
}

//! Reading and changing the configuration.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{
    ApiError, ErrorCode,
    config::{ConfigView, SetConfig},
};

use super::{error::Answer, extract::Body};
use crate::host::Host;

/// Shows every value that holds. Secrets are never part of it.
#[utoipa::path(get, path = "/v1/config", tag = "config", responses((status = 200, body = ConfigView)))]
pub async fn show(State(host): State<Arc<Host>>) -> Json<ConfigView> {
    Json(host.live.view())
}

/// Changes one value in the file; it holds at once, for turns from the next one on. For what is read only at
/// the start, and for what something stronger overrides, `warnings` says so.
#[utoipa::path(patch, path = "/v1/config", tag = "config", request_body = SetConfig,
    responses((status = 200, body = ConfigView), (status = "default", body = ApiError)))]
pub async fn set(State(host): State<Arc<Host>>, Body(change): Body<SetConfig>) -> Answer<ConfigView> {
    let (live, key) = (Arc::clone(&host.live), change.key.clone());
    let set = tokio::task::spawn_blocking(move || live.set(&change.key, &change.value));
    set.await.map_err(|error| ApiError::new(ErrorCode::Internal, format!("it was not set: {error}")))??;
    host.settle().await;
    let mut view = host.live.view();
    view.warnings.extend(host.live.note_of_set(&key));
    Ok(Json(view))
}

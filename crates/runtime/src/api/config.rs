//! Reading and changing the configuration.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{
    ApiError,
    config::{ConfigView, SetConfig},
};

use super::{error::Answer, extract::Body};
use crate::host::Host;

/// Shows every value that holds. Secrets are never part of it.
#[utoipa::path(get, path = "/v1/config", tag = "config", responses((status = 200, body = ConfigView)))]
pub async fn show(State(host): State<Arc<Host>>) -> Json<ConfigView> {
    Json(host.live.view())
}

/// Changes one value in the file; it holds from the next turn on. For what is read only at the start, and
/// for what something stronger overrides, `warnings` says so.
#[utoipa::path(patch, path = "/v1/config", tag = "config", request_body = SetConfig,
    responses((status = 200, body = ConfigView), (status = "default", body = ApiError)))]
pub async fn set(State(host): State<Arc<Host>>, Body(change): Body<SetConfig>) -> Answer<ConfigView> {
    Ok(Json(host.live.set(&change.key, &change.value)?))
}

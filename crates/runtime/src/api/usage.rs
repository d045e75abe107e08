//! What was used and what it cost.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{
    ApiError,
    usage::{UsageBy, UsageReport},
};
use serde::Deserialize;

use super::{
    error::{Answer, Failure},
    extract::Params,
};
use crate::host::Host;

const USUAL_DAYS: u32 = 30;
const MOST_DAYS: u32 = 3_650;

/// Which report.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// What its rows stand for; days if absent.
    #[serde(default)]
    by: UsageBy,
    /// So many days, today included, up to 3650; 30 if absent.
    days: Option<u32>,
}

/// Sums up model calls, and tells how far the limits are used.
#[utoipa::path(get, path = "/v1/usage", tag = "models", params(Which),
    responses((status = 200, body = UsageReport), (status = "default", body = ApiError)))]
pub async fn show(State(host): State<Arc<Host>>, Params(which): Params<Which>) -> Answer<UsageReport> {
    let days = which.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Failure::bad(format!("days is {days}; it must be from 1 to {MOST_DAYS}")));
    }
    Ok(Json(host.usage(which.by, days).await?))
}

//! What the machine is doing.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{ApiError, monitor::MonitorView};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    error::{Answer, Failure},
    extract::Params,
};
use crate::host::Host;

/// Moments of history when nobody says how many.
const USUAL_POINTS: usize = 120;
/// A day of one every half minute.
const MOST_POINTS: usize = 2880;

/// How much of the past.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Past {
    /// So many hours back, 24 if absent.
    hours: Option<u32>,
    /// At most so many moments, each the mean of its span; 120 if absent, none for 0.
    points: Option<usize>,
}

/// Tells what the machine and the runtime's part of it are doing, now and over the last day. While this is
/// asked, looks are every two seconds.
#[utoipa::path(get, path = "/v1/monitor", tag = "runtime", params(Past),
    responses((status = 200, body = MonitorView), (status = "default", body = ApiError)))]
pub async fn show(State(host): State<Arc<Host>>, Params(past): Params<Past>) -> Answer<MonitorView> {
    let (hours, points) = (past.hours.unwrap_or(24), past.points.unwrap_or(USUAL_POINTS));
    if !(1..=24).contains(&hours) {
        return Err(Failure::bad("hours is a number from 1 to 24"));
    }
    if points > MOST_POINTS {
        return Err(Failure::bad(format!("points is a number from 0 to {MOST_POINTS}")));
    }
    Ok(Json(host.monitor.view(hours, points).await))
}

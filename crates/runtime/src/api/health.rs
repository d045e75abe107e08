//! How everything stands, and putting it right.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{
    ApiError,
    health::{LookRequest, Report},
};

use super::{error::Answer, extract::Optional};
use crate::{
    health::{Mend, Wish},
    host::Host,
};

/// Tells what the last look found. Nothing is put right and nobody is asked for this.
#[utoipa::path(get, path = "/v1/health", tag = "runtime",
    responses((status = 200, body = Report), (status = "default", body = ApiError)))]
pub async fn show(State(host): State<Arc<Host>>) -> Answer<Report> {
    match host.health.last() {
        Some(report) => Ok(Json(Report::clone(&report))),
        // Right after the start there was no look yet.
        None => Ok(Json(host.look(Wish::default()).await)),
    }
}

/// Looks at everything now. With `fix` everything is put right that can be without losing anything; with
/// `askProviders` each provider is asked for its list of models, for at most three seconds.
#[utoipa::path(post, path = "/v1/health", tag = "runtime", request_body = LookRequest,
    responses((status = 200, body = Report), (status = "default", body = ApiError)))]
pub async fn look(State(host): State<Arc<Host>>, Optional(request): Optional<LookRequest>) -> Answer<Report> {
    let mend = if request.fix { Mend::Everything } else { Mend::Nothing };
    Ok(Json(host.look(Wish { mend, asks_providers: request.ask_providers }).await))
}

//! Who can be asked, with which key, and whether it works.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_engine::ports::{Clock as _, SystemClock};
use jamey_protocol::{
    ApiError,
    calls::ProvidersPast,
    key::{GiveKey, KeyKept, ProviderTest},
    route::{Page, ProviderView},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::{
    error::{Answer, Failure},
    extract::{Params, SecretBody, Segment},
};
use crate::host::Host;

/// Lists the configured providers, and behind them those that a key alone would make usable. None of them is
/// asked.
#[utoipa::path(get, path = "/v1/providers", tag = "models", responses((status = 200, body = Page<ProviderView>)))]
pub async fn list(State(host): State<Arc<Host>>) -> Json<Page<ProviderView>> {
    Json(Page { data: host.models.views_and_offers(), next: None })
}

/// How much of the past.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Past {
    /// So many hours back, 1 to 24; 24 if absent.
    hours: Option<u32>,
    /// At most so many spans of whole minutes; 120 if absent.
    points: Option<u32>,
}

/// Tells how the calls of each provider go and went over the last day, as far as this runtime has run. Nobody is
/// asked.
#[utoipa::path(get, path = "/v1/providers/health", tag = "models", params(Past),
    responses((status = 200, body = ProvidersPast), (status = "default", body = ApiError)))]
pub async fn health(State(host): State<Arc<Host>>, Params(past): Params<Past>) -> Answer<ProvidersPast> {
    let (hours, points) = (past.hours.unwrap_or(24), past.points.unwrap_or(120));
    if !(1..=24).contains(&hours) {
        return Err(Failure::bad("hours is a number from 1 to 24"));
    }
    if !(1..=24 * 60).contains(&points) {
        return Err(Failure::bad("points is a number from 1 to 1440"));
    }
    Ok(Json(host.models.past(SystemClock.now(), hours, points)))
}

/// Keeps a key for a provider at its present address: in the system's keychain, or in `.env` where there is
/// none. It holds from the next model call on.
#[utoipa::path(put, path = "/v1/providers/{name}/key", tag = "models", request_body = GiveKey,
    params(("name" = String, Path, description = "The provider's name")),
    responses((status = 200, body = KeyKept), (status = "default", body = ApiError)))]
pub async fn give_key(
    State(host): State<Arc<Host>>,
    Segment(name): Segment,
    SecretBody(given): SecretBody<GiveKey>,
) -> Answer<KeyKept> {
    Ok(Json(host.models.give_key(&name, &given.key).await?))
}

/// Removes the key of a provider from the keychain and from `.env`. One of the environment stays.
#[utoipa::path(delete, path = "/v1/providers/{name}/key", tag = "models",
    params(("name" = String, Path, description = "The provider's name")),
    responses((status = 200, body = Value), (status = "default", body = ApiError)))]
pub async fn remove_key(State(host): State<Arc<Host>>, Segment(name): Segment) -> Answer<Value> {
    host.models.remove_key(&name).await?;
    Ok(Json(json!({"removed": name})))
}

/// Makes the cheapest real call that shows whether the provider can be asked: for its list of models.
#[utoipa::path(post, path = "/v1/providers/{name}/test", tag = "models",
    params(("name" = String, Path, description = "The provider's name")),
    responses((status = 200, body = ProviderTest), (status = "default", body = ApiError)))]
pub async fn test(State(host): State<Arc<Host>>, Segment(name): Segment) -> Answer<ProviderTest> {
    Ok(Json(host.models.test(&name).await?))
}

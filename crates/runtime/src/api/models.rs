//! Models of every provider, and the weights of the local ones.

use std::sync::Arc;

use axum::{
    Json,
    body::Body as HttpBody,
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use jamey_protocol::{ApiError, Model, Pull, route::Page};
use serde_json::{Value, json};

use super::{
    error::{Answer, Failure},
    events,
    extract::Segment,
};
use crate::host::Host;

/// Lists every model. Providers that do not answer soon are left out; `/v1/providers` says why.
#[utoipa::path(get, path = "/v1/models", tag = "models", responses((status = 200, body = Page<Model>)))]
pub async fn list(State(host): State<Arc<Host>>) -> Json<Page<Model>> {
    Json(Page { data: host.models.list().await, next: None })
}

/// Fetches a model, local weights or one of a server of Ollama, and tells how far it is; closing the stream stops it, and
/// what was fetched stays for the next try.
#[utoipa::path(post, path = "/v1/models/{name}/pull", tag = "models",
    params(("name" = String, Path, description = "The model, as `provider/model`; local weights also by their name alone")),
    responses((status = 200, description = "A stream of `Pull`", body = Pull, content_type = "text/event-stream"),
        (status = "default", body = ApiError)))]
pub async fn pull(State(host): State<Arc<Host>>, Segment(name): Segment) -> Result<Response, Failure> {
    let messages = host.models.pull(&name).await?;
    let ended = host.closed.clone();
    let lines = messages
        .map(|message| {
            Ok::<_, std::convert::Infallible>(events::message(
                None,
                &serde_json::to_string(&message).unwrap_or_default(),
            ))
        })
        .take_until(async move { ended.cancelled().await });
    Ok((events::HEADERS, HttpBody::from_stream(lines)).into_response())
}

/// Removes the weights of a local model from this machine, or a model from a server of Ollama.
#[utoipa::path(delete, path = "/v1/models/{name}", tag = "models",
    params(("name" = String, Path, description = "The model, as `provider/model`; local weights also by their name alone")),
    responses((status = 200, body = Value), (status = "default", body = ApiError)))]
pub async fn remove(State(host): State<Arc<Host>>, Segment(name): Segment) -> Answer<Value> {
    host.models.remove(&name).await?;
    Ok(Json(json!({"removed": name})))
}

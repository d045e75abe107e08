//! Files that a person gives along with words.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jamey_engine::ports::Attachments as _;
use jamey_protocol::{ApiError, Attachment};
use serde::Deserialize;

use super::{
    error::Failure,
    extract::{Params, RawBody, Segment, Segments},
};
use crate::host::Host;

/// How the file is called.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its name; of a path only the last part counts.
    name: String,
}

/// Keeps a file for a session, to be named in `start_turn` or `steer`: at most 20 MB, sent as
/// `application/octet-stream`. What it is is found in its bytes: UTF-8 text, PNG, JPEG, WebP or GIF, images at
/// most 5 MB and 8000 pixels a side.
#[utoipa::path(post, path = "/v1/sessions/{id}/attachments", tag = "sessions",
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id"), Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Attachment), (status = "default", body = ApiError)))]
pub async fn upload(
    State(host): State<Arc<Host>>,
    Segment(id): Segment,
    Params(named): Params<Named>,
    RawBody(bytes): RawBody,
) -> Result<(StatusCode, Json<Attachment>), Failure> {
    let id = host.session_id(&id).await?;
    // A folder for a session that is none would stay.
    host.session(id).await?;
    let kept = host.given.keep(id, &named.name, bytes.into()).await?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// Gives the bytes of a file that was given along.
#[utoipa::path(get, path = "/v1/sessions/{id}/attachments/{attachment}", tag = "sessions",
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id"),
        ("attachment" = String, Path, description = "The attachment's id")),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = ApiError)))]
pub async fn bytes(
    State(host): State<Arc<Host>>,
    Segments(id, attachment): Segments,
) -> Result<Response, Failure> {
    let id = host.session_id(&id).await?;
    let attachment = attachment.parse().map_err(|_| Failure::bad("that is no attachment's id"))?;
    let about = host.given.find(id, attachment).await?;
    let bytes = host.given.read(id, attachment).await?;
    let kind = HeaderValue::from_str(&about.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    // Shown as what it was found to be, or not at all.
    let nosniff = HeaderValue::from_static("nosniff");
    let headers = [(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, nosniff)];
    Ok((headers, bytes.to_vec()).into_response())
}

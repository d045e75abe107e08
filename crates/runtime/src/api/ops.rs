//! What faces ask of a session. The path from here to the model is kept short: one message to the
//! session's task, and the answer as soon as the op is on the disk.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use jamey_protocol::{ApiError, ErrorCode, Op, OpAccepted, OpRequest};

use super::{
    error::Failure,
    extract::{Body, Segment},
};
use crate::host::Host;

/// Asks for an op. The answer comes when it is durable; a repeat of its id gets the same answer.
#[utoipa::path(post, path = "/v1/sessions/{id}/ops", tag = "sessions",
    params(("id" = String, Path, description = "The session's id, name, or the beginning of its id")),
    request_body = OpRequest,
    responses((status = 202, body = OpAccepted), (status = "default", body = ApiError)))]
pub async fn submit(
    State(host): State<Arc<Host>>,
    Segment(id): Segment,
    Body(request): Body<OpRequest>,
) -> Result<(StatusCode, Json<OpAccepted>), Failure> {
    if host.ending.asked().is_some() && matches!(request.op, Op::StartTurn { .. }) {
        let error = ApiError::new(ErrorCode::ShuttingDown, "the runtime is ending and begins no new turn");
        return Err(error.hint("ask again in a moment").retryable().into());
    }
    if matches!(request.op, Op::StartTurn { .. }) {
        host.slept.look();
    }
    let id = host.session_id(&id).await?;
    let accepted = host.sessions.open(id).await?.op(request).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

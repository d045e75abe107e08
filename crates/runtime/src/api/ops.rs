//! What faces ask of a session. The path from here to the model is kept short: one message to the
//! session's task, and the answer as soon as the op is on the disk.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use jamey_protocol::{ApiError, ErrorCode, Op, OpAccepted, OpRequest, Settings};

use super::{
    error::Failure,
    extract::{Body, Segment},
};
use crate::host::Host;

/// The largest schema of an answer, in bytes.
const LARGEST_SCHEMA: usize = 256 * 1024;

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
    match &request.op {
        Op::StartTurn { settings, .. } => {
            check_schema(settings)?;
            host.slept.look();
        }
        Op::Configure { settings } => refuse_schema(settings)?,
        _ => {}
    }
    let id = host.session_id(&id).await?;
    let accepted = host.sessions.open(id).await?.op(request).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

/// Checks the schema of a turn's answer.
fn check_schema(settings: &Settings) -> Result<(), Failure> {
    let Some(schema) = &settings.schema else { return Ok(()) };
    if !schema.is_object() {
        let error =
            ApiError::new(ErrorCode::BadRequest, "settings.schema is no JSON schema: it must be an object");
        return Err(error.hint("such as {\"type\": \"object\", \"properties\": {…}}").into());
    }
    let bytes = schema.to_string().len();
    if bytes > LARGEST_SCHEMA {
        let message = format!("settings.schema has {bytes} bytes; {LARGEST_SCHEMA} is the limit");
        return Err(ApiError::new(ErrorCode::TooLarge, message).hint("leave descriptions out").into());
    }
    Ok(())
}

/// Refuses a schema among the settings of a session.
///
/// # Errors
/// When there is one: it would hold for every answer, and could not be taken back.
pub fn refuse_schema(settings: &Settings) -> Result<(), Failure> {
    if settings.schema.is_none() {
        return Ok(());
    }
    let error = ApiError::new(ErrorCode::BadRequest, "a schema belongs to one turn, not to a session");
    Err(error.hint("give it in the settings of start_turn").into())
}

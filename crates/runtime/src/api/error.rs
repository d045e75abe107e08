//! Turns the one error shape into an answer. Bad input never becomes a 5xx.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jamey_protocol::{ApiError, ErrorCode};

/// An error on its way out, with the status that fits it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// What the body says.
    pub error: ApiError,
}

/// What most routes give back.
pub type Answer<T> = Result<Json<T>, Failure>;

impl Failure {
    /// Makes an error with a status of its own.
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status, error: ApiError::new(code, message) }
    }

    /// The request is malformed.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::from(ApiError::new(ErrorCode::BadRequest, message))
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.error = self.error.hint(hint);
        self
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self { status: status(error.code), error }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(self.error)).into_response()
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest | ErrorCode::Config => StatusCode::BAD_REQUEST,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict | ErrorCode::ApprovalNeeded | ErrorCode::NoModel => StatusCode::CONFLICT,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Limit => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::ContextOverflow => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Auth => StatusCode::FAILED_DEPENDENCY,
        ErrorCode::Provider | ErrorCode::Unreachable => StatusCode::BAD_GATEWAY,
        ErrorCode::Storage => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::Version => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal | ErrorCode::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

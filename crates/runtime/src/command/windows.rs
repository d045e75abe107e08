//! Installing on Windows.

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode};

use crate::args::{Install, Uninstall};

fn not_yet() -> ApiError {
    ApiError::new(ErrorCode::BadRequest, "the runtime cannot be installed as a service on Windows yet")
        .hint("it starts by itself whenever jamey needs it")
}

pub(super) fn install(_folders: &Folders, _how: &Install) -> Result<u8, ApiError> {
    Err(not_yet())
}

pub(super) fn uninstall(_how: &Uninstall) -> Result<(), ApiError> {
    Err(not_yet())
}

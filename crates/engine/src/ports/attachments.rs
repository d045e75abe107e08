//! Files that a person gave along, seen from the engine.

use std::sync::Arc;

use jamey_protocol::{ApiError, Attachment, AttachmentId, ErrorCode, SessionId};

/// The files of sessions. What they are was found in their bytes when they came.
#[async_trait::async_trait]
pub trait Attachments: Send + Sync {
    /// Finds a file that was uploaded to a session.
    ///
    /// # Errors
    /// `NotFound` when there is none, or when it cannot be read.
    async fn find(&self, session: SessionId, id: AttachmentId) -> Result<Attachment, ApiError>;

    /// Reads the bytes of one.
    ///
    /// # Errors
    /// When it is there no more or cannot be read.
    async fn read(&self, session: SessionId, id: AttachmentId) -> Result<Arc<[u8]>, ApiError>;
}

/// A host that takes no files.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAttachments;

#[async_trait::async_trait]
impl Attachments for NoAttachments {
    async fn find(&self, _: SessionId, id: AttachmentId) -> Result<Attachment, ApiError> {
        Err(ApiError::new(ErrorCode::NotFound, format!("there is no attachment {id}")))
    }

    async fn read(&self, _: SessionId, id: AttachmentId) -> Result<Arc<[u8]>, ApiError> {
        Err(ApiError::new(ErrorCode::NotFound, format!("there is no attachment {id}")))
    }
}

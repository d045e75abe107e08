//! Files that a person gives along with words.
//!
//! A face uploads the bytes first (`POST /v1/sessions/{id}/attachments`), and names them in the op that
//! says something. They belong to the session and go with it.

use serde::{Deserialize, Serialize};

use crate::AttachmentId;

/// A file that was given along with a message. Its bytes are at
/// `GET /v1/sessions/{id}/attachments/{attachment}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Names it.
    pub id: AttachmentId,
    /// The file's name without its folder.
    pub name: String,
    /// What it is, found in its bytes: `image/png`, `image/jpeg`, `image/webp`, `image/gif`, or `text/plain`
    /// for anything that is UTF-8 text.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
}

//! Files: those that go along with words, and those that a person names while writing.

use jamey_protocol::{ApiError, AttachmentId, SessionId, route::FoundFile};
use tauri::State;

use crate::{
    desk::Desk,
    given::{Given, refused, short},
    raw::Raw,
};

/// The most files that are offered while a person writes.
const MOST_FOUND: u32 = 20;

/// The bytes of a file that was given along.
#[tauri::command]
#[specta::specta]
pub async fn attachment_bytes(
    desk: State<'_, Desk>,
    session: Given<SessionId>,
    attachment: Given<AttachmentId>,
) -> Result<Raw, ApiError> {
    desk.link.client().await?.attachment_bytes(session.0, attachment.0).await.map(Raw::from)
}

/// Files and folders below a session's folder whose path fits the words, the best first. Without a folder those
/// of where sessions work that were given none.
#[tauri::command]
#[specta::specta]
pub async fn find_files(
    desk: State<'_, Desk>,
    cwd: Given<String>,
    words: Given<String>,
) -> Result<Vec<FoundFile>, ApiError> {
    let (cwd, words) = (short("cwd", cwd.0)?, short("words", words.0)?);
    // A session that is not made yet, and for which no folder was chosen, will work there.
    let cwd = if cwd.is_empty() { super::folders::usual()?.display().to_string() } else { cwd };
    if !std::path::Path::new(&cwd).is_absolute() {
        return Err(refused("cwd", "it is no whole path"));
    }
    desk.link.client().await?.find_files(&cwd, &words, Some(MOST_FOUND)).await
}

//! Files: those that go along with words, and those that a person names while writing.

use jamey_protocol::{ApiError, AttachmentId, SessionId, route::FoundFile};
use tauri::{AppHandle, State};

use crate::{
    desk::Desk,
    given::{Given, short},
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

/// Files and folders whose path fits the words, the best first: below the folder of a session, or below the one that a
/// token of `pickFolder` names. Without either below where sessions work that were given none.
#[tauri::command]
#[specta::specta]
pub async fn find_files(
    app: AppHandle,
    desk: State<'_, Desk>,
    session: Given<Option<SessionId>>,
    folder: Given<Option<String>>,
    words: Given<String>,
) -> Result<Vec<FoundFile>, ApiError> {
    let words = short("words", words.0)?;
    let client = desk.link.client().await?;
    // The page names no path: it would learn what lies anywhere on the machine.
    let folder = match session.0 {
        Some(session) => client.session(session).await?.cwd,
        None => super::folders::of(&app, folder.0.as_deref())?,
    };
    client.find_files(&folder.display().to_string(), &words, Some(MOST_FOUND)).await
}

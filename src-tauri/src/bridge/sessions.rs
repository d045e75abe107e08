//! Sessions and what is in them.

use jamey_ipc::client::SessionQuery;
use jamey_protocol::{
    ApiError, CreateSession, Item, Mode, PatchSession, Session, SessionId, Settings,
    route::{Page, SearchPage},
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State, WebviewWindow};

use crate::{
    desk::Desk,
    given::{Given, refused, short},
    tray, windows,
};

/// The most entries of a page, as the runtime has it.
const LARGEST_PAGE: u32 = 1_000;

/// Asks for a new session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewSession {
    /// The person's name for it.
    #[specta(optional)]
    pub name: Option<String>,
    /// `provider/model`; none means the default.
    #[specta(optional)]
    pub model: Option<String>,
    /// How much may happen without asking; none means `ask`.
    #[specta(optional)]
    pub mode: Option<Mode>,
    /// The token of a folder that `pickFolder` gave; none means the person's documents.
    #[specta(optional)]
    pub folder: Option<String>,
}

/// A page of sessions, the last used first.
#[tauri::command]
#[specta::specta]
pub async fn sessions(
    desk: State<'_, Desk>,
    cursor: Given<Option<String>>,
    limit: Given<u32>,
) -> Result<Page<Session>, ApiError> {
    let query = SessionQuery { cwd: None, limit: Some(page(limit.0)?), after: checked("cursor", cursor.0)? };
    desk.link.client().await?.sessions(&query).await
}

/// One session.
#[tauri::command]
#[specta::specta]
pub async fn session(desk: State<'_, Desk>, id: Given<SessionId>) -> Result<Session, ApiError> {
    desk.link.client().await?.session(id.0).await
}

/// Makes a session. The quick prompt may not say how much happens in it without asking.
#[tauri::command]
#[specta::specta]
pub async fn create_session(
    app: AppHandle,
    window: WebviewWindow,
    desk: State<'_, Desk>,
    request: Given<NewSession>,
) -> Result<Session, ApiError> {
    let NewSession { name, model, mode, folder } = request.0;
    if window.label() == windows::QUICK && mode.is_some() {
        return Err(refused("mode", "it is chosen in the main window"));
    }
    let settings = Settings { model: checked("model", model)?, mode, ..Settings::default() };
    let cwd = super::folders::of(&app, folder.as_deref())?;
    let request = CreateSession { id: None, name: checked("name", name)?, cwd, settings };
    desk.link.client().await?.create_session(request).await
}

/// Gives a session another name.
#[tauri::command]
#[specta::specta]
pub async fn rename_session(
    desk: State<'_, Desk>,
    id: Given<SessionId>,
    name: Given<String>,
) -> Result<Session, ApiError> {
    let patch = PatchSession { name: Some(short("name", name.0)?), settings: None };
    desk.link.client().await?.patch_session(id.0, &patch).await
}

/// Deletes a session and all that is in it.
#[tauri::command]
#[specta::specta]
pub async fn delete_session(
    app: AppHandle,
    desk: State<'_, Desk>,
    id: Given<SessionId>,
) -> Result<(), ApiError> {
    desk.link.client().await?.delete_session(id.0).await?;
    // No event tells of it.
    tray::changed(&app);
    Ok(())
}

/// A page of a session's items, the oldest first.
#[tauri::command]
#[specta::specta]
pub async fn items(
    desk: State<'_, Desk>,
    session: Given<SessionId>,
    cursor: Given<Option<String>>,
    limit: Given<u32>,
) -> Result<Page<Item>, ApiError> {
    let (cursor, limit) = (checked("cursor", cursor.0)?, page(limit.0)?);
    desk.link.client().await?.items_page(session.0, cursor.as_deref(), Some(limit)).await
}

/// Items that contain the words, and sessions whose title does.
#[tauri::command]
#[specta::specta]
pub async fn search(
    desk: State<'_, Desk>,
    text: Given<String>,
    limit: Given<u32>,
) -> Result<SearchPage, ApiError> {
    let (text, limit) = (short("text", text.0)?, page(limit.0)?);
    desk.link.client().await?.search(&text, Some(limit)).await
}

fn page(limit: u32) -> Result<u32, ApiError> {
    match limit {
        1..=LARGEST_PAGE => Ok(limit),
        _ => Err(refused("limit", "it must be from 1 to 1000")),
    }
}

fn checked(name: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    text.map(|text| short(name, text)).transpose()
}

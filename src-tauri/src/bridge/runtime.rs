//! The runtime's own answers.

use jamey_protocol::{
    ApiError, ToolDescription,
    calls::ProvidersPast,
    config::{ConfigView, SetConfig},
    monitor::MonitorView,
    route::ProviderView,
    status::Status,
};
use serde_json::Value;
use tauri::{AppHandle, Manager as _, State, WebviewWindow};
use tauri_specta::Event as _;

use super::FocusSession;
use crate::{
    connection::{Connection, ConnectionState},
    desk::Desk,
    ending,
    given::{Given, LONGEST_TEXT, bounded, refused, short},
    tray, windows,
};

/// The most points of a history.
const MOST_POINTS: u32 = 2_000;

/// How the connection stands; changes come as the event `connectionChanged`.
///
/// A window asks this when it listens, so what it shall show is told now: the main window a session, the quick
/// prompt what there is to ask about.
#[tauri::command]
#[specta::specta]
pub fn connection(window: WebviewWindow, desk: State<'_, Desk>) -> Connection {
    if window.label() == windows::MAIN
        && let Some(session) = desk.main_listens()
    {
        let _ = FocusSession { session }.emit_to(&window, windows::MAIN);
    }
    if window.label() == windows::QUICK {
        windows::tell_listening(window.app_handle());
    }
    desk.link.connection()
}

/// Starts the runtime, or restarts one that does not answer; where the runtime is newer than this desktop, starts this
/// anew.
#[tauri::command]
#[specta::specta]
pub async fn mend(app: AppHandle, desk: State<'_, Desk>) -> Result<(), ApiError> {
    if desk.link.connection().state == ConnectionState::Outdated {
        ending::begin_anew(&app);
        return Ok(());
    }
    desk.link.mend().await
}

/// How the runtime is.
#[tauri::command]
#[specta::specta]
pub async fn status(desk: State<'_, Desk>) -> Result<Status, ApiError> {
    desk.link.client().await?.status().await
}

/// The machine now, and the last `hours` in at most `points` moments.
#[tauri::command]
#[specta::specta]
pub async fn monitor(
    desk: State<'_, Desk>,
    hours: Given<u32>,
    points: Given<u32>,
) -> Result<MonitorView, ApiError> {
    if !(1..=24).contains(&hours.0) {
        return Err(refused("hours", "it must be from 1 to 24"));
    }
    if !(1..=MOST_POINTS).contains(&points.0) {
        return Err(refused("points", "it must be from 1 to 2000"));
    }
    desk.link.client().await?.monitor(hours.0, points.0 as usize).await
}

/// How each provider stands.
#[tauri::command]
#[specta::specta]
pub async fn providers(desk: State<'_, Desk>) -> Result<Vec<ProviderView>, ApiError> {
    desk.link.client().await?.providers().await
}

/// How the calls of each provider go, and went over the last `hours` in at most `points` spans.
#[tauri::command]
#[specta::specta]
pub async fn providers_past(
    desk: State<'_, Desk>,
    hours: Given<u32>,
    points: Given<u32>,
) -> Result<ProvidersPast, ApiError> {
    if !(1..=24).contains(&hours.0) {
        return Err(refused("hours", "it must be from 1 to 24"));
    }
    if !(1..=24 * 60).contains(&points.0) {
        return Err(refused("points", "it must be from 1 to 1440"));
    }
    desk.link.client().await?.providers_past(hours.0, points.0).await
}

/// The tools that the model is offered.
#[tauri::command]
#[specta::specta]
pub async fn tools(desk: State<'_, Desk>) -> Result<Vec<ToolDescription>, ApiError> {
    desk.link.client().await?.tools().await
}

/// The configuration, without secrets.
#[tauri::command]
#[specta::specta]
pub async fn config(desk: State<'_, Desk>) -> Result<ConfigView, ApiError> {
    desk.link.client().await?.config().await
}

/// Changes one value of the configuration; `null` puts the default back.
#[tauri::command]
#[specta::specta]
pub async fn set_config(
    app: AppHandle,
    desk: State<'_, Desk>,
    key: Given<String>,
    value: Given<Value>,
) -> Result<ConfigView, ApiError> {
    let key = short("key", key.0)?;
    bounded("value", value.0.to_string(), LONGEST_TEXT)?;
    let is_of_desktop = key.starts_with("desktop.");
    let view = desk.link.client().await?.set_config(&SetConfig { key, value: value.0 }).await?;
    // How things look mends no trouble.
    if !is_of_desktop {
        tray::mended(&app);
    }
    Ok(view)
}

/// Holds everything, or lets it go on. The one setting that the quick prompt may change.
#[tauri::command]
#[specta::specta]
pub async fn set_paused(
    app: AppHandle,
    desk: State<'_, Desk>,
    paused: Given<bool>,
) -> Result<ConfigView, ApiError> {
    let set = SetConfig { key: "runtime.paused".to_owned(), value: paused.0.into() };
    let view = desk.link.client().await?.set_config(&set).await?;
    tray::changed(&app);
    Ok(view)
}

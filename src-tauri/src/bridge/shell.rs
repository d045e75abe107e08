//! The shell's own: its settings and its windows.

use std::fmt;

use jamey_protocol::{ApiError, ErrorCode, SessionId};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use tauri::{AppHandle, State, WebviewWindow};

use crate::{
    adopt, autostart,
    desk::Desk,
    ending,
    given::{Given, short},
    hotkey, notify, tray,
    windows::{self, Excerpt},
};

/// The shell as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Shell {
    /// Whether it starts with the person's session.
    pub autostart: bool,
    /// The hotkey of the quick prompt, as this system's keyboard has it; none when it is off.
    pub hotkey: Option<String>,
    /// Why the hotkey does not work, and what to do instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hotkey_problem: Option<String>,
    /// Whether it stays in the tray when the window is closed.
    pub close_to_tray: bool,
    /// Whether the desktop shows tray icons.
    pub tray: bool,
    /// Whether the desktop shows notifications.
    pub notifications: bool,
    /// `linux`, `windows` or `macos`.
    pub platform: String,
    /// Whether the desktop speaks Wayland.
    pub wayland: bool,
}

/// A change of the shell; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ShellChange {
    /// See `Shell`.
    #[specta(optional)]
    pub autostart: Option<bool>,
    /// A hotkey such as `CmdOrCtrl+Shift+Space`, or `null` for none.
    #[specta(optional)]
    pub hotkey: Option<Option<String>>,
    /// See `Shell`.
    #[specta(optional)]
    pub close_to_tray: Option<bool>,
}

/// By hand, since a field left out and a field that is `null` mean different things.
impl<'de> Deserialize<'de> for ShellChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

const FIELDS: &[&str] = &["autostart", "hotkey", "closeToTray"];

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = ShellChange;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with autostart, hotkey or closeToTray")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ShellChange, A::Error> {
        let mut change = ShellChange::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "autostart" => change.autostart = map.next_value()?,
                "hotkey" => change.hotkey = Some(map.next_value()?),
                "closeToTray" => change.close_to_tray = map.next_value()?,
                other => {
                    map.next_value::<IgnoredAny>()?;
                    return Err(A::Error::unknown_field(other, FIELDS));
                }
            }
        }
        Ok(change)
    }
}

/// The shell as it is.
#[tauri::command]
#[specta::specta]
pub async fn shell(app: AppHandle, desk: State<'_, Desk>) -> Result<Shell, ApiError> {
    Ok(current(&app, &desk).await)
}

/// Changes the shell.
#[tauri::command]
#[specta::specta]
pub async fn set_shell(
    app: AppHandle,
    desk: State<'_, Desk>,
    change: Given<ShellChange>,
) -> Result<Shell, ApiError> {
    let ShellChange { autostart, hotkey, close_to_tray } = change.0;
    if let Some(wanted) = hotkey {
        let wanted = wanted.map(|keys| short("hotkey", keys)).transpose()?;
        let before = desk.settings.kept().hotkey;
        hotkey::choose(&app, wanted.as_deref())?;
        let written = adopt::write(&desk, adopt::HOTKEY, wanted.clone().unwrap_or_default().into()).await;
        if let Err(error) = written {
            hotkey::follow(&app, before.as_deref());
            return Err(error);
        }
        desk.settings.change(|kept| kept.hotkey = wanted)?;
    }
    if let Some(wanted) = close_to_tray {
        adopt::write(&desk, adopt::CLOSE_TO_TRAY, wanted.into()).await?;
        desk.settings.change(|kept| kept.close_to_tray = wanted)?;
    }
    if let Some(wanted) = autostart {
        autostart::set(&app, wanted.into())?;
        tray::changed(&app);
    }
    Ok(current(&app, &desk).await)
}

async fn current(app: &AppHandle, desk: &Desk) -> Shell {
    let kept = desk.settings.kept();
    Shell {
        autostart: autostart::is_on(app),
        hotkey_problem: desk.hotkey.problem(desk.settings.words()).filter(|_| kept.hotkey.is_some()),
        hotkey: kept.hotkey.as_deref().map(hotkey::shown),
        close_to_tray: kept.close_to_tray,
        tray: desk.tray.is_shown(),
        notifications: notify::is_there().await,
        platform: std::env::consts::OS.to_owned(),
        wayland: hotkey::is_wayland(),
    }
}

/// Shows the main window, with a session if given.
#[tauri::command]
#[specta::specta]
pub async fn show_main(app: AppHandle, session: Given<Option<SessionId>>) -> Result<(), ApiError> {
    on_main_thread(&app, move |app| windows::show_main(app, session.0))
}

/// Hides the quick prompt.
#[tauri::command]
#[specta::specta]
pub async fn hide_quick(app: AppHandle) -> Result<(), ApiError> {
    on_main_thread(&app, windows::hide_quick)
}

/// Makes the quick prompt as tall as its page, within the bounds of the screen.
#[tauri::command]
#[specta::specta]
pub async fn resize_quick(app: AppHandle, height: Given<f64>) -> Result<(), ApiError> {
    windows::resize_quick(&app, height.0)
}

/// Moves the session of the quick prompt into the main window.
#[tauri::command]
#[specta::specta]
pub async fn quick_to_main(app: AppHandle, session: Given<SessionId>) -> Result<(), ApiError> {
    on_main_thread(&app, move |app| {
        windows::show_main(app, Some(session.0));
        windows::hide_quick(app);
    })
}

/// A text that was offered to the quick prompt, now that a person chose it there; no other page gets it.
#[tauri::command]
#[specta::specta]
pub async fn quick_text(window: WebviewWindow, id: Given<u32>) -> Result<Excerpt, ApiError> {
    if window.label() != windows::QUICK {
        return Err(ApiError::new(ErrorCode::BadRequest, "texts are offered to the quick prompt alone"));
    }
    windows::chosen(id.0)
}

/// Ends the shell; asks first while a turn runs that would end with it.
#[tauri::command]
#[specta::specta]
pub async fn quit(app: AppHandle) -> Result<(), ApiError> {
    ending::quit(&app);
    Ok(())
}

fn on_main_thread(app: &AppHandle, act: impl FnOnce(&AppHandle) + Send + 'static) -> Result<(), ApiError> {
    let handle = app.clone();
    app.run_on_main_thread(move || act(&handle)).map_err(super::refused_by_system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_and_null_are_told_apart() {
        let read = |json: &str| serde_json::from_str::<ShellChange>(json);
        assert_eq!(read("{}").unwrap(), ShellChange::default());
        assert_eq!(read(r#"{"hotkey":null}"#).unwrap().hotkey, Some(None));
        assert_eq!(read(r#"{"hotkey":"F9"}"#).unwrap().hotkey, Some(Some("F9".to_owned())));
        assert_eq!(read(r#"{"closeToTray":false}"#).unwrap().close_to_tray, Some(false));
        assert!(read(r#"{"language":"de"}"#).is_err());
        assert!(read(r#"{"exec":"rm"}"#).is_err());
        assert!(read("[]").is_err());
    }
}

//! Starting with the person's session, into the tray alone.

use jamey_protocol::{ApiError, ErrorCode};
use tauri::{AppHandle, plugin::TauriPlugin};
use tauri_plugin_autostart::{MacosLauncher, ManagerExt as _};

/// Whether the shell shall start at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtLogin {
    /// It shall.
    Start,
    /// It shall not.
    Stay,
}

impl From<bool> for AtLogin {
    fn from(starts: bool) -> Self {
        if starts { Self::Start } else { Self::Stay }
    }
}

/// The plugin that knows how each system does it.
#[must_use]
pub fn plugin() -> TauriPlugin<tauri::Wry> {
    tauri_plugin_autostart::init(MacosLauncher::LaunchAgent, Some(vec!["--background"]))
}

/// Whether the shell starts at login, as the system has it.
#[must_use]
pub fn is_on(app: &AppHandle) -> bool {
    app.autolaunch().is_enabled().unwrap_or(false)
}

/// Changes it.
///
/// # Errors
/// What the system said.
pub fn set(app: &AppHandle, wanted: AtLogin) -> Result<(), ApiError> {
    let autolaunch = app.autolaunch();
    let done = match wanted {
        AtLogin::Start => autolaunch.enable(),
        AtLogin::Stay if is_on(app) => autolaunch.disable(),
        AtLogin::Stay => Ok(()),
    };
    done.map_err(|error| {
        ApiError::new(ErrorCode::Storage, format!("starting at login could not be changed: {error}"))
            .hint("look at the permissions of your autostart folder")
    })
}

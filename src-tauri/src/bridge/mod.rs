//! What the webview may ask. Each command checks its arguments again and forwards to the typed client; the
//! webview never sees a socket, a token, a command line, or a path to open.

// Commands are given what they take.
#![allow(clippy::needless_pass_by_value)]

mod files;
mod folders;
mod keys;
mod links;
mod models;
mod pulls;
mod runtime;
mod sessions;
mod shell;
mod stream;
mod turns;

use jamey_protocol::{ApiError, ErrorCode, SessionId};
use serde::{Deserialize, Serialize};
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

pub use folders::FolderTokens;
pub use pulls::Pulls;

use crate::{connection::Connection, windows::QuickShown};

/// The connection changed.
#[derive(Clone, Debug, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub struct ConnectionChanged(pub Connection);

/// The main window shall show this session.
#[derive(Clone, Debug, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub struct FocusSession {
    /// Which.
    pub session: SessionId,
}

/// A person could not be notified: this desktop has no service for it.
#[derive(Clone, Debug, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub struct NotTold;

/// Hotkey or tray follow another setting now: `shell` tells what.
#[derive(Clone, Debug, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub struct ShellChanged;

/// All commands and events, for the program and for the test that writes them down in TypeScript.
#[must_use]
pub fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        .error_handling(ErrorHandlingMode::Throw)
        // Times are milliseconds and sizes bytes: far below 2^53.
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
        .commands(collect_commands![
            runtime::connection,
            runtime::mend,
            runtime::status,
            runtime::monitor,
            runtime::providers,
            runtime::providers_past,
            runtime::tools,
            runtime::config,
            runtime::set_config,
            runtime::set_paused,
            sessions::sessions,
            sessions::session,
            sessions::create_session,
            sessions::rename_session,
            sessions::delete_session,
            sessions::items,
            sessions::search,
            folders::pick_folder,
            files::attachment_bytes,
            files::find_files,
            turns::submit,
            stream::follow,
            stream::follow_all,
            stream::unfollow,
            keys::give_key,
            keys::remove_key,
            keys::test_provider,
            keys::usage,
            models::models,
            models::pull_model,
            models::pulls,
            models::cancel_pull,
            models::discard_pull,
            models::remove_model,
            models::default_model,
            shell::shell,
            shell::set_shell,
            shell::show_main,
            shell::hide_quick,
            shell::resize_quick,
            shell::quick_to_main,
            shell::quick_text,
            shell::quit,
            links::open_link,
        ])
        .events(collect_events![ConnectionChanged, FocusSession, NotTold, QuickShown, ShellChanged])
}

/// What the window system or a plugin would not do, as the one error shape.
pub fn refused_by_system(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::Internal, format!("the system refused: {error}"))
}

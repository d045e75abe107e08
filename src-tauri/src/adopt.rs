//! What a person chose for the desktop stands in `[desktop]` of runtime.toml, as everything that can be set does.
//!
//! The shell follows it there, whoever changed it, and keeps what it read last (`settings`) for the time before a
//! runtime answers. How pages look they read themselves; the shell knows it for what is there before them.

use jamey_protocol::{ApiError, config::SetConfig};
use serde::Deserialize as _;
use serde_json::Value;
use tauri::{AppHandle, Manager as _};
use tauri_specta::Event as _;

use crate::{
    bridge::ShellChanged,
    desk::Desk,
    hotkey,
    settings::{Kept, Theme},
    words::Language,
};

/// The key of the quick prompt.
pub const HOTKEY: &str = "desktop.hotkey";
/// Whether the shell stays in the tray.
pub const CLOSE_TO_TRAY: &str = "desktop.close_to_tray";

/// Takes over what the values of a configuration say.
pub fn adopt(app: &AppHandle, values: &Value) {
    let desk = app.state::<Desk>();
    let before = desk.settings.kept();
    // What cannot be written holds all the same, and is read again at the next start.
    let _ = desk.settings.change(|kept| take(kept, &values["desktop"]));
    let now = desk.settings.kept();
    if now.hotkey != before.hotkey {
        hotkey::follow(app, now.hotkey.as_deref());
    }
    if now != before {
        // No page, nobody to tell.
        let _ = ShellChanged.emit(app);
    }
}

/// A runtime of another version may say less; then what was known stays.
fn take(kept: &mut Kept, desktop: &Value) {
    if let Some(keys) = desktop["hotkey"].as_str() {
        kept.hotkey = (!keys.is_empty()).then(|| keys.to_owned());
    }
    if let Some(stays) = desktop["close_to_tray"].as_bool() {
        kept.close_to_tray = stays;
    }
    if let Some(language) = desktop["language"].as_str() {
        kept.language = Language::named(language);
    }
    if let Ok(theme) = Theme::deserialize(&desktop["theme"]) {
        kept.look.theme = theme;
    }
    if let Some(percent) = desktop["font_percent"].as_u64().and_then(|percent| percent.try_into().ok()) {
        kept.look.font_percent = percent;
    }
}

/// Writes one of them where it belongs.
///
/// # Errors
/// Where the runtime cannot be asked or the file not be written.
pub async fn write(desk: &Desk, key: &str, value: Value) -> Result<(), ApiError> {
    desk.link.client().await?.set_config(&SetConfig { key: key.to_owned(), value }).await.map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::Look;

    #[test]
    fn what_the_file_says_is_taken_and_what_it_does_not_say_stays() {
        let mut kept = Kept::default();
        take(
            &mut kept,
            &json!({"hotkey": "F9", "close_to_tray": false, "language": "de", "theme": "dark", "font_percent": 120}),
        );
        let expected = Kept {
            hotkey: Some("F9".to_owned()),
            close_to_tray: false,
            language: Some(Language::De),
            look: Look { theme: Theme::Dark, font_percent: 120 },
            ..Kept::default()
        };
        assert_eq!(kept, expected);
        let odd =
            json!({"hotkey": 7, "close_to_tray": "no", "language": [], "theme": "pink", "font_percent": -1});
        for nothing in [json!(null), json!({}), odd] {
            take(&mut kept, &nothing);
            assert_eq!(kept, expected, "{nothing}");
        }
        take(&mut kept, &json!({"hotkey": "", "language": "system"}));
        assert_eq!((kept.hotkey, kept.language), (None, None));
    }
}

//! What the shell remembers: where its window was, and what `[desktop]` in runtime.toml said last (see `adopt`), since
//! the shell is there before a runtime answers.
//!
//! One small JSON file beside `runtime.toml`. A file that cannot be read counts as absent; whether the shell
//! starts at login is not kept here, since the system knows.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};

use crate::words::{Language, Words};

/// The hotkey until a person chooses another.
pub const USUAL_HOTKEY: &str = "CmdOrCtrl+Shift+Space";
/// More than this shell ever writes.
const LARGEST: u64 = 64 << 10;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Kept {
    /// The hotkey of the quick prompt; none means off.
    pub hotkey: Option<String>,
    /// The last one that could be had, for where the one that is wanted cannot.
    pub working_hotkey: Option<String>,
    /// Whether the shell stays in the tray when the window is closed.
    pub close_to_tray: bool,
    /// The language that was chosen; none means the system's.
    pub language: Option<Language>,
    /// How pages look, for what is there before one.
    pub look: Look,
    /// Where the main window was.
    pub place: Option<Place>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            hotkey: Some(USUAL_HOTKEY.to_owned()),
            working_hotkey: None,
            close_to_tray: true,
            language: None,
            look: Look::default(),
            place: None,
        }
    }
}

impl Kept {
    fn spoken(&self) -> Language {
        self.language.unwrap_or_else(Language::of_system)
    }
}

/// How pages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Look {
    /// Light or dark.
    pub theme: Theme,
    /// How large the letters are, in percent of the usual.
    pub font_percent: u32,
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: Theme::System, font_percent: 100 }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Size and place of a window. The size is in logical pixels, so that it looks the same on any screen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// From the left, as the desktop counts (`windows::place`); none where the system does not tell.
    pub x: Option<f64>,
    /// From the top.
    pub y: Option<f64>,
    /// Whether `x` and `y` are the screens' own pixels. Earlier versions kept logical ones on every system.
    #[serde(default)]
    pub in_pixels: bool,
    /// How wide.
    pub width: f64,
    /// How tall.
    pub height: f64,
    /// Whether it filled the screen.
    #[serde(default)]
    pub is_maximized: bool,
}

/// What is kept, and its file.
#[derive(Debug)]
pub struct Settings {
    file: PathBuf,
    kept: Mutex<Kept>,
}

impl Settings {
    /// Reads them.
    #[must_use]
    pub fn open(folders: &Folders) -> Self {
        let file = folders.config.join("desktop.json");
        let kept = read(&file).unwrap_or_default();
        Self { file, kept: Mutex::new(kept) }
    }

    /// As they are.
    #[must_use]
    pub fn kept(&self) -> Kept {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The language to speak.
    #[must_use]
    pub fn language(&self) -> Language {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).spoken()
    }

    /// What to say, in that language.
    #[must_use]
    pub fn words(&self) -> &'static Words {
        self.language().words()
    }

    /// Changes them and writes the file; what is in force follows even where that fails.
    ///
    /// # Errors
    /// `Storage` when the file cannot be written.
    pub fn change(&self, change: impl FnOnce(&mut Kept)) -> Result<(), ApiError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.clone();
        change(&mut kept);
        if *kept == before {
            return Ok(());
        }
        write(&self.file, &kept).map_err(|error| {
            let words = kept.spoken().words();
            let message = (words.not_written)(&self.file.display().to_string(), &error.to_string());
            ApiError::new(ErrorCode::Storage, message).hint(words.look_at_disk)
        })
    }
}

fn read(file: &Path) -> Option<Kept> {
    let size = std::fs::metadata(file).ok()?.len();
    if size > LARGEST {
        return None;
    }
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// Whole or not at all.
fn write(file: &Path, kept: &Kept) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = file.with_extension("json.new");
    std::fs::write(&fresh, serde_json::to_vec_pretty(kept)?)?;
    std::fs::rename(&fresh, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_kept_and_a_foreign_file_counts_as_none() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let settings = Settings::open(&folders);
        assert_eq!(settings.kept(), Kept::default());
        settings.change(|kept| kept.hotkey = None).unwrap();
        assert_eq!(Settings::open(&folders).kept().hotkey, None);
        std::fs::write(folders.config.join("desktop.json"), "{\"hotkey\":7}").unwrap();
        assert_eq!(Settings::open(&folders).kept(), Kept::default());
        std::fs::write(folders.config.join("desktop.json"), "{\"closeToTray\":false,\"later\":1}").unwrap();
        assert!(!Settings::open(&folders).kept().close_to_tray);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        std::fs::write(&folders.config, "a file").unwrap();
        let settings = Settings::open(&folders);
        let error = settings.change(|kept| kept.language = Some(Language::De)).unwrap_err();
        assert_eq!(error.code, ErrorCode::Storage);
        assert!(
            error.message.contains("lässt sich nicht schreiben"),
            "in the language that holds now: {error}"
        );
    }
}

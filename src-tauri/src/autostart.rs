//! Starting with the person's session, into the tray alone.

use jamey_protocol::{ApiError, ErrorCode};
use tauri::{AppHandle, Manager as _, plugin::TauriPlugin};
use tauri_plugin_autostart::{MacosLauncher, ManagerExt as _};

use crate::desk::Desk;

/// What the shell is started with at login.
const ARGUMENT: &str = "--background";

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
    tauri_plugin_autostart::init(MacosLauncher::LaunchAgent, Some(vec![ARGUMENT]))
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
    let done = match wanted {
        AtLogin::Start => start(app),
        AtLogin::Stay if is_on(app) => app.autolaunch().disable().map_err(|error| error.to_string()),
        AtLogin::Stay => Ok(()),
    };
    done.map_err(|error| {
        let words = app.state::<Desk>().settings.words();
        ApiError::new(ErrorCode::Storage, (words.no_autostart)(&error)).hint(words.look_at_autostart)
    })
}

fn start(app: &AppHandle) -> Result<(), String> {
    app.autolaunch().enable().map_err(|error| error.to_string())?;
    #[cfg(target_os = "linux")]
    if let Err(error) = entry::mend(&app.package_info().name) {
        // One that may start nothing, or another program, is none.
        let _ = app.autolaunch().disable();
        return Err(error.to_string());
    }
    Ok(())
}

/// The library writes the program's path into the entry as it is, and a desktop would read one with a blank as a program
/// with an argument.
#[cfg(target_os = "linux")]
mod entry {
    use std::{env, fs, io};

    use super::ARGUMENT;

    /// Writes it as the Desktop Entry Specification wants it.
    pub(super) fn mend(name: &str) -> io::Result<()> {
        let home = env::home_dir().ok_or(io::ErrorKind::NotFound)?;
        // Where the library writes it.
        let file = home.join(".config/autostart").join(format!("{name}.desktop"));
        let mended = quoted(&fs::read_to_string(&file)?).ok_or(io::ErrorKind::InvalidData)?;
        fs::write(&file, mended)
    }

    /// The entry with its program in quotes; none where its line is not as the library writes it, as with a path that
    /// has a line's end.
    fn quoted(entry: &str) -> Option<String> {
        let (before, rest) = entry.split_once("\nExec=")?;
        let (line, after) = rest.split_once('\n')?;
        let program = line.strip_suffix(ARGUMENT)?.strip_suffix(' ')?;
        let mut argument = String::new();
        for letter in program.chars() {
            match letter {
                // Once for the quotes, and that once more as every text of such a file.
                '"' | '`' | '$' => argument.extend(["\\\\", &letter.to_string()]),
                '\\' => argument.push_str("\\\\\\\\"),
                '%' => argument.push_str("%%"),
                _ => argument.push(letter),
            }
        }
        Some(format!("{before}\nExec=\"{argument}\" {ARGUMENT}\n{after}"))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// As a desktop reads it.
        fn read(entry: &str) -> Vec<std::ffi::OsString> {
            let file = gio::glib::KeyFile::new();
            file.load_from_data(entry, gio::glib::KeyFileFlags::NONE).unwrap();
            let line = file.string("Desktop Entry", "Exec").unwrap();
            gio::glib::shell_parse_argv(line.as_str()).unwrap()
        }

        #[test]
        fn a_program_whose_path_has_blanks_or_signs_is_started_and_in_the_background() {
            for program in
                ["/opt/jamey/jamey-desktop", "/home/a b/My Apps/jamey-desktop", r#"/o/$HOME `x` "y" \z\\"#]
            {
                let entry =
                    format!("[Desktop Entry]\nType=Application\nExec={program} --background\nTerminal=false");
                let mended = quoted(&entry).unwrap();
                assert_eq!(read(&mended), [program, "--background"], "{mended}");
                assert!(mended.ends_with("\nTerminal=false"));
            }
            assert!(quoted("[Desktop Entry]\nExec=/a b%c --background\n").unwrap().contains("/a b%%c"));
            assert_eq!(quoted("[Desktop Entry]\nExec=/a\nExec=/bin/evil --background\n"), None);
        }
    }
}

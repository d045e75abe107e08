//! What goes wrong in the shell itself. Nobody sees the standard error of a program that a menu or the login started,
//! so it is also kept in `logs/desktop.log`, and a person is told of what they wanted and did not get.
//!
//! In the log stand our own sentences and what the system said, never what a person or a model said.

use std::{
    fmt::Display,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, letters::turns_direction};
use tauri::{AppHandle, Manager as _, async_runtime::spawn};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    desk::Desk,
    notify::{self, cut},
    words::{Language, Words},
};

/// Beyond this size the file is put aside, in place of the one before.
const LARGEST: u64 = 256 << 10;
/// In letters.
const LONGEST_LINE: usize = 4_000;

static FILE: OnceLock<PathBuf> = OnceLock::new();

/// Where it is kept from now on. A fault of our own is kept too, by its place in the program alone.
///
/// # Errors
/// When nothing can be kept at all: without a place for it no page opens either, and no window could say so.
pub fn begin(folders: &Folders) -> Result<(), ApiError> {
    // Closed to others: whatever else comes first would make them open. A folder of models that cannot be made is told
    // by the runtime.
    match folders.create() {
        Err(error) if !folders.logs().is_dir() => return Err(error),
        _ => {}
    }
    // Only the first call counts, and there is one.
    let _ = FILE.set(folders.logs().join("desktop.log"));
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |fault| {
        usual(fault);
        let place = fault.location().map_or_else(String::new, |place| format!(" at {place}"));
        keep(&format!("a fault of the shell's own{place}"));
    }));
    Ok(())
}

/// Notes what nobody has to be told.
pub fn note(what: impl Display) {
    let what = what.to_string();
    eprintln!("jamey-desktop: {what}");
    keep(&what);
}

/// Notes what stands against something that a person wanted, and tells them.
pub fn tell(app: &AppHandle, what: impl Display) {
    let what = what.to_string();
    note(&what);
    let app = app.clone();
    spawn(async move {
        if notify::is_there().await && notify::say(&app, &what).await.is_ok() {
            return;
        }
        app.dialog().message(cut(&what)).title("Jamey").kind(MessageDialogKind::Error).show(|_| ());
    });
}

/// Notes and tells why nothing starts. There is no application to tell it then.
pub fn ends(why: &dyn Display) {
    note(why);
    show(Language::of_system().words(), &why.to_string());
}

/// Tells that a window cannot be opened.
pub fn no_window(app: &AppHandle, why: &tauri::Error) {
    tell(app, (app.state::<Desk>().settings.words().no_window)(&why.to_string()));
}

/// A dialog would need a window system, which may be what is missing, and would hold whoever waits for the start's end.
#[cfg(target_os = "linux")]
fn show(words: &Words, why: &str) {
    notify::say_alone(words.no_start, &cut(why));
}

#[cfg(not(target_os = "linux"))]
fn show(words: &Words, why: &str) {
    let dialog = rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error);
    dialog.set_title(words.no_start).set_description(cut(why)).show();
}

/// What cannot be written is lost: it stands on the standard error.
fn keep(what: &str) {
    if let Some(file) = FILE.get() {
        let _ = add(file, &format!("{} {}\n", now(), line(what)));
    }
}

/// `2026-11-27T19:08:38Z`.
fn now() -> String {
    let now = OffsetDateTime::now_utc().truncate_to_second();
    now.format(&Rfc3339).unwrap_or_default()
}

/// All of a reason, whose end says most, on one line.
fn line(what: &str) -> String {
    let letters = what.chars().take(LONGEST_LINE);
    letters.map(|letter| if letter.is_control() || turns_direction(letter) { ' ' } else { letter }).collect()
}

fn add(path: &Path, line: &str) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|facts| facts.len() + line.len() as u64 > LARGEST) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // In one piece: a second start may write too.
    options.open(path)?.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_for_its_owner_alone() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("logs/desktop.log");
        fs::create_dir(file.parent().unwrap()).unwrap();
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..(3 * LARGEST / 1024) {
            add(&file, &line).unwrap();
        }
        let sizes =
            ["desktop.log", "desktop.log.1"].map(|name| fs::metadata(file.with_file_name(name)).unwrap());
        assert!(sizes.iter().all(|facts| facts.len() <= LARGEST && facts.len() > 0));
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 2);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(sizes[0].permissions().mode() & 0o777, 0o600);
        }
    }
}

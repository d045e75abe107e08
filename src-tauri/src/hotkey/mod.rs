//! The global hotkey of the quick prompt.
//!
//! A desktop may refuse it: another program has it, or, under Wayland, none may have any. Then the person is
//! told which command to bind instead; everything else works without.

mod chord;
#[cfg(not(target_os = "linux"))]
mod plugged;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::{Mutex, MutexGuard, PoisonError};

use jamey_protocol::{ApiError, ErrorCode};
use tauri::{AppHandle, Manager as _};

use self::chord::{Chord, Unfit};
#[cfg(not(target_os = "linux"))]
use self::plugged::Grab;
#[cfg(target_os = "linux")]
use self::x11::Grab;
use crate::{desk::Desk, settings::USUAL_HOTKEY, windows, words::Words};

#[cfg(not(target_os = "linux"))]
pub use plugged::plugin;

/// What a person binds where the desktop keeps all keys to itself.
const COMMAND: &str = "jamey-desktop --quick";

/// The hotkey that is in force.
#[derive(Debug, Default)]
pub struct Hotkey(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    grab: Option<Grab>,
    /// The hotkey that could not be had.
    problem: Option<(String, Why)>,
}

/// Why a hotkey cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// It is no hotkey.
    Unfit(Unfit),
    /// Another program has it.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    Taken,
    /// No program may have any.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    Wayland,
    /// The keyboard lacks it.
    NoSuchKey,
    /// What the system said.
    Said(String),
}

impl Why {
    fn said(error: impl std::fmt::Display) -> Self {
        Self::Said(error.to_string())
    }

    /// What stands against `keys`, for people.
    fn told(&self, words: &Words, keys: &str) -> String {
        let why = match self {
            Self::Taken => words.taken.to_owned(),
            Self::Wayland => words.wayland.to_owned(),
            Self::NoSuchKey => words.no_such_key.to_owned(),
            Self::Unfit(unfit) => unfit.told(words),
            Self::Said(text) => text.clone(),
        };
        (words.no_hotkey)(&shown(keys), &why)
    }
}

impl Hotkey {
    /// Why it does not work, and what to do instead.
    #[must_use]
    pub fn problem(&self, words: &Words) -> Option<String> {
        let held = self.held();
        let (keys, why) = held.problem.as_ref()?;
        Some(format!("{}; {}", why.told(words, keys), (words.instead)(COMMAND)))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hotkey as this system's keyboard has it; what is none stays as it is.
#[must_use]
pub fn shown(keys: &str) -> String {
    keys.parse::<Chord>().map_or_else(|_| keys.to_owned(), |chord| chord.to_string())
}

/// The usual hotkey as one would write it here.
fn written() -> String {
    USUAL_HOTKEY.replace("CmdOrCtrl", if cfg!(target_os = "macos") { "Cmd" } else { "Ctrl" })
}

/// Takes the hotkey that was kept.
pub fn begin(app: &AppHandle) {
    follow(app, app.state::<Desk>().settings.kept().hotkey.as_deref());
}

/// Takes the hotkey that runtime.toml names. Where that cannot be had the one before stays in force, and `shell()` tells
/// why.
pub fn follow(app: &AppHandle, keys: Option<&str>) {
    let desk = app.state::<Desk>();
    let mut held = desk.hotkey.held();
    held.problem = take(app, &mut held, keys).err().zip(keys).map(|(why, keys)| (keys.to_owned(), why));
    if held.problem.is_some() && held.grab.is_none() {
        // This process is newer than the one that had it.
        let _ = take(app, &mut held, desk.settings.kept().working_hotkey.as_deref());
    }
}

/// Takes another hotkey, or none. One that cannot be had leaves the one before in force.
///
/// # Errors
/// `BadRequest` for what is no hotkey, `Conflict` when it cannot be had, with the command to bind instead.
pub fn choose(app: &AppHandle, keys: Option<&str>) -> Result<(), ApiError> {
    let desk = app.state::<Desk>();
    let mut held = desk.hotkey.held();
    let Err(why) = take(app, &mut held, keys) else {
        held.problem = None;
        return Ok(());
    };
    let words = desk.settings.words();
    let message = why.told(words, keys.unwrap_or_default());
    Err(match why {
        Why::Unfit(_) => ApiError::new(ErrorCode::BadRequest, message).hint((words.write_keys)(&written())),
        _ => ApiError::new(ErrorCode::Conflict, message).hint((words.instead)(COMMAND)),
    })
}

fn take(app: &AppHandle, held: &mut Held, keys: Option<&str>) -> Result<(), Why> {
    let Some(keys) = keys else {
        held.grab = None;
        return Ok(());
    };
    let chord: Chord = keys.parse().map_err(Why::Unfit)?;
    if held.grab.as_ref().is_none_or(|grab| !grab.is_of(&chord)) {
        let handle = app.clone();
        held.grab = Some(Grab::take(app, chord, move || pressed(&handle))?);
    }
    // One that cannot be kept works until this process ends.
    let _ = app.state::<Desk>().settings.change(|kept| kept.working_hotkey = Some(keys.to_owned()));
    Ok(())
}

/// Whether this desktop speaks Wayland, where no program may take a key for itself.
#[must_use]
pub fn is_wayland() -> bool {
    cfg!(target_os = "linux")
        && (std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty())
            || std::env::var("XDG_SESSION_TYPE").is_ok_and(|kind| kind == "wayland"))
}

fn pressed(app: &AppHandle) {
    let handle = app.clone();
    // When the main thread is gone, so is the shell.
    let _ = app.run_on_main_thread(move || windows::toggle_quick(&handle));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn what_stands_against_a_hotkey_is_told_in_the_persons_language_and_with_the_keys_of_the_keyboard() {
        let told = |keys: &str| {
            let why = keys.parse::<Chord>().err().map_or(Why::Taken, Why::Unfit);
            why.told(Language::De.words(), keys)
        };
        let usual = shown(USUAL_HOTKEY);
        assert!(!usual.contains("CmdOrCtrl"), "{usual}");
        assert_eq!(told(USUAL_HOTKEY), (Language::De.words().no_hotkey)(&usual, Language::De.words().taken));
        assert!(told("Hyper+A").contains("„Hyper“ ist keine Taste, die man dazu hält"));
        assert!(told("Shift+A").contains("tippen"));
        assert!(written().parse::<Chord>().is_ok());
    }
}

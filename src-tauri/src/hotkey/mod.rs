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

use self::chord::Chord;
#[cfg(not(target_os = "linux"))]
use self::plugged::Grab;
#[cfg(target_os = "linux")]
use self::x11::Grab;
use crate::{desk::Desk, windows, words::Words};

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
    Unfit(String),
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

    fn told<'a>(&'a self, words: &Words) -> &'a str {
        match self {
            Self::Taken => words.taken,
            Self::Wayland => words.wayland,
            Self::NoSuchKey => words.no_such_key,
            Self::Unfit(text) | Self::Said(text) => text,
        }
    }
}

impl Hotkey {
    /// Why it does not work, and what to do instead.
    #[must_use]
    pub fn problem(&self, words: &Words) -> Option<String> {
        let held = self.held();
        let (keys, why) = held.problem.as_ref()?;
        Some(format!("{}; {}", (words.no_hotkey)(keys, why.told(words)), (words.instead)(COMMAND)))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    let message = (words.no_hotkey)(keys.unwrap_or_default(), why.told(words));
    Err(match why {
        Why::Unfit(_) => ApiError::new(ErrorCode::BadRequest, message)
            .hint("write it like CmdOrCtrl+Shift+Space, Alt+J or F9"),
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

//! Taking a key on Windows and macOS, through Tauri's plugin.

use tauri::{AppHandle, plugin::TauriPlugin};
use tauri_plugin_global_shortcut::{
    Builder, Code, GlobalShortcutExt as _, Modifiers, Shortcut, ShortcutState,
};

use super::{
    Why,
    chord::{Chord, Key},
};

/// The plugin.
#[must_use]
pub fn plugin() -> TauriPlugin<tauri::Wry> {
    Builder::new().build()
}

/// A key that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Grab {
    app: AppHandle,
    chord: Chord,
    shortcut: Shortcut,
}

impl Grab {
    /// Takes the key.
    pub(super) fn take(
        app: &AppHandle,
        chord: Chord,
        pressed: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, Why> {
        let code = code(chord.key).ok_or(Why::NoSuchKey)?;
        let shortcut = Shortcut::new(Some(modifiers(&chord)), code);
        app.global_shortcut()
            .on_shortcut(shortcut, move |_, _, event| {
                if event.state() == ShortcutState::Pressed {
                    pressed();
                }
            })
            .map_err(Why::said)?;
        Ok(Self { app: app.clone(), chord, shortcut })
    }

    pub(super) fn is_of(&self, chord: &Chord) -> bool {
        self.chord == *chord
    }
}

impl Drop for Grab {
    fn drop(&mut self) {
        // One that is gone already needs no giving back.
        let _ = self.app.global_shortcut().unregister(self.shortcut);
    }
}

fn modifiers(chord: &Chord) -> Modifiers {
    let mut held = Modifiers::empty();
    held.set(Modifiers::CONTROL, chord.is_control);
    held.set(Modifiers::ALT, chord.is_alt);
    held.set(Modifiers::SHIFT, chord.is_shift);
    held.set(Modifiers::SUPER, chord.is_super);
    held
}

/// Keys have the names that web pages know them by.
fn code(key: Key) -> Option<Code> {
    match key {
        Key::Sign(sign) if sign.is_ascii_digit() => format!("Digit{sign}").parse().ok(),
        Key::Sign(sign) => format!("Key{sign}").parse().ok(),
        Key::Function(number) => format!("F{number}").parse().ok(),
        Key::Space => Some(Code::Space),
        Key::Enter => Some(Code::Enter),
        Key::Tab => Some(Code::Tab),
    }
}

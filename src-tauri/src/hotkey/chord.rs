//! A key with the keys held down with it, as people write it: `CmdOrCtrl+Shift+Space`.

use std::{fmt, str::FromStr};

use crate::words::Words;

/// A hotkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    /// Control, or Command where `CmdOrCtrl` means that.
    pub is_control: bool,
    /// Alt, or Option.
    pub is_alt: bool,
    /// Shift.
    pub is_shift: bool,
    /// Super, Windows or Command.
    pub is_super: bool,
    /// The key itself.
    pub key: Key,
}

/// A key that may be part of a hotkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A letter, `A` to `Z`, or a digit.
    Sign(char),
    /// `F1` to `F24`.
    Function(u8),
    /// The space bar.
    Space,
    /// Return.
    Enter,
    /// Tab.
    Tab,
}

/// Why a text is no hotkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Its last key cannot be one.
    NoKey,
    /// This is no key that is held down with another.
    NotHeld(String),
    /// It would be taken from typing.
    Bare,
}

impl Unfit {
    /// The same for people.
    #[must_use]
    pub fn told(&self, words: &Words) -> String {
        match self {
            Self::NoKey => words.no_key.to_owned(),
            Self::NotHeld(key) => (words.not_held)(key),
            Self::Bare => words.bare_key.to_owned(),
        }
    }
}

impl FromStr for Chord {
    type Err = Unfit;

    fn from_str(text: &str) -> Result<Self, Unfit> {
        let mut words: Vec<&str> = text.split('+').map(str::trim).collect();
        let last = words.pop().unwrap_or_default();
        let key = key(last).ok_or(Unfit::NoKey)?;
        let none = Self { is_control: false, is_alt: false, is_shift: false, is_super: false, key };
        let chord = words.into_iter().try_fold(none, held)?;
        let is_bare = !(chord.is_control || chord.is_alt || chord.is_super);
        if is_bare && !matches!(key, Key::Function(_)) {
            return Err(Unfit::Bare);
        }
        Ok(chord)
    }
}

/// What the keys that are held down are called on this system, in its order: control, Alt, Shift, Super.
const MARKS: [&str; 4] = if cfg!(target_os = "macos") {
    ["⌃", "⌥", "⇧", "⌘"]
} else if cfg!(windows) {
    ["Ctrl+", "Alt+", "Shift+", "Win+"]
} else {
    ["Ctrl+", "Alt+", "Shift+", "Super+"]
};

impl fmt::Display for Chord {
    /// As this system's keyboard has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = [self.is_control, self.is_alt, self.is_shift, self.is_super];
        for (_, mark) in held.into_iter().zip(MARKS).filter(|(is_held, _)| *is_held) {
            f.write_str(mark)?;
        }
        match self.key {
            Key::Sign(sign) => write!(f, "{sign}"),
            Key::Function(number) => write!(f, "F{number}"),
            Key::Space => f.write_str("Space"),
            Key::Enter => f.write_str("Enter"),
            Key::Tab => f.write_str("Tab"),
        }
    }
}

fn held(mut chord: Chord, word: &str) -> Result<Chord, Unfit> {
    match word.to_ascii_lowercase().as_str() {
        "cmdorctrl" | "commandorcontrol" if cfg!(target_os = "macos") => chord.is_super = true,
        "cmdorctrl" | "commandorcontrol" | "ctrl" | "control" => chord.is_control = true,
        "alt" | "option" => chord.is_alt = true,
        "shift" => chord.is_shift = true,
        "super" | "meta" | "win" | "cmd" | "command" => chord.is_super = true,
        _ => return Err(Unfit::NotHeld(word.to_owned())),
    }
    Ok(chord)
}

fn key(word: &str) -> Option<Key> {
    let mut letters = word.chars();
    if let (Some(sign), None) = (letters.next(), letters.next()) {
        return sign.is_ascii_alphanumeric().then(|| Key::Sign(sign.to_ascii_uppercase()));
    }
    match word.to_ascii_lowercase().as_str() {
        "space" => Some(Key::Space),
        "enter" | "return" => Some(Key::Enter),
        "tab" => Some(Key::Tab),
        name => {
            let number: u8 = name.strip_prefix('f')?.parse().ok()?;
            (1..=24).contains(&number).then_some(Key::Function(number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hotkeys_are_read_as_people_write_them() {
        let chord: Chord = "ctrl + SHIFT+space".parse().unwrap();
        assert!(chord.is_control && chord.is_shift && !chord.is_alt && !chord.is_super);
        assert_eq!(chord.key, Key::Space);
        assert_eq!("Alt+j".parse::<Chord>().unwrap().key, Key::Sign('J'));
        assert_eq!("F12".parse::<Chord>().unwrap().key, Key::Function(12));
    }

    #[test]
    fn hotkeys_are_shown_as_the_keyboard_has_them() {
        let shown = |text: &str| text.parse::<Chord>().unwrap().to_string();
        let usual = if cfg!(target_os = "macos") { "⇧⌘Space" } else { "Ctrl+Shift+Space" };
        assert_eq!(shown(crate::settings::USUAL_HOTKEY), usual);
        if !cfg!(target_os = "macos") {
            assert_eq!(shown("shift+alt+f5"), "Alt+Shift+F5");
            // What is shown means the same.
            assert_eq!(usual.parse::<Chord>(), crate::settings::USUAL_HOTKEY.parse());
        }
    }

    #[test]
    fn what_would_take_a_key_from_typing_is_none() {
        for unfit in
            ["", "+", "Space", "Shift+A", "Ctrl+", "Ctrl+Nonsense", "Hyper+A", "F25", "Ctrl+ä", "Ctrl+A+B"]
        {
            assert!(unfit.parse::<Chord>().is_err(), "{unfit}");
        }
    }
}

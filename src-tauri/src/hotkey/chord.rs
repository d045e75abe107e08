//! A key with the keys held down with it, as people write it: `CmdOrCtrl+Shift+Space`.

use std::str::FromStr;

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

impl FromStr for Chord {
    /// Why it is none.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words: Vec<&str> = text.split('+').map(str::trim).collect();
        let last = words.pop().unwrap_or_default();
        let key = key(last).ok_or("it ends in no key that can be one")?;
        let none = Self { is_control: false, is_alt: false, is_shift: false, is_super: false, key };
        let chord = words
            .into_iter()
            .try_fold(none, held)
            .map_err(|word| format!("\"{word}\" is no key that is held down"))?;
        let is_bare = !(chord.is_control || chord.is_alt || chord.is_super);
        if is_bare && !matches!(key, Key::Function(_)) {
            return Err("without Ctrl, Alt or Super it could not be typed any more".to_owned());
        }
        Ok(chord)
    }
}

fn held(mut chord: Chord, word: &str) -> Result<Chord, String> {
    match word.to_ascii_lowercase().as_str() {
        "cmdorctrl" | "commandorcontrol" if cfg!(target_os = "macos") => chord.is_super = true,
        "cmdorctrl" | "commandorcontrol" | "ctrl" | "control" => chord.is_control = true,
        "alt" | "option" => chord.is_alt = true,
        "shift" => chord.is_shift = true,
        "super" | "meta" | "win" | "cmd" | "command" => chord.is_super = true,
        _ => return Err(word.to_owned()),
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
    fn what_would_take_a_key_from_typing_is_none() {
        for unfit in
            ["", "+", "Space", "Shift+A", "Ctrl+", "Ctrl+Nonsense", "Hyper+A", "F25", "Ctrl+ä", "Ctrl+A+B"]
        {
            assert!(unfit.parse::<Chord>().is_err(), "{unfit}");
        }
    }
}

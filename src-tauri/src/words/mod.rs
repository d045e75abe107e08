//! What the shell itself says: tray, notifications, questions. Pages have texts of their own (`ui/src/text`); what the
//! runtime says comes as it is.
//!
//! The language is the one of `desktop.language` in runtime.toml, else the system's.

mod de;
mod en;
mod zh;

use serde::{Deserialize, Serialize};

/// A language that the shell speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Chinese, simplified.
    Zh,
}

impl Language {
    /// The system's.
    #[must_use]
    pub fn of_system() -> Self {
        sys_locale::get_locale().map_or_else(Self::default, |locale| Self::of(&locale))
    }

    /// The one of a name in runtime.toml; none where that leaves it to the system.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "en" => Some(Self::En),
            "de" => Some(Self::De),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// The one of a locale such as `de_AT.UTF-8`.
    fn of(locale: &str) -> Self {
        match locale.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("de") => Self::De,
            Some("zh") => Self::Zh,
            _ => Self::En,
        }
    }

    /// Its words.
    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &en::WORDS,
            Self::De => &de::WORDS,
            Self::Zh => &zh::WORDS,
        }
    }
}

/// Every text in one language; the English one (`en.rs`) says what each is. A function takes what varies.
#[allow(missing_docs)]
#[derive(Debug)]
pub struct Words {
    pub quick: &'static str,
    pub open: &'static str,
    pub recent: &'static str,
    pub pause: &'static str,
    pub autostart: &'static str,
    pub quit: &'static str,
    pub nothing_waits: &'static str,
    pub load_unknown: &'static str,
    pub model: fn(&str) -> String,
    pub model_chosen: &'static str,
    pub starting: &'static str,
    pub needs_you: &'static str,
    pub paused: &'static str,
    pub ready: &'static str,
    pub running: fn(usize) -> String,
    pub waiting: fn(usize) -> String,
    pub new_session: &'static str,
    pub memory: fn(&str) -> String,
    pub load: fn(f32, &str) -> String,
    pub asks: fn(&str) -> String,
    pub answered: &'static str,
    pub failed: fn(&str) -> String,
    pub quit_title: &'static str,
    pub still_running: fn(u64) -> String,
    pub still_fetching: fn(usize) -> String,
    pub stop_and_quit: &'static str,
    pub cancel: &'static str,
    pub no_start: &'static str,
    pub no_window: fn(&str) -> String,
    pub gave_up_title: &'static str,
    pub gave_up: &'static str,
    pub quick_title: &'static str,
    pub quick_ask: &'static str,
    pub choose_folder: &'static str,
    pub no_hotkey: fn(&str, &str) -> String,
    pub taken: &'static str,
    pub wayland: &'static str,
    pub no_such_key: &'static str,
    pub instead: fn(&str) -> String,
    pub open_it: &'static str,
    pub may_read: fn(&str) -> String,
    pub may_write: fn(&str) -> String,
    pub may_run: fn(&str, &str) -> String,
    pub may_look: &'static str,
    pub summed_up: &'static str,
    pub no_runtime: &'static str,
    pub start_it: &'static str,
    pub hangs: fn(u64) -> String,
    pub restart_it: &'static str,
    pub other_answers: fn(&str, &str) -> String,
    pub end_other: &'static str,
    pub no_key: &'static str,
    pub not_held: fn(&str) -> String,
    pub bare_key: &'static str,
    pub write_keys: fn(&str) -> String,
    pub no_autostart: fn(&str) -> String,
    pub look_at_autostart: &'static str,
    pub unknown_folder: &'static str,
    pub no_folder: &'static str,
    pub choose_again: &'static str,
    pub no_home: &'static str,
    pub choose_one: &'static str,
    pub not_written: fn(&str, &str) -> String,
    pub look_at_disk: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_has_its_language_and_any_other_is_english() {
        for (locale, language) in [
            ("de_AT.UTF-8", Language::De),
            ("zh_CN", Language::Zh),
            ("en_GB", Language::En),
            ("fr_FR", Language::En),
            ("C", Language::En),
            ("é", Language::En),
        ] {
            assert_eq!(Language::of(locale), language, "{locale}");
        }
    }

    #[test]
    fn one_and_many_are_told_apart_where_the_language_does() {
        let words = Language::En.words();
        assert_eq!(
            ((words.running)(1), (words.running)(2)),
            ("1 turn running".into(), "2 turns running".into())
        );
        let words = Language::De.words();
        assert_eq!(
            ((words.waiting)(1), (words.waiting)(2)),
            ("1 Sitzung wartet auf dich".into(), "2 Sitzungen warten auf dich".into())
        );
    }
}

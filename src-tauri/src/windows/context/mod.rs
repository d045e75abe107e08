//! What a person may want to ask about: the selected text and the clipboard, as they are when the quick prompt is
//! called. The page hears what there is and how long it is, and gets a text only once the person chose it there: what
//! was copied last may be a password, and the prompt lies over everything. What a password manager marked is not
//! offered at all, where the system tells of such marks.

#[cfg(target_os = "linux")]
mod gtk;
#[cfg(not(target_os = "linux"))]
mod plain;

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

#[cfg(target_os = "linux")]
use gtk::gather;
use jamey_protocol::{ApiError, ErrorCode};
#[cfg(not(target_os = "linux"))]
use plain::gather;
use serde::{Deserialize, Serialize};

/// The longest text that is given whole, in letters.
const LONGEST: usize = 20_000;

/// A text that a person may want to ask about, from its beginning on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// The text; of a long one its first 20,000 letters.
    pub text: String,
    /// How many letters all of it has.
    pub letters: u32,
}

/// What is told of a text before a person chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// By what it is asked for; the same text has the same one, as long as the desktop runs.
    pub id: u32,
    /// How many letters it has.
    pub letters: u32,
}

/// What a person had selected or copied; shown as chips that are off until chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct QuickContext {
    /// The selected text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Offer>,
    /// The text of the clipboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clipboard: Option<Offer>,
}

/// The texts themselves.
#[derive(Debug, Default)]
struct Texts {
    selection: Option<Excerpt>,
    clipboard: Option<Excerpt>,
}

/// Those that are offered now.
static OFFERED: Mutex<Texts> = Mutex::new(Texts { selection: None, clipboard: None });

impl Texts {
    /// The same without a clipboard that says what is selected.
    fn once(mut self) -> Self {
        self.clipboard = self.clipboard.filter(|text| self.selection.as_ref() != Some(text));
        self
    }

    /// What is told of them; none when there is nothing.
    fn told(&self) -> Option<QuickContext> {
        let told = |text: &Option<Excerpt>| text.as_ref().map(Excerpt::told);
        let context = QuickContext { selection: told(&self.selection), clipboard: told(&self.clipboard) };
        (context != QuickContext::default()).then_some(context)
    }

    fn get(&self, id: u32) -> Option<&Excerpt> {
        [&self.selection, &self.clipboard].into_iter().flatten().find(|text| text.told().id == id)
    }
}

impl Excerpt {
    /// The number says nothing of the text to who does not have this process's key.
    fn told(&self) -> Offer {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let bytes = KEY.hash_one(self).to_le_bytes();
        Offer { id: u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]), letters: self.letters }
    }
}

/// Asks for both and hands on what there is, once and soon. To be called on the main thread.
pub(super) fn ask(then: impl FnOnce(Option<QuickContext>) + 'static) {
    gather(|texts| {
        let texts = texts.once();
        let told = texts.told();
        *offered() = texts;
        then(told);
    });
}

/// A text that is offered, now that a person chose it.
///
/// # Errors
/// `NotFound` when it is not offered any more.
pub fn chosen(id: u32) -> Result<Excerpt, ApiError> {
    let gone = || ApiError::new(ErrorCode::NotFound, "this text is not offered any more");
    offered().get(id).cloned().ok_or_else(gone)
}

/// Offers nothing any more. What was chosen is the page's.
pub(super) fn forget() {
    *offered() = Texts::default();
}

fn offered() -> MutexGuard<'static, Texts> {
    OFFERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The beginning of a text, and how long all of it is; nothing of one without a letter.
fn bounded(text: &str) -> Option<Excerpt> {
    let text = text.trim();
    let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    (end > 0).then(|| Excerpt { text: text[..end].to_owned(), letters })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<Excerpt> {
        bounded(text).filter(|excerpt| excerpt.text.chars().count() == excerpt.letters as usize)
    }

    #[test]
    fn a_text_is_offered_once_and_nothing_of_none() {
        assert_eq!(bounded("  \n"), None);
        assert_eq!(whole(" a b ").unwrap().text, "a b");
        let both = |text: &str| Texts { selection: whole("x"), clipboard: whole(text) };
        assert_eq!(both("x").once().clipboard, None);
        assert_eq!(both("y").once().clipboard, whole("y"));
        assert_eq!(Texts::default().once().told(), None);
    }

    #[test]
    fn no_word_of_a_text_is_told_before_it_is_asked_for() {
        let texts = Texts { selection: whole("hunter2"), clipboard: whole("correct horse") };
        let told = texts.told().unwrap();
        let said = serde_json::to_string(&told).unwrap();
        assert!(!said.contains("hunter2") && !said.contains("horse"), "{said}");
        let (selection, clipboard) = (told.selection.unwrap(), told.clipboard.unwrap());
        assert_eq!((selection.letters, clipboard.letters), (7, 13));
        assert_eq!(texts.get(clipboard.id), whole("correct horse").as_ref());
        assert_eq!(texts.get(selection.id ^ 1), None);
        // The same text is known again, and one that differs only behind its end here is another.
        assert_eq!(whole("hunter2").unwrap().told(), selection);
        let longer = Excerpt { text: "hunter2".into(), letters: 8 };
        assert_ne!(longer.told().id, selection.id);
    }

    #[test]
    fn of_a_long_text_the_beginning_is_offered_and_the_whole_length_told() {
        let most = "é".repeat(LONGEST);
        assert_eq!(whole(&most).unwrap().text, most);
        let cut = bounded(&format!(" {most}12345 ")).unwrap();
        assert_eq!((cut.text, cut.letters), (most, 20_005));
    }
}

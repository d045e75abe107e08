//! What a person may want to ask about: the selected text and the clipboard, as they are when the quick prompt is
//! called. The page offers both and sends neither until the person says so.

#[cfg(target_os = "linux")]
mod gtk;
#[cfg(not(target_os = "linux"))]
mod plain;

#[cfg(target_os = "linux")]
use gtk::gather;
#[cfg(not(target_os = "linux"))]
use plain::gather;
use serde::{Deserialize, Serialize};

/// The longest text that is offered whole, in letters.
const LONGEST: usize = 20_000;

/// A text that a person may want to ask about, from its beginning on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// The text; of a long one its first 20,000 letters.
    pub text: String,
    /// How many letters all of it has.
    pub letters: u32,
}

/// What a person had selected or copied; shown as chips that are off until chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct QuickContext {
    /// The selected text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Excerpt>,
    /// The text of the clipboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clipboard: Option<Excerpt>,
}

impl QuickContext {
    /// The same without a clipboard that says what is selected; none when nothing is left.
    fn once(mut self) -> Option<Self> {
        self.clipboard = self.clipboard.filter(|text| self.selection.as_ref() != Some(text));
        (self.selection.is_some() || self.clipboard.is_some()).then_some(self)
    }
}

/// Asks for both and hands on what there is, once and soon. To be called on the main thread.
pub(super) fn ask(then: impl FnOnce(Option<QuickContext>) + 'static) {
    gather(|context| then(context.once()));
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
        let both = |text: &str| QuickContext { selection: whole("x"), clipboard: whole(text) };
        assert_eq!(both("x").once().unwrap().clipboard, None);
        assert_eq!(both("y").once().unwrap().clipboard, whole("y"));
        assert_eq!(QuickContext::default().once(), None);
    }

    #[test]
    fn of_a_long_text_the_beginning_is_offered_and_the_whole_length_told() {
        let most = "é".repeat(LONGEST);
        assert_eq!(whole(&most).unwrap().text, most);
        let cut = bounded(&format!(" {most}12345 ")).unwrap();
        assert_eq!((cut.text, cut.letters), (most, 20_005));
    }
}

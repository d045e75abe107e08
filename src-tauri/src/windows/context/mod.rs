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

/// The longest text that is offered, in letters; the page has the same bound.
const LONGEST: usize = 20_000;

/// What a person had selected or copied; shown as chips that are off until chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct QuickContext {
    /// The selected text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
    /// The text of the clipboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clipboard: Option<String>,
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

fn bounded(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    (end > 0).then(|| text[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_offered_once_and_cut_where_it_is_long() {
        assert_eq!(bounded("  \n"), None);
        assert_eq!(bounded(" a b "), Some("a b".to_owned()));
        assert_eq!(bounded(&"é".repeat(LONGEST + 5)).map(|text| text.chars().count()), Some(LONGEST));
        let both =
            |text: &str| QuickContext { selection: Some("x".to_owned()), clipboard: Some(text.to_owned()) };
        assert_eq!(both("x").once().unwrap().clipboard, None);
        assert_eq!(both("y").once().unwrap().clipboard.as_deref(), Some("y"));
        assert_eq!(QuickContext::default().once(), None);
    }
}

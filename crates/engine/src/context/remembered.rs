//! Which items the model is still told: the newest summary, and what it does not stand for.

use jamey_protocol::{Item, ItemBody};

use super::is_stand_in;

/// What a session's items are to its model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remembered<'a> {
    /// The newest summary.
    pub summary: Option<&'a str>,
    /// How many items it stands for, counted from the first.
    pub replaced: usize,
    all: &'a [Item],
}

impl<'a> Remembered<'a> {
    pub(super) fn of(all: &'a [Item]) -> Self {
        Self::with(all, |_| true)
    }

    /// What they would be if only models had summed them up: what a summary is made from, so that nothing stays lost
    /// that the program trimmed.
    pub(super) fn in_words_of_models(all: &'a [Item]) -> Self {
        Self::with(all, |text| !is_stand_in(text))
    }

    fn with(all: &'a [Item], counts: impl Fn(&str) -> bool) -> Self {
        let newest = all.iter().enumerate().rev().find_map(|(at, item)| match &item.body {
            ItemBody::Summary { text, .. } if !counts(text) => None,
            // Never more than stood before it, whatever an event says.
            ItemBody::Summary { text, replaces } => {
                Some((text.as_str(), usize::try_from(*replaces).unwrap_or(at).min(at)))
            }
            _ => None,
        });
        Self { summary: newest.map(|(text, _)| text), replaced: newest.map_or(0, |(_, at)| at), all }
    }

    /// The items that go to the model whole.
    pub(super) fn whole(self) -> impl Iterator<Item = &'a Item> {
        self.all[self.replaced..].iter().filter(|item| !matches!(item.body, ItemBody::Summary { .. }))
    }
}

//! What a person may want to ask about: the selected text and the clipboard, as they are when the quick prompt is
//! called; Linux only. The page offers both and sends neither until the person says so.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use gtk::{Clipboard, gdk, glib};

use super::quick::QuickContext;

/// Whoever holds the selection may hang; the prompt does not wait for it.
const PATIENCE: Duration = Duration::from_millis(50);
/// The longest text that is offered, in letters; the page has the same bound.
const LONGEST: usize = 20_000;

struct Gathering<F> {
    context: RefCell<QuickContext>,
    missing: Cell<u8>,
    then: Cell<Option<F>>,
}

impl<F: FnOnce(QuickContext)> Gathering<F> {
    fn came(&self, text: Option<&str>, place: fn(&mut QuickContext) -> &mut Option<String>) {
        *place(&mut self.context.borrow_mut()) = text.and_then(bounded);
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            self.end();
        }
    }

    fn end(&self) {
        if let Some(then) = self.then.take() {
            then(self.context.take().once());
        }
    }
}

/// Asks for both and hands on what there is, once, in at most 50 ms. To be called on the main thread.
pub(super) fn gather(then: impl FnOnce(QuickContext) + 'static) {
    let gathering = Rc::new(Gathering {
        context: RefCell::default(),
        missing: Cell::new(2),
        then: Cell::new(Some(then)),
    });
    let (selection, clipboard) = (Rc::clone(&gathering), Rc::clone(&gathering));
    Clipboard::get(&gdk::SELECTION_PRIMARY)
        .request_text(move |_, text| selection.came(text, |context| &mut context.selection));
    Clipboard::get(&gdk::SELECTION_CLIPBOARD)
        .request_text(move |_, text| clipboard.came(text, |context| &mut context.clipboard));
    glib::timeout_add_local_once(PATIENCE, move || gathering.end());
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
        assert_eq!(both("x").once().clipboard, None);
        assert_eq!(both("y").once().clipboard.as_deref(), Some("y"));
    }

    #[test]
    fn what_comes_late_is_not_handed_on_again() {
        let count = Rc::new(Cell::new(0));
        let counted = Rc::clone(&count);
        let then = move |_: QuickContext| counted.set(counted.get() + 1);
        let gathering =
            Gathering { context: RefCell::default(), missing: Cell::new(2), then: Cell::new(Some(then)) };
        gathering.came(Some("a"), |context| &mut context.selection);
        gathering.end();
        gathering.came(None, |context| &mut context.clipboard);
        gathering.end();
        assert_eq!(count.get(), 1);
    }
}

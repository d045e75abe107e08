//! On Linux, where the selected text can be had too, from whoever holds it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use gtk::{Clipboard, gdk, glib};

use super::{Excerpt, QuickContext, bounded};

/// Whoever holds the selection may hang; the prompt does not wait for it.
const PATIENCE: Duration = Duration::from_millis(50);

struct Gathering<F> {
    context: RefCell<QuickContext>,
    missing: Cell<u8>,
    then: Cell<Option<F>>,
}

impl<F: FnOnce(QuickContext)> Gathering<F> {
    fn came(&self, text: Option<&str>, place: fn(&mut QuickContext) -> &mut Option<Excerpt>) {
        *place(&mut self.context.borrow_mut()) = text.and_then(bounded);
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            self.end();
        }
    }

    fn end(&self) {
        if let Some(then) = self.then.take() {
            then(self.context.take());
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

#[cfg(test)]
mod tests {
    use super::*;

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

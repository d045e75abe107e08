//! On Linux, where the selected text can be had too, from whoever holds it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use gtk::{Clipboard, gdk, glib};

use super::{Excerpt, Texts, bounded};

/// Whoever holds the selection may hang; the prompt does not wait for it.
const PATIENCE: Duration = Duration::from_millis(50);

/// What password managers put beside a text that is to be seen by nobody.
const SECRET: &str = "x-kde-passwordManagerHint";
/// By this whoever holds a selection tells in which ways it can be had.
const TARGETS: &str = "TARGETS";

struct Gathering<F> {
    texts: RefCell<Texts>,
    missing: Cell<u8>,
    then: Cell<Option<F>>,
}

impl<F: FnOnce(Texts)> Gathering<F> {
    fn came(&self, text: Option<Excerpt>, place: fn(&mut Texts) -> &mut Option<Excerpt>) {
        *place(&mut self.texts.borrow_mut()) = text;
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            self.end();
        }
    }

    fn end(&self) {
        if let Some(then) = self.then.take() {
            then(self.texts.take());
        }
    }
}

/// Asks for both and hands on what there is, once, in at most 50 ms. To be called on the main thread.
pub(super) fn gather(then: impl FnOnce(Texts) + 'static) {
    let gathering =
        Rc::new(Gathering { texts: RefCell::default(), missing: Cell::new(2), then: Cell::new(Some(then)) });
    let (selection, clipboard) = (Rc::clone(&gathering), Rc::clone(&gathering));
    read(&gdk::SELECTION_PRIMARY, move |text| selection.came(text, |texts| &mut texts.selection));
    read(&gdk::SELECTION_CLIPBOARD, move |text| clipboard.came(text, |texts| &mut texts.clipboard));
    glib::timeout_add_local_once(PATIENCE, move || gathering.end());
}

/// Looks at what is there first: a text that is a secret is not even read.
fn read(place: &gdk::Atom, then: impl FnOnce(Option<Excerpt>) + 'static) {
    Clipboard::get(place).request_contents(&gdk::Atom::intern(TARGETS), move |clipboard, told| {
        let told = told.targets().unwrap_or_default();
        if told.is_empty() || is_secret(told.into_iter().map(gdk::Atom::name)) {
            return then(None);
        }
        clipboard.request_text(move |_, text| then(text.and_then(bounded)));
    });
}

fn is_secret(targets: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
    targets.into_iter().any(|target| target.as_ref().eq_ignore_ascii_case(SECRET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_late_is_not_handed_on_again() {
        let count = Rc::new(Cell::new(0));
        let counted = Rc::clone(&count);
        let then = move |_: Texts| counted.set(counted.get() + 1);
        let gathering =
            Gathering { texts: RefCell::default(), missing: Cell::new(2), then: Cell::new(Some(then)) };
        gathering.came(bounded("a"), |texts| &mut texts.selection);
        gathering.end();
        gathering.came(None, |texts| &mut texts.clipboard);
        gathering.end();
        assert_eq!(count.get(), 1);
    }

    #[test]
    fn a_text_is_a_secret_when_a_password_manager_says_so() {
        assert!(is_secret(["TARGETS", "UTF8_STRING", "x-kde-passwordManagerHint"]));
        assert!(!is_secret(["TARGETS", "UTF8_STRING", "text/plain;charset=utf-8"]));
    }
}

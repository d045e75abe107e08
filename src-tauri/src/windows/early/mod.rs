//! The quick prompt's line before its page is there. The web engine takes some hundred milliseconds for a first page,
//! and a person types at once. So the window appears with a field of the system's own toolkit, which looks as the page
//! will, shows what is typed, and knows pasting and input methods; the page takes over from it. Linux only; elsewhere
//! the window waits for its page.

mod dress;
mod line;

use std::{cell::RefCell, rc::Rc};

use tauri::{Manager as _, Window};

use super::quick::Pressed;
use crate::desk::Desk;
use line::Line;

/// What was typed before the page listened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Early {
    /// The text.
    pub text: String,
    /// The key that was pressed behind it.
    pub pressed: Option<Pressed>,
}

thread_local! {
    /// The line of a window whose page does not listen yet; windows belong to the main thread.
    static LINE: RefCell<Option<Rc<Line>>> = const { RefCell::new(None) };
}

/// Lays the line into a window that is not shown yet and has no page; `then` is called when it is on the screen. To be
/// called on the main thread.
pub(super) fn lay(window: &Window, then: impl FnOnce() + 'static) {
    let (Ok(gtk), Ok(page)) = (window.gtk_window(), window.default_vbox()) else { return };
    let app = window.app_handle();
    let line = Line::new(&app.state::<Desk>().settings, page);
    let handle = app.clone();
    line.lay_over(&gtk, move || super::hide_quick(&handle));
    line.when_painted(&gtk, then);
    LINE.replace(Some(line));
}

/// The page listens: keys go there from now on, and `then` gets what was typed before; once an input method has no half
/// word, which would be lost. To be called on the main thread.
pub(super) fn hand_over(then: impl FnOnce(Early) + 'static) {
    match LINE.take() {
        Some(line) => line.hand_over(then),
        None => then(Early::default()),
    }
}

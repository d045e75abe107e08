//! The main window.

use jamey_protocol::SessionId;
use tauri::{AppHandle, Manager as _};
use tauri_specta::Event as _;

use super::{MAIN, about_to_show, fenced, made, note_place, place, to_front, vouched};
use crate::{bridge::FocusSession, desk::Desk, trouble};

/// Shows the main window in front, with `session` if given.
pub fn show_main(app: &AppHandle, session: Option<SessionId>) {
    about_to_show(app);
    if let Some(window) = app.get_webview_window(MAIN) {
        // May be refused by a window manager; then the rest still helps.
        let _ = window.unminimize();
        to_front(&window.as_ref().window());
        if let Some(session) = session.filter(|session| app.state::<Desk>().can_focus(*session)) {
            let _ = FocusSession { session }.emit_to(app, MAIN);
        }
        return;
    }
    let desk = app.state::<Desk>();
    desk.main_begins();
    if let Some(session) = session {
        let _ = desk.can_focus(session);
    }
    match place::open(app, fenced(app, MAIN, "index.html").focused(true)) {
        Ok(window) => {
            made(&window);
            if vouched(&window.as_ref().window()) {
                let _ = window.set_focus();
            }
        }
        Err(error) => trouble::no_window(app, &error),
    }
}

/// Closes the main window. It is destroyed, so that most of its memory comes back.
pub fn close_main(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        note_place(app, &window);
        let _ = window.destroy();
    }
}

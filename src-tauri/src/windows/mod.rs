//! The main window and the quick prompt. Both come and go; the shell lives without them.

mod context;
#[cfg(not(windows))]
pub mod crash;
#[cfg(target_os = "linux")]
mod early;
mod fence;
mod main_window;
#[cfg(target_os = "linux")]
pub mod paint;
mod place;
mod quick;
mod store;
#[cfg(target_os = "linux")]
pub mod token;

use std::sync::atomic::Ordering;

use tauri::{AppHandle, Manager as _, WebviewWindow, Window};

pub use context::{Excerpt, chosen};
use fence::fenced;
pub use fence::is_ours;
pub use main_window::{close_main, show_main};
pub use place::note_place;
pub use quick::{
    QuickShown, drop_hidden_quick, has_quick, hide_quick, lost_focus, resize_quick, show_quick,
    tell_listening, toggle_quick,
};

pub use store::bring_over;

use crate::{desk::Desk, flags::Wish};

/// The main window's label.
pub const MAIN: &str = "main";
/// The quick prompt's label.
pub const QUICK: &str = "quick";

/// Shows what a person wished for.
pub fn fulfil(app: &AppHandle, wish: Wish) {
    match wish {
        Wish::Main => show_main(app, None),
        Wish::Session(session) => show_main(app, Some(session)),
        // The command that a person binds where no program may take a key does what the key would.
        Wish::Quick => toggle_quick(app),
        Wish::Background => {}
    }
}

/// The same for a second start, with what came along with its arguments.
pub fn fulfil_of(app: &AppHandle, wish: Wish, arguments: &[String]) {
    #[cfg(target_os = "linux")]
    token::with(arguments, || fulfil(app, wish));
    #[cfg(not(target_os = "linux"))]
    {
        let _ = arguments;
        fulfil(app, wish);
    }
}

/// Whether a person looks at one of our windows.
#[must_use]
pub fn is_in_front(app: &AppHandle) -> bool {
    [MAIN, QUICK]
        .iter()
        .filter_map(|label| window_of(app, label))
        .any(|window| window.is_focused().unwrap_or(false))
}

/// A window, whether its page is there yet or not.
fn window_of(app: &AppHandle, label: &str) -> Option<Window> {
    #[cfg(target_os = "linux")]
    return app.get_window(label);
    #[cfg(not(target_os = "linux"))]
    return app.get_webview_window(label).map(|page| page.as_ref().window());
}

/// Shows a window in front. May be refused by a window manager.
fn to_front(window: &Window) {
    let _ = window.show();
    let _ = vouched(window);
    let _ = window.set_focus();
}

/// Tells the desktop on whose behalf a window comes to the front, where it wants to know; false when there is nothing
/// to tell.
#[cfg(target_os = "linux")]
use token::use_on as vouched;

#[cfg(not(target_os = "linux"))]
fn vouched(_window: &Window) -> bool {
    false
}

/// A page was made.
fn made(window: &WebviewWindow) {
    #[cfg(target_os = "linux")]
    crash::watch(window);
    #[cfg(not(target_os = "linux"))]
    let _ = window;
}

/// A page is about to be shown: the connection is wanted, and this process will need more memory.
fn about_to_show(app: &AppHandle) {
    let desk = app.state::<Desk>();
    desk.has_shown.store(true, Ordering::Relaxed);
    desk.link.look();
}

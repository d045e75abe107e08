//! A page whose process died begins again, where the engine tells of it: on Linux and macOS. The shell, the runtime
//! and every turn live in other processes and notice nothing.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use tauri::{AppHandle, Manager as _, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind};

use super::{QUICK, show_main, show_quick};
use crate::{desk::Desk, ending, rest, trouble};

/// So many deaths in so long a time are no accident any more.
const MOST: usize = 3;
const SPAN: Duration = Duration::from_secs(60);

/// Whose page died, and when.
static DEATHS: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());

/// Follows a page as long as it lives.
#[cfg(target_os = "linux")]
pub(super) fn watch(window: &WebviewWindow) {
    use webkit2gtk::WebViewExt as _;
    let page = window.clone();
    let asked = window.with_webview(move |view| {
        view.inner().connect_web_process_terminated(move |_, why| died(&page, &format!("{why:?}")));
    });
    if let Err(error) = asked {
        trouble::note(format_args!("a crash of a page will not be noticed: {error}"));
    }
}

/// Lets a page begin again, unless it dies again and again. `why` is the engine's own word, if it has one.
pub fn died(page: &WebviewWindow, why: &str) {
    trouble::note(format_args!("the page {} died ({why})", page.label()));
    let deaths = count(page.label());
    // One that died before its page was there has nothing to load again, so it is sent there anew.
    let _ = match page.url() {
        _ if deaths > MOST => return give_up(page),
        Ok(mut address) => {
            // What it showed may be what it dies of.
            if deaths > 1 {
                address.set_fragment(None);
            }
            page.navigate(address)
        }
        Err(_) => page.reload(),
    };
}

/// A window that cannot be shown is better gone; the shell stays, and who looked at it is asked whether to open
/// another.
fn give_up(page: &WebviewWindow) {
    let (app, label) = (page.app_handle().clone(), page.label().to_owned());
    trouble::note(format_args!("the page {label} is not begun again"));
    // Another window has tries of its own.
    deaths().retain(|(whose, _)| *whose != label);
    let desk = app.state::<Desk>();
    desk.is_given_up.store(true, Ordering::SeqCst);
    let _ = page.destroy();
    let words = desk.settings.words();
    let buttons = MessageDialogButtons::OkCancelCustom(words.open.to_owned(), words.cancel.to_owned());
    let dialog =
        app.dialog().message(words.gave_up).title(words.gave_up_title).kind(MessageDialogKind::Error);
    let handle = app.clone();
    dialog.buttons(buttons).show(move |is_wanted| {
        let app = handle.clone();
        // Refused only when the shell has ended already.
        let _ = handle.run_on_main_thread(move || {
            let desk = app.state::<Desk>();
            desk.is_given_up.store(false, Ordering::SeqCst);
            if is_wanted {
                open(&app, &label);
            } else if desk.tray.is_shown() {
                rest::begin(&app);
            } else {
                ending::closed(&app);
            }
        });
    });
}

fn open(app: &AppHandle, label: &str) {
    if label == QUICK { show_quick(app) } else { show_main(app, None) }
}

fn deaths() -> MutexGuard<'static, Vec<(String, Instant)>> {
    DEATHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often this page died of late, this time too.
fn count(label: &str) -> usize {
    let mut deaths = deaths();
    deaths.retain(|(_, at)| at.elapsed() < SPAN);
    deaths.push((label.to_owned(), Instant::now()));
    deaths.iter().filter(|(whose, _)| whose == label).count()
}

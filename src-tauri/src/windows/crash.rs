//! A page whose process died begins again, where the engine tells of it; Linux only. The shell, the runtime and
//! every turn live in other processes and notice nothing.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use tauri::WebviewWindow;
use webkit2gtk::WebViewExt as _;

/// So many deaths in so long a time are no accident any more.
const MOST: usize = 3;
const SPAN: Duration = Duration::from_secs(60);

/// Follows a page as long as it lives.
pub(super) fn watch(window: &WebviewWindow) {
    let page = window.clone();
    let asked = window.with_webview(move |view| {
        let deaths = RefCell::new(Vec::<Instant>::new());
        view.inner().connect_web_process_terminated(move |_, why| {
            let mut deaths = deaths.borrow_mut();
            deaths.retain(|at| at.elapsed() < SPAN);
            deaths.push(Instant::now());
            eprintln!("jamey-desktop: the page {} died ({why:?})", page.label());
            // A window that cannot be shown is better gone: the tray opens another. One that died before its
            // page was there has nothing to load again, so it is sent there anew.
            let _ = match page.url() {
                _ if deaths.len() > MOST => page.destroy(),
                Ok(mut address) => {
                    // What it showed may be what it dies of.
                    if deaths.len() > 1 {
                        address.set_fragment(None);
                    }
                    page.navigate(address)
                }
                Err(_) => page.reload(),
            };
        });
    });
    if let Err(error) = asked {
        eprintln!("jamey-desktop: a crash of a page will not be noticed: {error}");
    }
}

//! A page whose process died begins again, where the engine tells of it: on Linux and macOS. The shell, the runtime
//! and every turn live in other processes and notice nothing.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tauri::WebviewWindow;

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
        eprintln!("jamey-desktop: a crash of a page will not be noticed: {error}");
    }
}

/// Lets a page begin again, unless it dies again and again. `why` is the engine's own word, if it has one.
pub fn died(page: &WebviewWindow, why: &str) {
    eprintln!("jamey-desktop: the page {} died ({why})", page.label());
    let deaths = count(page.label());
    // A window that cannot be shown is better gone: the tray opens another. One that died before its
    // page was there has nothing to load again, so it is sent there anew.
    let _ = match page.url() {
        _ if deaths > MOST => page.destroy(),
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

/// How often this page died of late, this time too.
fn count(label: &str) -> usize {
    let mut deaths = DEATHS.lock().unwrap_or_else(PoisonError::into_inner);
    deaths.retain(|(_, at)| at.elapsed() < SPAN);
    deaths.push((label.to_owned(), Instant::now()));
    deaths.iter().filter(|(whose, _)| whose == label).count()
}

//! What every page may not do: go elsewhere, open windows, download, or ask for the camera.

#[cfg(target_os = "linux")]
use tauri::webview::WebviewBuilder;
use tauri::{
    AppHandle, Manager as _, Url, Webview, WebviewUrl, WebviewWindowBuilder,
    webview::{NewWindowResponse, PageLoadEvent, PermissionResponse},
};

use super::store;
use crate::desk::Desk;

/// What holds for every page, whether its window is made with it or was there before.
macro_rules! fence {
    ($builder:expr, $app:expr) => {
        $builder
            // What pages keep (drafts, how they look) belongs to this home, and goes with it.
            .data_directory(store::folder($app))
            .on_navigation(is_ours)
            .on_new_window(|_, _| NewWindowResponse::Deny)
            .on_download(|_, _| false)
            .on_permission_request(|_: Webview, _| PermissionResponse::Deny)
            // A dropped file is the page's to read; the shell would tell it the path.
            .disable_drag_drop_handler()
            .devtools(false)
            .on_page_load(|page, load| match load.event() {
                // A page that begins anew, after a crash say, follows nothing yet.
                PageLoadEvent::Started => {
                    let desk = page.state::<Desk>();
                    desk.subscriptions.end_all(page.label());
                    if page.label() == super::MAIN {
                        desk.main_begins();
                    }
                }
                PageLoadEvent::Finished => page.state::<Desk>().loaded.notify_one(),
            })
    };
}

/// A window of `label` that shows `page` of our own and can go nowhere else.
#[must_use]
pub(super) fn fenced<'a>(
    app: &'a AppHandle,
    label: &str,
    page: &str,
) -> WebviewWindowBuilder<'a, tauri::Wry, AppHandle> {
    let builder = WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()));
    fence!(builder.title("Jamey"), app)
}

/// The same page for a window of `label` that is there already.
#[cfg(target_os = "linux")]
#[must_use]
pub(super) fn fenced_page(app: &AppHandle, label: &str, page: &str) -> WebviewBuilder<tauri::Wry> {
    fence!(WebviewBuilder::new(label, WebviewUrl::App(page.into())), app)
}

/// Whether an address is a page of this program.
#[must_use]
pub fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How Windows writes it. The gate's own frame is let through before this is asked.
        "http" | "https" => {
            let host = url.host_str().unwrap_or_default();
            cfg!(windows) && url.port().is_none() && host == "tauri.localhost"
        }
        "about" => matches!(url.path(), "blank" | "srcdoc"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_program_may_be_gone_to() {
        let ours = |url: &str| is_ours(&Url::parse(url).unwrap());
        assert!(ours("tauri://localhost/index.html"));
        for foreign in [
            "http://app.evil.com/",
            "https://tauri.localhost.evil.com/",
            "http://tauri.localhost:8080/",
            "tauri://evil/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:tauri://localhost/x",
            "about:config",
        ] {
            assert!(!ours(foreign), "{foreign}");
        }
    }
}

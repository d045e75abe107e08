//! Giving memory back when no page is open.
//!
//! A process that once showed a page keeps the libraries of the web engine, about 70 MB more than one that never
//! did. So on Linux the shell, a while after its last page is gone, takes its own place as a fresh process
//! (`exec`): same process id, same tray, no page. What it must not forget goes along in its environment. Nothing
//! is lost: the shell holds no truth.
//!
//! A process that never showed a page, as after that or after a start in the background, has only its start behind
//! it: it gives back the code that nothing runs any more, and what the start freed.

use std::{
    sync::{Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use tauri::{AppHandle, Manager as _, async_runtime::JoinHandle};

use crate::{
    desk::Desk,
    notify,
    windows::{self, MAIN},
};

/// How much longer a hidden quick prompt is kept beside the main window, whose process holds the web engine anyway: for who
/// calls it again and again while they work.
const BESIDE: Duration = Duration::from_secs(300);
/// How long it is kept by itself, for who hid it only to look something up. With `QUIET` behind it everything is given
/// back within a minute; after that its window opens as fast, its page comes later, and it has the words that were in it.
const WARM: Duration = Duration::from_secs(25);
/// How long after the last page is gone: a person who closed by mistake is back by then.
const QUIET: Duration = Duration::from_secs(20);

const _: () = assert!(WARM.as_secs() + QUIET.as_secs() < 60, "all is given back within a minute");

/// How long the start of a shell without a page takes, and a little more.
const STARTED: Duration = Duration::from_secs(5);

static RESTING: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

/// There is no page: none was asked for at the start, or it was hidden or destroyed. Begins to wait for quiet, anew if
/// it waited already.
pub fn begin(app: &AppHandle) {
    let app = app.clone();
    let task = tauri::async_runtime::spawn(async move {
        if windows::has_quick(&app) {
            tokio::time::sleep(WARM).await;
            if app.get_webview_window(MAIN).is_some() {
                tokio::time::sleep(BESIDE).await;
            }
            let handle = app.clone();
            // Its destruction begins another wait.
            let _ = app.run_on_main_thread(move || windows::drop_hidden_quick(&handle));
            return;
        }
        if !app.state::<Desk>().has_shown.load(Ordering::Relaxed) {
            tokio::time::sleep(STARTED).await;
            return jamey_memory::trim();
        }
        tokio::time::sleep(QUIET).await;
        if may_rest(&app) {
            let handle = app.clone();
            let _ = app.run_on_main_thread(move || renew(&handle));
        } else if notify::is_open() {
            // That may take hours; what nothing runs meanwhile is given back all the same.
            jamey_memory::trim();
        }
    });
    let waited = RESTING.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
    if let Some(waited) = waited {
        waited.abort();
    }
}

/// What held the rest back ended: a turn that was begun here, a download, a notification. It may begin now.
pub fn again(app: &AppHandle) {
    if may_rest(app) {
        begin(app);
    }
}

fn may_rest(app: &AppHandle) -> bool {
    let desk = app.state::<Desk>();
    is_possible()
        && app.get_webview_window(MAIN).is_none()
        && !windows::has_quick(app)
        && desk.has_shown.load(Ordering::Relaxed)
        // A question would go with this process.
        && !desk.is_given_up.load(Ordering::SeqCst)
        // Only this process knows which turns it shall tell of, and which downloads it holds.
        && !desk.ours.are_running()
        && desk.pulls.running() == 0
        // Nor would another hear a click on what a person was told; they may come back to it hours later.
        && !notify::is_open()
}

#[cfg(target_os = "linux")]
use crate::renewal::is_possible;

#[cfg(not(target_os = "linux"))]
fn is_possible() -> bool {
    false
}

#[cfg(target_os = "linux")]
fn renew(app: &AppHandle) {
    if may_rest(app) {
        // Only returns when it did not work; then everything stays as it is.
        crate::renewal::become_fresh(app);
    }
}

#[cfg(not(target_os = "linux"))]
fn renew(_app: &AppHandle) {}

//! Whether a desktop on Linux shows tray icons: the bus tells when what collects them comes and goes.

use std::sync::atomic::Ordering;

use gio::{BusNameWatcherFlags, BusType};
use tauri::{AppHandle, Manager as _};

use crate::desk::Desk;

/// Who collects the icons.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Follows it as long as the shell runs. Without a bus nothing is ever told, and there is no tray.
pub(super) fn watch(app: &AppHandle) {
    let note = |app: &AppHandle, is_there: bool| {
        app.state::<Desk>().tray.has_host.store(is_there, Ordering::Relaxed);
    };
    let (came, gone) = (app.clone(), app.clone());
    let _forever = gio::bus_watch_name(
        BusType::Session,
        WATCHER,
        BusNameWatcherFlags::NONE,
        move |_, _, _| note(&came, true),
        move |_, _| note(&gone, false),
    );
}

//! The tray: an icon that says how things stand, and a menu that does what is wanted most.
//!
//! It follows events, and asks once a minute for what none tells. On Linux no click on an icon is told, only choices of its
//! menu, so nothing depends on clicks.

#[cfg(target_os = "linux")]
mod host;
mod listener;
mod menu;
mod view;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tauri::{AppHandle, Manager as _, image::Image, include_image, tray::TrayIconBuilder};
use tokio::sync::Notify;

pub use listener::Teller;
use menu::Lines;
pub use view::{Mood, View};

use crate::{desk::Desk, trouble};

const ID: &str = "jamey";

/// The tray, if there is one.
#[derive(Default)]
pub struct Tray {
    /// Whether the desktop has a place for it.
    has_host: AtomicBool,
    lines: Mutex<Option<Lines>>,
    shown: Mutex<View>,
    /// Something changed that no event tells.
    changed: Notify,
    /// Something was done that may have ended the trouble.
    is_mended: AtomicBool,
}

impl Tray {
    /// Whether a person can see it.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.has_host.load(Ordering::Relaxed)
            && self.lines.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// Puts the icon up. To be called on the main thread.
pub fn begin(app: &AppHandle) {
    let desk = app.state::<Desk>();
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| build(app)));
    match made {
        Ok(Ok(lines)) => *desk.tray.lines.lock().unwrap_or_else(PoisonError::into_inner) = Some(lines),
        Ok(Err(error)) => return trouble::note(format_args!("there is no tray: {error}")),
        // How the library for it says that it is not installed.
        Err(_) => return trouble::note("there is no tray: the library for it is missing"),
    }
    #[cfg(target_os = "linux")]
    host::watch(app);
    #[cfg(not(target_os = "linux"))]
    desk.tray.has_host.store(true, Ordering::Relaxed);
}

fn build(app: &AppHandle) -> tauri::Result<Lines> {
    let (menu, lines) = menu::build(app)?;
    TrayIconBuilder::with_id(ID)
        .icon(picture(Mood::Idle))
        .icon_as_template(false)
        .tooltip("Jamey")
        .menu(&menu)
        .on_menu_event(|app, event| menu::chosen(app, event.id().as_ref()))
        .build(app)?;
    Ok(lines)
}

/// Something changed that no event tells: a default, a deletion, a setting.
pub fn changed(app: &AppHandle) {
    app.state::<Desk>().tray.changed.notify_one();
}

/// The same where what was done may end the trouble that is shown: a key, a setting, another model.
pub fn mended(app: &AppHandle) {
    app.state::<Desk>().tray.is_mended.store(true, Ordering::Relaxed);
    changed(app);
}

/// Shows a view, as far as it differs from what is shown.
fn show(app: &AppHandle, view: View) {
    let handle = app.clone();
    // The menu belongs to the main thread; when that is gone, so is the tray.
    let _ = app.run_on_main_thread(move || {
        let desk = handle.state::<Desk>();
        let lines = desk.tray.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lines) = lines.as_ref() else { return };
        let mut shown = desk.tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tray) = handle.tray_by_id(ID).filter(|_| shown.mood != view.mood) {
            let _ = tray.set_icon(Some(picture(view.mood)));
        }
        lines.show(&handle, &shown, &view);
        *shown = view;
    });
}

/// The picture of a mood; made by packaging/icons/make.sh.
fn picture(mood: Mood) -> Image<'static> {
    match mood {
        Mood::Idle => include_image!("icons/tray/idle.png"),
        Mood::Working => include_image!("icons/tray/working.png"),
        Mood::NeedsYou => include_image!("icons/tray/needs-you.png"),
        Mood::Trouble => include_image!("icons/tray/trouble.png"),
    }
}

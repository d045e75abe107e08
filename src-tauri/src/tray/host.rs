//! Whether a desktop on Linux shows tray icons: the bus tells when what collects them comes and goes.

use std::sync::atomic::Ordering;

use gio::{BusType, Cancellable, DBusCallFlags, DBusConnection, DBusSignalFlags};
use gtk::glib::{Variant, variant::ToVariant as _};
use tauri::{AppHandle, Manager as _};

use crate::desk::Desk;

/// Who collects the icons.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// The bus itself, as one that can be asked.
const BUS: &str = "org.freedesktop.DBus";
/// Where it is asked.
const PATH: &str = "/org/freedesktop/DBus";

/// Follows it as long as the shell runs. Without a bus nothing is ever told, and there is no tray.
///
/// By hand: gio's own way to watch a name ends the process where there is no bus.
pub(super) fn watch(app: &AppHandle) {
    let app = app.clone();
    gio::bus_get(BusType::Session, Cancellable::NONE, move |found| {
        if let Ok(bus) = found {
            follow(&app, &bus);
        }
    });
}

fn follow(app: &AppHandle, bus: &DBusConnection) {
    let told = app.clone();
    // Without a program that looks after icons its name has no owner, and the third part is empty.
    let _forever = bus.signal_subscribe(
        Some(BUS),
        Some(BUS),
        Some("NameOwnerChanged"),
        Some(PATH),
        Some(WATCHER),
        DBusSignalFlags::NONE,
        move |_, _, _, _, _, change| {
            let owner = change.try_child_value(2).and_then(|owner| owner.str().map(str::to_owned));
            note(&told, owner.is_some_and(|owner| !owner.is_empty()));
        },
    );
    let app = app.clone();
    let asked = (WATCHER,).to_variant();
    let answer = move |answer: Result<Variant, _>| {
        if let Some((is_there,)) = answer.ok().and_then(|answer| answer.get()) {
            note(&app, is_there);
        }
    };
    let (flags, soon) = (DBusCallFlags::NONE, -1);
    bus.call(
        Some(BUS),
        PATH,
        BUS,
        "NameHasOwner",
        Some(&asked),
        None,
        flags,
        soon,
        Cancellable::NONE,
        answer,
    );
}

fn note(app: &AppHandle, is_there: bool) {
    app.state::<Desk>().tray.has_host.store(is_there, Ordering::Relaxed);
}

//! Whether the desktop shows notifications at all. The library that asks for one does not say when nobody does.

/// How long the bus may take to answer, in milliseconds.
#[cfg(target_os = "linux")]
const PATIENCE: i32 = 2_000;

/// Whether a service for them runs or would be started; on Linux the bus knows, elsewhere the system has one.
pub async fn is_there() -> bool {
    #[cfg(target_os = "linux")]
    {
        let asked = tauri::async_runtime::spawn_blocking(|| {
            ["ListNames", "ListActivatableNames"].into_iter().any(lists)
        });
        asked.await.unwrap_or(false)
    }
    #[cfg(not(target_os = "linux"))]
    true
}

/// Whether this list of the bus names a service for notifications. Without a bus there is none.
#[cfg(target_os = "linux")]
fn lists(method: &str) -> bool {
    const BUS: &str = "org.freedesktop.DBus";
    let Ok(bus) = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE) else { return false };
    let flags = gio::DBusCallFlags::NONE;
    let answer = bus.call_sync(
        Some(BUS),
        "/org/freedesktop/DBus",
        BUS,
        method,
        None,
        None,
        flags,
        PATIENCE,
        gio::Cancellable::NONE,
    );
    let names = answer.ok().and_then(|answer| answer.get::<(Vec<String>,)>());
    names.is_some_and(|(names,)| names.iter().any(|name| name == "org.freedesktop.Notifications"))
}

/// Shows one without an application, which hears no click.
#[cfg(target_os = "linux")]
pub fn say_alone(title: &str, text: &str) {
    use std::collections::HashMap;

    use gio::glib::{Variant, prelude::ToVariant as _};

    const SERVICE: &str = "org.freedesktop.Notifications";
    let Ok(bus) = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE) else { return };
    let hints = HashMap::from([("urgency".to_owned(), 2_u8.to_variant())]);
    let (actions, stays): (Vec<String>, i32) = (Vec::new(), -1);
    let said = ("Jamey", 0_u32, "jamey-desktop", title, text, actions, hints, stays).to_variant();
    let _: Result<Variant, _> = bus.call_sync(
        Some(SERVICE),
        "/org/freedesktop/Notifications",
        SERVICE,
        "Notify",
        Some(&said),
        None,
        gio::DBusCallFlags::NONE,
        PATIENCE,
        gio::Cancellable::NONE,
    );
}

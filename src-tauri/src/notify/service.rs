//! Whether the desktop shows notifications at all. The library that asks for one does not say when nobody does.

/// How long the bus may take to answer, in milliseconds.
#[cfg(target_os = "linux")]
const PATIENCE: i32 = 2_000;
#[cfg(target_os = "linux")]
const SERVICE: &str = "org.freedesktop.Notifications";
#[cfg(target_os = "linux")]
const PLACE: &str = "/org/freedesktop/Notifications";

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

/// The words as the service shows them unchanged: one that reads markup would swallow what a command has between `<`
/// and `>` (the Desktop Notifications Specification, "Markup"). One that does not say in time what it reads may read it.
/// Waits for the bus.
#[cfg(target_os = "linux")]
pub fn plain(text: String) -> String {
    let told = ask(SERVICE, PLACE, "GetCapabilities").and_then(|told| told.get::<(Vec<String>,)>());
    let is_read = told.is_none_or(|(all,)| all.iter().any(|one| one == "body-markup"));
    if is_read { gio::glib::markup_escape_text(&text).into() } else { text }
}

/// The words as the system shows them unchanged.
#[cfg(not(target_os = "linux"))]
pub fn plain(text: String) -> String {
    text
}

/// Whether this list of the bus names a service for notifications. Without a bus there is none.
#[cfg(target_os = "linux")]
fn lists(method: &str) -> bool {
    let names = ask("org.freedesktop.DBus", "/org/freedesktop/DBus", method);
    let names = names.and_then(|answer| answer.get::<(Vec<String>,)>());
    names.is_some_and(|(names,)| names.iter().any(|name| name == SERVICE))
}

/// What an object of this name, which is its interface too, answers to a question without arguments.
#[cfg(target_os = "linux")]
fn ask(name: &str, place: &str, method: &str) -> Option<gio::glib::Variant> {
    let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).ok()?;
    let flags = gio::DBusCallFlags::NONE;
    bus.call_sync(Some(name), place, name, method, None, None, flags, PATIENCE, gio::Cancellable::NONE).ok()
}

/// Shows one without an application, which hears no click.
#[cfg(target_os = "linux")]
pub fn say_alone(title: &str, text: &str) {
    use std::collections::HashMap;

    use gio::glib::{Variant, prelude::ToVariant as _};

    let Ok(bus) = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE) else { return };
    let hints = HashMap::from([("urgency".to_owned(), 2_u8.to_variant())]);
    let (actions, stays): (Vec<String>, i32) = (Vec::new(), -1);
    let text = plain(text.to_owned());
    let said = ("Jamey", 0_u32, "jamey-desktop", title, text, actions, hints, stays).to_variant();
    let _: Result<Variant, _> = bus.call_sync(
        Some(SERVICE),
        PLACE,
        SERVICE,
        "Notify",
        Some(&said),
        None,
        gio::DBusCallFlags::NONE,
        PATIENCE,
        gio::Cancellable::NONE,
    );
}

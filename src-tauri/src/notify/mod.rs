//! Telling a person who looks elsewhere that a turn ended or waits for them.

mod ours;
mod service;
mod shown;
mod text;

use jamey_protocol::{Event, EventBody, SessionId};
use tauri::{AppHandle, Manager as _, async_runtime::spawn_blocking};
use tauri_plugin_notification::{ActiveNotification, NotificationExt as _};
use tauri_specta::Event as _;

pub use ours::{Ours, Work};
pub use service::is_there;
#[cfg(target_os = "linux")]
pub use service::say_alone;
pub use text::cut;

use self::shown::{Over, Shown};
use crate::{bridge::NotTold, desk::Desk, rest, trouble, windows};

/// How many turns and notifications are remembered.
const MOST: usize = 128;

static SHOWN: Shown = Shown::new();

/// What is worth telling a person.
#[derive(Debug)]
pub struct News {
    /// Names its notification, which may be taken back before it is shown.
    id: i32,
    /// The session in which it happened.
    pub session: SessionId,
    text: String,
}

/// Hears a click on a notification.
pub fn listen(app: &AppHandle) {
    let handle = app.clone();
    let heard = app.notification().on_action(move |performed| {
        let clicked = performed.notification().map(ActiveNotification::id);
        let session = clicked.and_then(|id| SHOWN.session(id));
        // Some servers keep what was clicked.
        clicked.into_iter().for_each(|id| take_back(&handle, Over::Clicked(id)));
        let app = handle.clone();
        let _ = handle.run_on_main_thread(move || windows::show_main(&app, session));
    });
    if let Err(error) = heard {
        trouble::note(format_args!("clicks on notifications are not heard: {error}"));
    }
}

/// What a person should hear of when this happens, if anything. Every event has to come by here, in order: it also
/// follows the turns that were begun here, and takes back what this event ends.
#[must_use]
pub fn heard(app: &AppHandle, event: &Event) -> Option<News> {
    let desk = app.state::<Desk>();
    let ended = desk.ours.hear(event);
    if ended.is_some() {
        rest::again(app);
    }
    if let Some(over) = Over::with(event) {
        take_back(app, over);
    }
    let text = text::of(desk.settings.words(), &event.body, ended)?;
    if windows::is_in_front(app) {
        return None;
    }
    let asks = match &event.body {
        EventBody::ApprovalRequested { approval } => Some(approval.id),
        _ => None,
    };
    Some(News { id: SHOWN.note(event.session, asks), session: event.session, text })
}

/// A person looks at the main window, which says all that was told.
pub fn seen(app: &AppHandle) {
    take_back(app, Over::All);
}

/// Tells it of its session, which is called `title`.
pub fn tell(app: &AppHandle, news: News, title: Option<String>) {
    let app = app.clone();
    // The bus is waited for.
    spawn_blocking(move || show(&app, &news, title));
}

fn show(app: &AppHandle, news: &News, title: Option<String>) {
    let id = news.id;
    let body = service::plain(cut(&news.text));
    if !SHOWN.is_open(id) {
        return;
    }
    let title = title.unwrap_or_else(|| "Jamey".to_owned());
    let notification = app.notification().builder().id(id).title(cut(&title)).body(body);
    #[cfg(target_os = "linux")]
    let notification = notification.on_close({
        let app = app.clone();
        move || put_away(&app, id)
    });
    if let Err(error) = notification.show() {
        trouble::note(format_args!("a notification could not be shown: {error}"));
        put_away(app, id);
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if !is_there().await {
            // Without a service the tray's icon still says it; an open page says why nothing else did.
            put_away(&app, id);
            let _ = NotTold.emit(&app);
        } else if !SHOWN.is_open(id) {
            // It was over before the desktop had it.
            remove(&app, vec![id]);
        }
    });
}

/// Tells what belongs to no session; a click opens the window.
///
/// # Errors
/// When that could not be prepared. Whether anybody shows it is another question: see `is_there`.
pub async fn say(app: &AppHandle, text: &str) -> Result<(), tauri_plugin_notification::Error> {
    let text = cut(text);
    // The bus is waited for.
    let body = spawn_blocking(move || service::plain(text)).await.unwrap_or_default();
    app.notification().builder().title("Jamey").body(body).show()
}

/// Whether one is shown that nobody has clicked or put away; only this process hears that.
#[must_use]
pub fn is_open() -> bool {
    SHOWN.is_any_open()
}

/// Nobody sees this one any more, or ever did.
fn put_away(app: &AppHandle, id: i32) {
    SHOWN.put_away(id);
    rest::again(app);
}

/// Nobody need be told of what is over.
fn take_back(app: &AppHandle, over: Over) {
    let ids = SHOWN.end(over);
    if !ids.is_empty() {
        remove(app, ids);
        rest::again(app);
    }
}

/// Has the desktop close them. On Windows and macOS the library cannot; there they go as the system has it.
fn remove(app: &AppHandle, ids: Vec<i32>) {
    let app = app.clone();
    // The bus is waited for.
    spawn_blocking(move || {
        if let Err(error) = app.notification().remove_active(ids) {
            trouble::note(format_args!("a notification could not be taken back: {error}"));
        }
    });
}

//! Telling a person who looks elsewhere that a turn ended or waits for them.

mod service;

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jamey_protocol::{Event, EventBody, OpId, Outcome, SessionId, TurnId, letters::turns_direction};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::{ActiveNotification, NotificationExt as _};
use tauri_specta::Event as _;

pub use service::is_there;
#[cfg(target_os = "linux")]
pub use service::say_alone;

use crate::{bridge::NotTold, desk::Desk, rest, trouble, windows, words::Words};

/// How many turns and notifications are remembered.
const MOST: usize = 128;
/// The longest text that notification servers show well, in letters.
const LONGEST: usize = 200;

/// The turns that were begun in this shell: the ends of others are told where they were begun.
#[derive(Debug, Default)]
pub struct Ours(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    asked: VecDeque<OpId>,
    running: VecDeque<TurnId>,
}

impl Ours {
    /// Notes the op that begins a turn.
    pub fn note(&self, op: OpId) {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.asked.truncate(MOST - 1);
        turns.asked.push_front(op);
    }

    /// It was refused.
    pub fn forget(&self, op: OpId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.retain(|other| *other != op);
    }

    /// Whether a turn that was begun here still runs, as far as was heard.
    #[must_use]
    pub fn are_running(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).running.is_empty()
    }

    /// Follows what happens, and tells whether this event ends a turn of ours.
    fn hear(&self, event: &Event) -> bool {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(turn) = event.turn else { return false };
        match &event.body {
            EventBody::TurnStarted { op_id, .. } => {
                let before = turns.asked.len();
                turns.asked.retain(|other| other != op_id);
                if turns.asked.len() < before {
                    turns.running.truncate(MOST - 1);
                    turns.running.push_front(turn);
                }
                false
            }
            EventBody::TurnEnded { .. } => {
                let before = turns.running.len();
                turns.running.retain(|other| *other != turn);
                turns.running.len() < before
            }
            _ => false,
        }
    }
}

/// Notifications that were shown, the newest first, so that a click finds its session.
static SHOWN: Mutex<VecDeque<Shown>> = Mutex::new(VecDeque::new());

#[derive(Debug)]
struct Shown {
    id: i32,
    session: SessionId,
    /// Nobody has put it away yet, as far as the desktop tells.
    is_open: bool,
}

fn shown() -> MutexGuard<'static, VecDeque<Shown>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hears a click on a notification.
pub fn listen(app: &AppHandle) {
    let handle = app.clone();
    let heard = app.notification().on_action(move |performed| {
        let clicked = performed.notification().map(ActiveNotification::id);
        let session = shown().iter().find(|one| Some(one.id) == clicked).map(|one| one.session);
        // Some servers keep what was clicked.
        clicked.into_iter().for_each(|id| put_away(&handle, id));
        let app = handle.clone();
        let _ = handle.run_on_main_thread(move || windows::show_main(&app, session));
    });
    if let Err(error) = heard {
        trouble::note(format_args!("clicks on notifications are not heard: {error}"));
    }
}

/// What a person should hear of when this happens, if anything. Every event has to come by here, in order: it also
/// follows the turns that were begun here.
#[must_use]
pub fn heard(app: &AppHandle, event: &Event) -> Option<String> {
    let desk = app.state::<Desk>();
    let is_our_end = desk.ours.hear(event);
    if is_our_end {
        rest::again(app);
    }
    worth_telling(desk.settings.words(), &event.body, is_our_end).filter(|_| !windows::is_in_front(app))
}

/// Tells `text` of a session that is called `title`.
pub fn tell(app: &AppHandle, session: SessionId, title: Option<String>, text: &str) {
    let id = note(session);
    let title = title.unwrap_or_else(|| "Jamey".to_owned());
    let notification = app.notification().builder().id(id).title(cut(&title)).body(cut(text));
    #[cfg(target_os = "linux")]
    let notification = notification.on_close({
        let app = app.clone();
        move || put_away(&app, id)
    });
    if let Err(error) = notification.show() {
        trouble::note(format_args!("a notification could not be shown: {error}"));
        put_away(app, id);
    }
    // Without a service the tray's icon still says it; an open page says why nothing else did.
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if !is_there().await {
            put_away(&app, id);
            let _ = NotTold.emit(&app);
        }
    });
}

/// Tells what belongs to no session; a click opens the window.
///
/// # Errors
/// When that could not be prepared. Whether anybody shows it is another question: see `is_there`.
pub fn say(app: &AppHandle, text: &str) -> Result<(), tauri_plugin_notification::Error> {
    app.notification().builder().title("Jamey").body(cut(text)).show()
}

/// Nobody sees this one any more, or ever did.
fn put_away(app: &AppHandle, id: i32) {
    for one in shown().iter_mut().filter(|one| one.id == id) {
        one.is_open = false;
    }
    rest::again(app);
}

fn note(session: SessionId) -> i32 {
    let mut shown = shown();
    let id = shown.front().map_or(1, |newest| newest.id.wrapping_add(1));
    shown.truncate(MOST - 1);
    shown.push_front(Shown { id, session, is_open: true });
    id
}

/// Whether one is shown that nobody has clicked or put away; only this process hears that.
#[must_use]
pub fn is_open() -> bool {
    shown().iter().any(|one| one.is_open)
}

/// Turns that were begun elsewhere, in a terminal say, tell their end there; a question is told everywhere, since
/// it may be answered anywhere.
fn worth_telling(words: &Words, body: &EventBody, is_our_end: bool) -> Option<String> {
    match body {
        EventBody::ApprovalRequested { approval } => Some((words.asks)(&approval.question)),
        EventBody::TurnEnded { outcome } if is_our_end => match outcome {
            Outcome::Completed => Some(words.answered.to_owned()),
            Outcome::Failed { error } => Some((words.failed)(&error.message)),
            Outcome::Interrupted { .. } => None,
        },
        _ => None,
    }
}

/// One line of bounded length, without what could pretend to be something else.
pub fn cut(text: &str) -> String {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut line: String = line.filter(|letter| !is_invisible(*letter)).take(LONGEST + 1).collect();
    if line.chars().count() > LONGEST {
        line.pop();
        line.pop();
        line.push('…');
    }
    line
}

/// Letters that turn the direction of writing or have no width.
fn is_invisible(letter: char) -> bool {
    turns_direction(letter)
        || matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use jamey_protocol::Settings;

    use super::*;

    fn event(turn: TurnId, body: EventBody) -> Event {
        Event { session: SessionId::new(), seq: Some(1), at: 0, turn: Some(turn), body }
    }

    #[test]
    fn only_turns_that_were_begun_here_are_told_to_have_ended() {
        let (ours, op, turn) = (Ours::default(), OpId::new(), TurnId::new());
        let begins = |op_id| EventBody::TurnStarted { op_id, settings: Settings::default() };
        let ends = || EventBody::TurnEnded { outcome: Outcome::Completed };
        ours.note(op);
        ours.hear(&event(TurnId::new(), begins(OpId::new())));
        assert!(!ours.are_running());
        ours.hear(&event(turn, begins(op)));
        assert!(ours.are_running());
        assert!(!ours.hear(&event(TurnId::new(), ends())));
        assert!(ours.hear(&event(turn, ends())));
        assert!(!ours.are_running());
        assert!(!ours.hear(&event(turn, ends())));
    }

    #[test]
    fn a_notification_is_one_honest_line() {
        assert_eq!(cut("a\nb\u{202e}c"), "a bc");
        assert_eq!(cut(&"é".repeat(500)).chars().count(), LONGEST);
        let ended = EventBody::TurnEnded { outcome: Outcome::Completed };
        let words = crate::words::Language::En.words();
        assert!(worth_telling(words, &ended, false).is_none());
        assert_eq!(worth_telling(words, &ended, true).as_deref(), Some("The answer is there"));
    }
}

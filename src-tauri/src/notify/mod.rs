//! Telling a person who looks elsewhere that a turn ended or waits for them.

mod service;

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use jamey_protocol::{Event, EventBody, OpId, Outcome, SessionId, TurnId, letters::turns_direction};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::{ActiveNotification, NotificationExt as _};
use tauri_specta::Event as _;

pub use service::is_there;

use crate::{bridge::NotTold, desk::Desk, windows};

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

/// Shown notifications, so that a click finds its session.
static SHOWN: Mutex<VecDeque<(i32, SessionId)>> = Mutex::new(VecDeque::new());

/// Hears a click on a notification.
pub fn listen(app: &AppHandle) {
    let handle = app.clone();
    let heard = app.notification().on_action(move |performed| {
        let id = performed.notification().map(ActiveNotification::id);
        let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let session = shown.iter().find(|(other, _)| Some(*other) == id).map(|(_, session)| *session);
        drop(shown);
        let app = handle.clone();
        let _ = handle.run_on_main_thread(move || windows::show_main(&app, session));
    });
    if let Err(error) = heard {
        eprintln!("jamey-desktop: clicks on notifications are not heard: {error}");
    }
}

/// What a person should hear of when this happens, if anything. Every event has to come by here, in order: it also
/// follows the turns that were begun here.
#[must_use]
pub fn heard(app: &AppHandle, event: &Event) -> Option<String> {
    let is_our_end = app.state::<Desk>().ours.hear(event);
    worth_telling(&event.body, is_our_end).filter(|_| !windows::is_in_front(app))
}

/// Tells `text` of a session that is called `title`.
pub fn tell(app: &AppHandle, session: SessionId, title: Option<String>, text: &str) {
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let id = shown.front().map_or(1, |(newest, _)| newest.wrapping_add(1));
    shown.truncate(MOST - 1);
    shown.push_front((id, session));
    drop(shown);
    let title = title.unwrap_or_else(|| "Jamey".to_owned());
    let notification = app.notification().builder().id(id).title(cut(&title)).body(cut(text));
    if let Err(error) = notification.show() {
        eprintln!("jamey-desktop: a notification could not be shown: {error}");
    }
    // Without a service the tray's icon still says it; an open page says why nothing else did.
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if !is_there().await {
            let _ = NotTold.emit(&app);
        }
    });
}

fn worth_telling(body: &EventBody, is_our_end: bool) -> Option<String> {
    match body {
        EventBody::ApprovalRequested { approval } => Some(format!("Needs you: {}", approval.question)),
        EventBody::TurnEnded { outcome } if is_our_end => match outcome {
            Outcome::Completed => Some("The answer is there".to_owned()),
            Outcome::Failed { error } => Some(format!("It failed: {}", error.message)),
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
        assert!(worth_telling(&EventBody::TurnEnded { outcome: Outcome::Completed }, false).is_none());
    }
}

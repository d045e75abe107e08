//! The notifications that were shown: a click finds its session, and what is over is taken back.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use jamey_protocol::{ApprovalId, Event, EventBody, SessionId};

use super::MOST;

/// What is over, so that nobody need be told of it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// A person clicked on this one.
    Clicked(i32),
    /// A question was answered, wherever that was.
    Answered(ApprovalId),
    /// A turn of this session ended, and its questions with it, or the session is gone.
    Session(SessionId),
    /// A person looks at the window, which says all of it.
    All,
}

impl Over {
    /// What is over with this event.
    pub(super) fn with(event: &Event) -> Option<Self> {
        match &event.body {
            EventBody::ApprovalResolved { approval_id, .. } => Some(Self::Answered(*approval_id)),
            EventBody::TurnEnded { .. } | EventBody::SessionDeleted {} => Some(Self::Session(event.session)),
            _ => None,
        }
    }

    fn has(self, one: &One) -> bool {
        match self {
            Self::Clicked(id) => one.id == id,
            Self::Answered(approval) => one.asks == Some(approval),
            Self::Session(session) => one.session == session,
            Self::All => true,
        }
    }
}

/// The newest first.
#[derive(Debug)]
pub(super) struct Shown(Mutex<VecDeque<One>>);

#[derive(Debug)]
struct One {
    id: i32,
    session: SessionId,
    /// The question that it is about.
    asks: Option<ApprovalId>,
    /// Nobody has put it away yet, as far as the desktop tells.
    is_open: bool,
}

impl Shown {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// Notes one that is about to be shown, and gives it its number.
    pub(super) fn note(&self, session: SessionId, asks: Option<ApprovalId>) -> i32 {
        self.with(|all| {
            let id = all.front().map_or(1, |newest| newest.id.wrapping_add(1));
            all.truncate(MOST - 1);
            all.push_front(One { id, session, asks, is_open: true });
            id
        })
    }

    /// Nobody sees any more what is over; gives those that were open.
    pub(super) fn end(&self, over: Over) -> Vec<i32> {
        self.with(|all| {
            let ending = all.iter_mut().filter(|one| one.is_open && over.has(one));
            ending
                .map(|one| {
                    one.is_open = false;
                    one.id
                })
                .collect()
        })
    }

    /// Nobody sees this one any more, or ever did.
    pub(super) fn put_away(&self, id: i32) {
        self.with(|all| all.iter_mut().filter(|one| one.id == id).for_each(|one| one.is_open = false));
    }

    /// The session of one, also of one that is gone.
    pub(super) fn session(&self, id: i32) -> Option<SessionId> {
        self.with(|all| all.iter().find(|one| one.id == id).map(|one| one.session))
    }

    /// Whether this one is open.
    pub(super) fn is_open(&self, id: i32) -> bool {
        self.with(|all| all.iter().any(|one| one.is_open && one.id == id))
    }

    /// Whether any is.
    pub(super) fn is_any_open(&self) -> bool {
        self.with(|all| all.iter().any(|one| one.is_open))
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<One>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{Decision, Outcome};

    use super::*;

    fn over(session: SessionId, body: EventBody) -> Over {
        Over::with(&Event { session, seq: Some(1), at: 0, turn: None, body }).unwrap()
    }

    #[test]
    fn what_is_answered_ended_or_deleted_anywhere_is_taken_back_once() {
        let shown = Shown::new();
        let (one, other) = (SessionId::new(), SessionId::new());
        let (first, second) = (ApprovalId::new(), ApprovalId::new());
        let [a, b, c] = [(one, Some(first)), (one, Some(second)), (other, None)]
            .map(|(session, asks)| shown.note(session, asks));
        let answered = EventBody::ApprovalResolved { approval_id: first, decision: Decision::AllowOnce };
        assert_eq!(shown.end(over(one, answered)), [a], "another question of the session still waits");
        let ended = || EventBody::TurnEnded { outcome: Outcome::Completed };
        assert_eq!(shown.end(over(one, ended())), [b]);
        assert!(shown.end(over(one, ended())).is_empty());
        assert!(shown.is_any_open() && shown.is_open(c) && !shown.is_open(a));
        assert_eq!(shown.end(over(other, EventBody::SessionDeleted {})), [c]);
        assert!(!shown.is_any_open());
    }

    #[test]
    fn who_looks_at_the_window_needs_none_and_a_click_still_finds_its_session() {
        let shown = Shown::new();
        let session = SessionId::new();
        let [a, b, c] = [session, SessionId::new(), session].map(|session| shown.note(session, None));
        shown.put_away(b);
        assert_eq!(shown.end(Over::Clicked(a)), [a]);
        assert_eq!(shown.end(Over::All), [c]);
        assert_eq!(shown.session(a), Some(session));
    }
}

//! The turns that were begun in this shell: the ends of others are told where they were begun.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jamey_protocol::{Event, EventBody, Op, OpId, TurnId};

use super::MOST;

/// What a turn that was begun here gives at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// An answer.
    Answer,
    /// A summary of what was said.
    Summary,
}

impl Work {
    /// That of the turn which an op begins, if it begins one.
    #[must_use]
    pub fn of(op: &Op) -> Option<Self> {
        match op {
            Op::StartTurn { .. } => Some(Self::Answer),
            Op::Compact { .. } => Some(Self::Summary),
            Op::Steer { .. } | Op::Interrupt | Op::Decide { .. } | Op::Configure { .. } => None,
        }
    }
}

/// The turns that were begun here and have not ended, as far as was heard.
#[derive(Debug, Default)]
pub struct Ours(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    asked: VecDeque<(OpId, Work)>,
    running: VecDeque<(TurnId, Work)>,
}

impl Ours {
    /// Notes the op that begins a turn.
    pub fn note(&self, op: OpId, work: Work) {
        let mut turns = self.turns();
        turns.asked.truncate(MOST - 1);
        turns.asked.push_front((op, work));
    }

    /// It was refused.
    pub fn forget(&self, op: OpId) {
        self.turns().asked.retain(|(other, _)| *other != op);
    }

    /// Whether a turn that was begun here still runs, as far as was heard.
    #[must_use]
    pub fn are_running(&self) -> bool {
        !self.turns().running.is_empty()
    }

    /// Follows what happens, and tells what this event ends if that was begun here.
    pub(super) fn hear(&self, event: &Event) -> Option<Work> {
        let turn = event.turn?;
        let mut turns = self.turns();
        match &event.body {
            EventBody::TurnStarted { op_id, .. } => {
                if let Some(work) = take(&mut turns.asked, op_id) {
                    turns.running.truncate(MOST - 1);
                    turns.running.push_front((turn, work));
                }
                None
            }
            EventBody::TurnEnded { .. } => take(&mut turns.running, &turn),
            _ => None,
        }
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take<Id: PartialEq>(all: &mut VecDeque<(Id, Work)>, id: &Id) -> Option<Work> {
    let place = all.iter().position(|(other, _)| other == id)?;
    all.remove(place).map(|(_, work)| work)
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{Outcome, SessionId, Settings};

    use super::*;

    fn event(turn: TurnId, body: EventBody) -> Event {
        Event { session: SessionId::new(), seq: Some(1), at: 0, turn: Some(turn), body }
    }

    fn begins(op_id: OpId) -> EventBody {
        EventBody::TurnStarted { op_id, settings: Settings::default() }
    }

    fn ends() -> EventBody {
        EventBody::TurnEnded { outcome: Outcome::Completed }
    }

    #[test]
    fn only_turns_that_were_begun_here_are_told_to_have_ended() {
        let (ours, op, turn) = (Ours::default(), OpId::new(), TurnId::new());
        ours.note(op, Work::Answer);
        ours.hear(&event(TurnId::new(), begins(OpId::new())));
        assert!(!ours.are_running());
        ours.hear(&event(turn, begins(op)));
        assert!(ours.are_running());
        assert_eq!(ours.hear(&event(TurnId::new(), ends())), None);
        assert_eq!(ours.hear(&event(turn, ends())), Some(Work::Answer));
        assert!(!ours.are_running());
        assert_eq!(ours.hear(&event(turn, ends())), None);
    }

    #[test]
    fn a_summary_that_was_asked_for_here_is_told_too() {
        let (ours, op, turn) = (Ours::default(), OpId::new(), TurnId::new());
        let work = Work::of(&Op::Compact { keep: None }).unwrap();
        ours.note(op, work);
        ours.hear(&event(turn, begins(op)));
        assert!(ours.are_running());
        assert_eq!(ours.hear(&event(turn, ends())), Some(Work::Summary));
        assert_eq!(Work::of(&Op::Interrupt), None);
    }
}

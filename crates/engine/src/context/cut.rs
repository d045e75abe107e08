//! Where a conversation may be cut in two, and where it should.
//!
//! Invariant: no answer of the model is cut: all items of one step of one turn stay on one side, so a call never
//! loses its output, and thoughts never lose what they led to.

use std::collections::HashMap;

use jamey_protocol::{Item, ItemBody};

/// What the kept part may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Its bytes at most.
    pub bytes: usize,
    /// A person asked for the summary, so no turn is under way: at most the last one is kept.
    pub last_turn: bool,
    /// The most bytes of outputs that the model has not answered yet, from the answer that called on; with more, they
    /// are summarised too. `None` keeps them in any case.
    pub unread: Option<usize>,
}

/// Finds the place before which everything is summarised; `from` is where the last summary ended, `sizes` what the
/// model is told from each item on. `None` where there is nothing to summarise.
pub(super) fn place(items: &[Item], sizes: &[usize], from: usize, keep: Keep) -> Option<usize> {
    let places = places(items);
    let begins_turn =
        |at: usize| at == 0 || items.get(at).is_some_and(|item| item.turn != items[at - 1].turn);
    let last_turn = (0..items.len()).rev().find(|at| begins_turn(*at))?;
    let is_fit = |at: &usize| sizes[*at] <= keep.bytes;
    let newest = newest(items, sizes, keep);
    if newest < from {
        return None;
    }
    let possible = || places.iter().copied().filter(|at| (from..=newest).contains(at));
    let whole_turns =
        possible().filter(|at| begins_turn(*at) && (!keep.last_turn || *at >= last_turn)).find(is_fit);
    let place = whole_turns.or_else(|| possible().find(is_fit)).unwrap_or(newest);
    let says = |place: usize| items[from..place].iter().any(is_word);
    let place = if keep.last_turn && !says(place) { newest } else { place };
    (from <= place && says(place)).then_some(place)
}

/// Where what the model has not answered begins, so that it is not summarised.
fn newest(items: &[Item], sizes: &[usize], keep: Keep) -> usize {
    let words = unanswered_words(items);
    if keep.last_turn {
        // Nobody waits for an answer, and what failed may be what was too large.
        return if sizes[words] <= keep.bytes { words } else { items.len() };
    }
    let outputs = unread(items);
    if keep.unread.is_none_or(|most| sizes[outputs] <= most) { outputs } else { words }
}

/// Where the words begin that the person said last and the model has not answered. What a turn before said that failed
/// is not waited for: it may be what was too large.
fn unanswered_words(items: &[Item]) -> usize {
    let last = items.last().map(|item| item.turn);
    let is_last = |item: &&Item| is_said(item) && Some(item.turn) == last;
    items.len() - items.iter().rev().take_while(is_last).count()
}

/// Where the answer begins whose outputs the model has not read; where its words begin, if it has read all.
pub(super) fn unread(items: &[Item]) -> usize {
    let words = unanswered_words(items);
    let Some(Item { turn, step, body: ItemBody::ToolCall { .. }, .. }) = items[..words].last() else {
        return words;
    };
    // What a turn before did is not waited for either.
    if items.last().is_none_or(|item| item.turn != *turn) {
        return words;
    }
    items.iter().position(|item| item.turn == *turn && item.step == *step).unwrap_or(words)
}

/// All places between two answers, the end among them.
fn places(items: &[Item]) -> Vec<usize> {
    let mut ends = HashMap::new();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| item.step > 0) {
        ends.insert((item.turn, item.step), at);
    }
    let mut open_until = None;
    let mut places = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if open_until.is_none_or(|end| end < at) {
            places.push(at);
        }
        if let Some(end) = ends.get(&(item.turn, item.step)).copied().filter(|_| item.step > 0) {
            open_until = Some(open_until.map_or(end, |open: usize| open.max(end)));
        }
    }
    places.push(items.len());
    places
}

fn is_said(item: &Item) -> bool {
    matches!(item.body, ItemBody::UserMessage { .. } | ItemBody::Summary { .. })
}

/// Whether a summary can tell anything of it.
fn is_word(item: &Item) -> bool {
    match &item.body {
        ItemBody::UserMessage { .. } | ItemBody::ToolCall { .. } => true,
        ItemBody::AgentMessage { text, .. } => !text.is_empty(),
        ItemBody::Reasoning { .. } | ItemBody::Summary { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{CallStatus, TurnId};

    use super::*;
    use crate::context::{
        outputs::Outputs,
        samples::{self, item},
        weight::{Listener, from_each},
    };

    fn user(turn: TurnId) -> Item {
        samples::user(turn, &"u".repeat(100))
    }
    fn agent(turn: TurnId, step: u32) -> Item {
        samples::agent(turn, step, &"a".repeat(100))
    }
    fn call(turn: TurnId, step: u32) -> Item {
        samples::call(turn, step, CallStatus::Succeeded, &"o".repeat(97))
    }
    fn keep(bytes: usize) -> Keep {
        Keep { bytes, last_turn: false, unread: None }
    }
    fn place(items: &[Item], from: usize, keep: Keep) -> Option<usize> {
        let sizes = from_each(items, Listener { id: "p/m", outputs: Outputs::of(None) });
        super::place(items, &sizes, from, keep)
    }

    #[test]
    fn whole_turns_are_kept_as_many_as_fit() {
        let turns = [TurnId::new(), TurnId::new(), TurnId::new()];
        let items: Vec<_> = turns.into_iter().flat_map(|turn| [user(turn), agent(turn, 1)]).collect();
        assert_eq!(place(&items, 0, keep(450)), Some(2));
        assert_eq!(place(&items, 0, keep(399)), Some(4));
        assert_eq!(place(&items, 2, keep(450)), None, "all that is left fits");
        assert_eq!(place(&items, 0, keep(99)), Some(6));
        let asked = Keep { last_turn: true, ..keep(9_999) };
        assert_eq!((place(&items, 0, asked), place(&items, 4, asked)), (Some(4), Some(6)));
        assert_eq!(place(&items, 6, asked), None);
    }

    #[test]
    fn a_long_turn_is_cut_between_two_answers_and_never_between_a_call_and_its_neighbours() {
        let turn = TurnId::new();
        let items = [
            user(turn),
            agent(turn, 1),
            call(turn, 1),
            user(turn),
            call(turn, 1),
            call(turn, 2),
            agent(turn, 3),
        ];
        assert_eq!(places(&items), [0, 1, 5, 6, 7]);
        assert_eq!(place(&items, 0, keep(450)), Some(5));
        assert_eq!(place(&items, 0, keep(150)), Some(6));
    }

    #[test]
    fn outputs_that_the_model_has_not_answered_are_given_up_only_for_room_that_is_needed() {
        let turn = TurnId::new();
        let items = [
            user(turn),
            agent(turn, 1),
            call(turn, 1),
            agent(turn, 2),
            call(turn, 2),
            call(turn, 2),
            user(turn),
        ];
        let needed = |bytes, unread| Keep { unread: Some(unread), ..keep(bytes) };
        for bytes in [0, 350, 450] {
            assert_eq!(place(&items, 0, keep(bytes)), Some(3), "before the answer that called, for {bytes}");
            assert_eq!(place(&items, 0, needed(bytes, 400)), Some(3));
        }
        assert_eq!(place(&items, 0, needed(350, 399)), Some(6));
        assert_eq!(place(&items, 3, keep(0)), None, "what is before is summarised already");
        assert_eq!(place(&items, 3, needed(0, 0)), Some(6));
        // A summary that was made meanwhile answers nothing.
        let summary = ItemBody::Summary { text: "s".into(), replaces: 3 };
        let items = [&items[..6], &[item(turn, 3, summary)]].concat();
        assert_eq!((place(&items, 3, keep(0)), place(&items, 3, needed(0, 0))), (None, Some(6)));
        // Nobody waits for what a turn before did.
        let items = [&items[..6], &[user(TurnId::new())]].concat();
        assert_eq!(place(&items, 0, keep(0)), Some(6));
    }

    #[test]
    fn who_asks_for_a_summary_after_a_message_that_was_too_large_gets_rid_of_it() {
        let (first, second) = (TurnId::new(), TurnId::new());
        let items = [user(first), agent(first, 1), user(second)];
        let asked = |bytes| Keep { last_turn: true, ..keep(bytes) };
        assert_eq!(place(&items, 0, asked(99)), Some(3));
        assert_eq!(place(&items, 0, asked(100)), Some(2), "one that fits is kept");
        assert_eq!(place(&items[2..], 0, asked(99)), Some(1));
        assert_eq!(place(&items[2..], 0, asked(100)), None);
    }

    #[test]
    fn what_the_model_has_not_answered_is_never_summarised() {
        let (first, second) = (TurnId::new(), TurnId::new());
        let items = [user(first), agent(first, 1), user(second)];
        assert_eq!(place(&items, 0, keep(10)), Some(2));
        assert_eq!(place(&items[2..], 0, keep(10)), None);
    }
}

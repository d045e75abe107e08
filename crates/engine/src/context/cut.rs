//! Where a conversation may be cut in two, and where it should.
//!
//! Invariant: no answer of the model is cut: all items of one step of one turn stay on one side, so a call never
//! loses its output, and thoughts never lose what they led to.

use std::collections::HashMap;

use jamey_protocol::{Item, ItemBody, ToolCall};

use super::given;

/// What the kept part may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Its bytes at most, a tool's output counted with at most `longest_output`.
    pub bytes: usize,
    pub longest_output: usize,
    /// At most the last turn.
    pub last_turn: bool,
}

/// Finds the place before which everything is summarised; `from` is where the last summary ended. `None` where there
/// is nothing to summarise.
pub(super) fn place(items: &[Item], from: usize, keep: Keep) -> Option<usize> {
    let places = places(items);
    let begins_turn =
        |at: usize| at == 0 || items.get(at).is_some_and(|item| item.turn != items[at - 1].turn);
    let last_turn = (0..items.len()).rev().find(|at| begins_turn(*at))?;
    let sizes = sizes_from(items, keep.longest_output);
    let is_fit = |at: &usize| sizes[*at] <= keep.bytes;
    // What the person said last, and the model has not answered, is never summarised. What a turn before said that
    // failed is not waited for: it may be what was too large.
    let last = items.last()?.turn;
    let unanswered = items.iter().rev().take_while(|item| is_said(item) && item.turn == last).count();
    let newest = items.len() - unanswered;
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

/// About how many bytes the model is told of everything from each place on.
fn sizes_from(items: &[Item], longest_output: usize) -> Vec<usize> {
    let mut sizes = vec![0; items.len() + 1];
    for at in (0..items.len()).rev() {
        sizes[at] = sizes[at + 1] + size(&items[at], longest_output);
    }
    sizes
}

/// About how many bytes the model is told of these items.
pub(super) fn weight(items: &[Item], longest_output: usize) -> usize {
    items.iter().map(|item| size(item, longest_output)).sum()
}

fn size(item: &Item, longest_output: usize) -> usize {
    match &item.body {
        ItemBody::UserMessage { text, attachments } => {
            text.len() + attachments.iter().map(given::weight).sum::<usize>()
        }
        ItemBody::AgentMessage { text, .. } => text.len(),
        ItemBody::Reasoning { text, opaque, .. } => {
            opaque.as_ref().map_or(0, |opaque| opaque.len() + text.len())
        }
        ItemBody::ToolCall { call } => size_of_call(call, longest_output),
        ItemBody::Summary { .. } => 0,
    }
}

fn size_of_call(call: &ToolCall, longest_output: usize) -> usize {
    let output = call.output.as_ref().map_or(0, |output| output.text.len().min(longest_output));
    call.arguments.to_string().len() + output
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
    use jamey_protocol::{CallId, CallStatus, ItemId, ToolOutput, TurnId};
    use serde_json::json;

    use super::*;

    fn item(turn: TurnId, step: u32, body: ItemBody) -> Item {
        Item { id: ItemId::new(), turn, step, at: 0, body }
    }
    fn user(turn: TurnId) -> Item {
        item(turn, 0, ItemBody::UserMessage { text: "u".repeat(100), attachments: Vec::new() })
    }
    fn agent(turn: TurnId, step: u32) -> Item {
        item(turn, step, ItemBody::AgentMessage { text: "a".repeat(100), model: "m".into(), partial: false })
    }
    fn call(turn: TurnId, step: u32) -> Item {
        let call = ToolCall {
            call_id: CallId::new(),
            tool: "t".into(),
            arguments: json!({}),
            accesses: vec![],
            status: CallStatus::Succeeded,
            output: Some(ToolOutput { text: "o".repeat(98), ..ToolOutput::default() }),
        };
        item(turn, step, ItemBody::ToolCall { call })
    }
    fn keep(bytes: usize) -> Keep {
        Keep { bytes, longest_output: 1_000, last_turn: false }
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
    fn what_the_model_has_not_answered_is_never_summarised() {
        let (first, second) = (TurnId::new(), TurnId::new());
        let items = [user(first), agent(first, 1), user(second)];
        assert_eq!(place(&items, 0, keep(10)), Some(2));
        assert_eq!(place(&items[2..], 0, keep(10)), None);
    }
}

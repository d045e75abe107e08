//! About how many bytes the model is told of each item. Images count as the words that take as many tokens.

use jamey_protocol::{Item, ItemBody};

use super::{
    given,
    outputs::{Outputs, length},
};

/// To whom items are told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listener<'a> {
    /// `provider/model`.
    pub id: &'a str,
    pub outputs: Outputs,
}

/// The weight of everything from each item on; the last one is nothing.
pub(super) fn from_each(items: &[Item], to: Listener<'_>) -> Vec<usize> {
    let longest = to.outputs.longest_of_steps(items);
    let mut sums = vec![0; items.len() + 1];
    for (at, item) in items.iter().enumerate().rev() {
        let longest = longest.get(&(item.turn, item.step)).copied().unwrap_or_default();
        sums[at] = sums[at + 1] + of(item, to.id, longest);
    }
    sums
}

fn of(item: &Item, id: &str, longest: usize) -> usize {
    match &item.body {
        ItemBody::UserMessage { text, attachments } => {
            text.len() + attachments.iter().map(given::weight).sum::<usize>()
        }
        ItemBody::AgentMessage { text, .. } => text.len(),
        // Only the model that had it is told of it, and only with its vendor's part.
        ItemBody::Reasoning { text, opaque: Some(opaque), model } if model == id => text.len() + opaque.len(),
        ItemBody::ToolCall { call } => {
            call.tool.len() + call.arguments.to_string().len() + length(call).min(longest)
        }
        ItemBody::Reasoning { .. } | ItemBody::Summary { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{CallStatus, TurnId};

    use super::*;
    use crate::context::samples;

    fn weight(items: &[Item]) -> usize {
        from_each(items, Listener { id: "p/m", outputs: Outputs::of(Some(4_096)) })[0]
    }

    #[test]
    fn thoughts_weigh_something_to_the_model_that_had_them_alone() {
        let thought = |model: &str, opaque: Option<&str>| {
            let (text, opaque) = ("t".repeat(100), opaque.map(str::to_owned));
            samples::item(TurnId::new(), 1, ItemBody::Reasoning { text, opaque, model: model.into() })
        };
        assert_eq!(weight(&[thought("p/m", Some("sealed"))]), 106);
        assert_eq!(weight(&[thought("p/other", Some("sealed")), thought("p/m", None)]), 0);
    }

    #[test]
    fn outputs_of_one_answer_weigh_what_is_sent_of_them() {
        let turn = TurnId::new();
        let call = |step| samples::call(turn, step, CallStatus::Succeeded, &"o".repeat(9_000));
        assert_eq!(weight(&[call(1)]), 3_584 + 3);
        assert_eq!(weight(&[call(1), call(1), call(1), call(1)]), 7_168 + 4 * 3);
        assert_eq!(weight(&[call(1), call(2), call(3)]), 3 * (3_584 + 3), "three answers, not one");
    }
}

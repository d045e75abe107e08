//! From items to messages: all items of one step of one turn are one answer of the model.

use jamey_protocol::{CallStatus, Item, ItemBody, ToolCall, TurnId};

use super::{Given, outputs::length, remembered::Remembered, trim::trimmed, weight::Listener};
use crate::ports::{Message, ProposedCall, Thought, ToolResult};

const UNKNOWN: &str = "The program that ran this call was stopped before it could tell the result. It may have \
happened or not: look before doing it again.";

pub(super) fn messages(items: &[Item], given: &Given, to: Listener<'_>) -> Vec<Message> {
    let remembered = Remembered::of(items);
    let mut out: Vec<Message> = remembered.summary.map(told).into_iter().collect();
    let mut answer = Answer::to(to);
    // What the person said while calls ran follows the results: nothing may stand between the two.
    let mut said = Vec::new();
    for item in remembered.whole() {
        match &item.body {
            ItemBody::UserMessage { text, attachments } => {
                if answer.calls.is_empty() {
                    answer.close(&mut out);
                }
                said.push(given.message(text, attachments));
                if answer.key.is_none() {
                    out.append(&mut said);
                }
            }
            ItemBody::AgentMessage { text, .. } => {
                answer.open((item.turn, item.step), &mut out, &mut said);
                answer.text.push_str(text);
            }
            ItemBody::ToolCall { call } => {
                answer.open((item.turn, item.step), &mut out, &mut said);
                answer.calls.push(call);
            }
            // Only the model that had it can use it, and only with its vendor's part.
            ItemBody::Reasoning { text, opaque: opaque @ Some(_), model } if model == to.id => {
                answer.open((item.turn, item.step), &mut out, &mut said);
                let (text, opaque, model) = (text.clone(), opaque.clone(), model.clone());
                answer.reasoning.push(Thought { text, opaque, model });
            }
            ItemBody::Reasoning { .. } | ItemBody::Summary { .. } => {}
        }
    }
    answer.close(&mut out);
    out.append(&mut said);
    out
}

/// What the model is told of all that was summarised.
fn told(summary: &str) -> Message {
    Message::user(format!("Summary of the conversation so far:\n{summary}"))
}

struct Answer<'a> {
    to: Listener<'a>,
    key: Option<(TurnId, u32)>,
    reasoning: Vec<Thought>,
    text: String,
    calls: Vec<&'a ToolCall>,
}

impl<'a> Answer<'a> {
    fn to(to: Listener<'a>) -> Self {
        Self { to, key: None, reasoning: Vec::new(), text: String::new(), calls: Vec::new() }
    }

    fn open(&mut self, key: (TurnId, u32), out: &mut Vec<Message>, said: &mut Vec<Message>) {
        if self.key != Some(key) {
            self.close(out);
            out.append(said);
            self.key = Some(key);
        }
    }

    fn close(&mut self, out: &mut Vec<Message>) {
        if self.key.take().is_none() {
            return;
        }
        let reasoning = std::mem::take(&mut self.reasoning);
        let text = std::mem::take(&mut self.text);
        let calls = std::mem::take(&mut self.calls);
        if text.is_empty() && calls.is_empty() {
            return;
        }
        let proposed = calls.iter().map(|call| proposed(call)).collect();
        out.push(Message::Assistant { reasoning, text, calls: proposed });
        if !calls.is_empty() {
            let longest = self.to.outputs.longest(calls.iter().map(|call| length(call)));
            out.push(Message::Results(calls.iter().map(|call| result(call, longest)).collect()));
        }
    }
}

fn proposed(call: &ToolCall) -> ProposedCall {
    let arguments = match &call.arguments {
        serde_json::Value::String(raw) => Err(raw.clone()),
        arguments => Ok(arguments.clone()),
    };
    ProposedCall { call_id: call.call_id, tool: call.tool.clone(), arguments }
}

fn result(call: &ToolCall, longest: usize) -> ToolResult {
    let output = call.output.as_ref().map(|output| trimmed(&output.text, longest, &rest_of(call)));
    let output = output.unwrap_or_default();
    let text = match call.status {
        CallStatus::OutcomeUnknown | CallStatus::Running | CallStatus::Waiting => UNKNOWN.to_owned(),
        // A small model takes a failure for a result unless its first word says what it is.
        CallStatus::Failed if !output.starts_with("Error") => format!("Error: {output}"),
        CallStatus::Succeeded | CallStatus::Failed | CallStatus::Denied | CallStatus::Cancelled => output,
    };
    ToolResult {
        call_id: call.call_id,
        tool: call.tool.clone(),
        text,
        ok: call.status == CallStatus::Succeeded,
    }
}

/// How the model reads what is left out of an output.
fn rest_of(call: &ToolCall) -> String {
    match call.output.as_ref().and_then(|output| output.spill_path.as_deref()) {
        Some(path) => format!("the whole output is in {path}"),
        None => "ask for a smaller part".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{
        outputs::Outputs,
        samples::{self, agent, item, user},
    };

    fn messages(items: &[Item]) -> Vec<Message> {
        let outputs = Outputs::of(Some(0));
        super::messages(items, &Given::default(), Listener { id: "a/m", outputs })
    }
    fn call(turn: TurnId, step: u32, status: CallStatus) -> Item {
        samples::call(turn, step, status, "out")
    }
    fn shape(items: &[Item]) -> String {
        let name = |message: &Message| match message {
            Message::User { text, .. } => format!("U({text})"),
            Message::Assistant { text, calls, .. } => format!("A({text},{})", calls.len()),
            Message::Results(results) => format!("R({})", results.len()),
        };
        messages(items).iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn items_of_one_step_are_one_answer_followed_by_its_results() {
        let turn = TurnId::new();
        let items = [
            user(turn, "hi"),
            agent(turn, 1, "look"),
            call(turn, 1, CallStatus::Succeeded),
            call(turn, 1, CallStatus::Failed),
            call(turn, 2, CallStatus::Succeeded),
            agent(turn, 3, "done"),
        ];
        assert_eq!(shape(&items), "U(hi) A(look,2) R(2) A(,1) R(1) A(done,0)");
    }

    #[test]
    fn what_a_vendor_sealed_goes_back_in_its_order_and_thoughts_alone_are_no_answer() {
        let turn = TurnId::new();
        let thought_of = |model: &str, step, text: &str, opaque: Option<&str>| {
            let opaque = opaque.map(str::to_owned);
            item(turn, step, ItemBody::Reasoning { text: text.into(), opaque, model: model.into() })
        };
        let thought = |step, text: &str, opaque| thought_of("a/m", step, text, opaque);
        let items = [
            user(turn, "hi"),
            thought(1, "one", Some("+/=\u{e9}")),
            thought(1, "", Some("two")),
            thought(1, "for the person only", None),
            thought_of("a/other", 1, "of another model, which nobody else can read", Some("four")),
            agent(turn, 1, "done"),
            thought(2, "nothing came of it", Some("three")),
        ];
        let got = messages(&items);
        let [_, Message::Assistant { reasoning, text, .. }] = got.as_slice() else { panic!("{got:?}") };
        let sealed: Vec<_> = reasoning.iter().map(|it| (it.text.as_str(), it.opaque.as_deref())).collect();
        assert_eq!(sealed, [("one", Some("+/=\u{e9}")), ("", Some("two"))]);
        assert_eq!((text.as_str(), reasoning[0].model.as_str()), ("done", "a/m"));
    }

    #[test]
    fn what_is_said_while_a_call_runs_follows_its_result() {
        let turn = TurnId::new();
        let items = [
            user(turn, "hi"),
            call(turn, 1, CallStatus::Succeeded),
            user(turn, "also this"),
            call(turn, 1, CallStatus::Succeeded),
            agent(turn, 2, "done"),
        ];
        assert_eq!(shape(&items), "U(hi) A(,2) R(2) U(also this) A(done,0)");
    }

    #[test]
    fn an_interrupted_turn_leaves_a_history_that_goes_on() {
        let (first, second) = (TurnId::new(), TurnId::new());
        let items = [user(first, "a"), agent(first, 1, "half"), user(second, "b"), agent(second, 1, "c")];
        assert_eq!(shape(&items), "U(a) A(half,0) U(b) A(c,0)");
        assert_eq!(shape(&[user(first, "a"), user(second, "b")]), "U(a) U(b)");
    }

    #[test]
    fn an_unknown_outcome_is_told_to_the_model() {
        let turn = TurnId::new();
        let items = [user(turn, "a"), call(turn, 1, CallStatus::OutcomeUnknown)];
        let Some(Message::Results(results)) = messages(&items).pop() else { panic!("results come last") };
        assert!(results[0].text.contains("may have happened or not"), "{}", results[0].text);
        assert!(!results[0].ok);
    }

    #[test]
    fn a_failure_begins_with_the_word_error_once() {
        let turn = TurnId::new();
        let items = [user(turn, "a"), call(turn, 1, CallStatus::Failed)];
        let Some(Message::Results(results)) = messages(&items).pop() else { panic!("results come last") };
        assert_eq!(results[0].text, "Error: out");
    }

    #[test]
    fn a_summary_stands_for_what_it_replaces_and_what_follows_that_is_whole() {
        let (first, second) = (TurnId::new(), TurnId::new());
        let summary =
            |text: &str, replaces| item(second, 1, ItemBody::Summary { text: text.into(), replaces });
        let mut items = vec![
            user(first, "a"),
            agent(first, 1, "b"),
            user(second, "c"),
            call(second, 1, CallStatus::Succeeded),
            summary("short", 2),
        ];
        assert_eq!(shape(&items), "U(Summary of the conversation so far:\nshort) U(c) A(,1) R(1)");
        items.push(agent(second, 2, "d"));
        items.push(summary("shorter", 5));
        assert_eq!(shape(&items), "U(Summary of the conversation so far:\nshorter) A(d,0)");
        // Nothing that an event says can leave out what it cannot have known.
        items.push(summary("all", 99));
        items.push(user(TurnId::new(), "e"));
        assert_eq!(shape(&items), "U(Summary of the conversation so far:\nall) U(e)");
    }

    #[test]
    fn an_output_that_is_too_long_is_cut_in_its_middle_and_says_how_to_read_it() {
        let turn = TurnId::new();
        let mut long = call(turn, 1, CallStatus::Succeeded);
        if let ItemBody::ToolCall { call } = &mut long.body {
            let output = call.output.as_mut().unwrap();
            (output.text, output.spill_path) = ("x".repeat(2_000), Some("/spill/1.txt".into()));
        }
        let Some(Message::Results(results)) = messages(&[user(turn, "a"), long]).pop() else {
            panic!("results")
        };
        assert!(results[0].text.len() < 900, "{}", results[0].text.len());
        assert!(
            results[0]
                .text
                .contains("[... 1201 bytes left out here; the whole output is in /spill/1.txt ...]")
        );
    }

    #[test]
    fn an_earlier_request_is_a_prefix_of_the_next() {
        let turn = TurnId::new();
        let mut items = vec![user(turn, "hi"), call(turn, 1, CallStatus::Succeeded)];
        let before = messages(&items);
        items.push(agent(turn, 2, "done"));
        items.push(user(TurnId::new(), "next"));
        assert_eq!(messages(&items)[..before.len()], before[..]);
    }
}

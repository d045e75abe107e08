//! The model's answer while it comes, and its end.

use jamey_protocol::{Delta, EventBody, ItemBody, Level, Outcome};

use super::{
    Action,
    machine::{Growing, Machine},
};
use crate::ports::{ErrorKind, ProviderError, StopReason};

/// Whether a call came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    Yes,
    No,
}

impl Machine {
    pub(super) fn grow_text(&mut self, text: &str, out: &mut Vec<Action>) {
        if text.is_empty() {
            return;
        }
        self.close_reasoning(out);
        self.has_spoken = true;
        if self.text.is_none() {
            let item = self.item(ItemBody::AgentMessage {
                text: String::new(),
                model: self.model.clone(),
                partial: true,
            });
            out.push(Action::Emit(EventBody::ItemStarted { item: item.clone() }));
            self.text = Some(Growing { item, text: String::new(), opaque: None });
        }
        if let Some(open) = &mut self.text {
            out.push(open.grow(text));
        }
    }

    pub(super) fn grow_reasoning(&mut self, text: &str, opaque: Option<String>, out: &mut Vec<Action>) {
        if self.reasoning.is_none() {
            let item = self.item(ItemBody::Reasoning {
                text: String::new(),
                opaque: None,
                model: self.model.clone(),
            });
            out.push(Action::Emit(EventBody::ItemStarted { item: item.clone() }));
            self.reasoning = Some(Growing { item, text: String::new(), opaque: None });
        }
        let is_sealed = opaque.is_some();
        if let Some(open) = &mut self.reasoning {
            open.opaque = opaque;
            if !text.is_empty() {
                out.push(open.grow(text));
            }
        }
        // What the vendor sealed goes back as one piece; the next thought is another.
        if is_sealed {
            self.close_reasoning(out);
        }
    }

    /// The vendor's own end mark came, so calls may run.
    pub(super) fn answered(&mut self, reason: StopReason, out: &mut Vec<Action>) {
        self.close_reasoning(out);
        self.close_text(false, out);
        self.spend(Answered::Yes, out);
        if reason == StopReason::Refused && !self.has_spoken {
            let error =
                ProviderError::new(ErrorKind::ContentFilter, "the model's provider withheld the answer");
            let error = error.hint("rephrase the prompt or choose another model");
            return self.model_failed(&error, out);
        }
        if !self.has_spoken && self.queue.is_empty() {
            let error = ProviderError::new(ErrorKind::Empty, "the model sent an empty answer");
            return self.model_failed(&error, out);
        }
        match reason {
            StopReason::Done => {}
            StopReason::Length => out.push(warn("The answer was cut: the model reached its output limit.")),
            StopReason::Refused => out.push(warn("The model's provider withheld the rest of the answer.")),
        }
        if !self.queue.is_empty() {
            self.next_call(out);
        } else if self.has_unheard {
            self.call_model(out);
        } else {
            self.finish(Outcome::Completed, out);
        }
    }

    /// Tells what the call used that just ended. One that failed is told only if it is known to have used
    /// something.
    pub(super) fn spend(&mut self, answered: Answered, out: &mut Vec<Action>) {
        let (used, count) = std::mem::take(&mut self.step_usage);
        let is_known = used != jamey_protocol::Usage::default();
        if is_known {
            self.usage += used;
            out.push(Action::Emit(EventBody::UsageUpdated { usage: self.usage }));
        }
        if is_known || answered == Answered::Yes {
            out.push(Action::Spent(used, count));
        }
    }

    pub(super) fn close_text(&mut self, partial: bool, out: &mut Vec<Action>) {
        if let Some(Growing { mut item, text, .. }) = self.text.take() {
            item.body = ItemBody::AgentMessage { text, model: self.model.clone(), partial };
            out.push(Action::Emit(EventBody::ItemCompleted { item }));
        }
    }

    pub(super) fn close_reasoning(&mut self, out: &mut Vec<Action>) {
        if let Some(Growing { mut item, text, opaque }) = self.reasoning.take() {
            item.body = ItemBody::Reasoning { text, opaque, model: self.model.clone() };
            out.push(Action::Emit(EventBody::ItemCompleted { item }));
        }
    }
}

impl Growing {
    fn grow(&mut self, text: &str) -> Action {
        let offset = self.text.len() as u64;
        self.text.push_str(text);
        let delta = Delta::Text { offset, text: text.to_owned() };
        Action::Emit(EventBody::ItemDelta { item_id: self.item.id, delta })
    }
}

pub(super) fn warn(text: impl Into<String>) -> Action {
    Action::Emit(EventBody::Notice { level: Level::Warn, text: text.into() })
}

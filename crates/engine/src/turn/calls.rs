//! The calls of one answer, one after the other: judge, ask, run, record.
//!
//! Calls run in the order proposed, each only when the one before has its output, so that what a
//! person approves is what happens next.

use jamey_protocol::{
    Access, Approval, ApprovalId, CallId, CallStatus, Decision, Delta, EventBody, Item, ItemBody, ToolCall,
    ToolOutput,
};
use serde_json::Value;

use super::{
    Action, Verdict,
    failure::text,
    machine::{Machine, Phase},
};
use crate::ports::{ProposedCall, ToolError};

impl Machine {
    /// Takes the next call of the answer, or asks the model again when all have their output.
    pub(super) fn next_call(&mut self, out: &mut Vec<Action>) {
        while let Some(call) = self.queue.pop_front() {
            if let Err(why) = &call.arguments {
                let output = text(format!("Error: the arguments of this call are no JSON object: {why}"));
                self.refuse(&call, Vec::new(), CallStatus::Failed, output, out);
                continue;
            }
            self.phase = Phase::Judging(call.clone());
            return out.push(Action::Judge(call));
        }
        self.call_model(out);
    }

    pub(super) fn judged(&mut self, call_id: CallId, verdict: Verdict, out: &mut Vec<Action>) {
        let Phase::Judging(call) = &self.phase else { return self.stray(&verdict) };
        if call.call_id != call_id {
            return self.stray(&verdict);
        }
        let call = call.clone();
        match verdict {
            Verdict::Allow(accesses) => {
                let item = self.call_item(&call, accesses, CallStatus::Running);
                out.push(Action::Emit(EventBody::ItemStarted { item: item.clone() }));
                self.run(item, &call, out);
            }
            Verdict::Ask { accesses, question, choices } => {
                let item = self.call_item(&call, accesses.clone(), CallStatus::Waiting);
                let (id, call_id, item_id) = (self.clock.approval_id(), call.call_id, item.id);
                let approval = Approval { id, call_id, item_id, question, accesses, choices };
                self.ask(item, approval, out);
            }
            Verdict::Deny { accesses, reason } => {
                let output = text(format!("Error: not allowed: {reason}"));
                self.refuse(&call, accesses, CallStatus::Denied, output, out);
                self.next_call(out);
            }
            Verdict::Invalid(reason) => {
                self.refuse(&call, Vec::new(), CallStatus::Failed, text(format!("Error: {reason}")), out);
                self.next_call(out);
            }
        }
    }

    fn ask(&mut self, item: Item, approval: Approval, out: &mut Vec<Action>) {
        out.push(Action::Emit(EventBody::ItemStarted { item: item.clone() }));
        out.push(Action::Emit(EventBody::ApprovalRequested { approval: approval.clone() }));
        self.phase = Phase::Asking { item, approval };
    }

    pub(super) fn decided(&mut self, approval_id: ApprovalId, decision: Decision, out: &mut Vec<Action>) {
        match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Asking { mut item, approval } if approval.id == approval_id => {
                out.push(Action::Emit(EventBody::ApprovalResolved {
                    approval_id,
                    decision: decision.clone(),
                }));
                if let Decision::Deny { reason } = decision {
                    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                    let output = text(format!("Error: the user did not allow this call{why}"));
                    out.push(completed(item, CallStatus::Denied, output));
                    return self.next_call(out);
                }
                set_status(&mut item, CallStatus::Running, None);
                if let ItemBody::ToolCall { call } = item.body.clone() {
                    let arguments = Ok(call.arguments);
                    self.run(item, &ProposedCall { call_id: call.call_id, tool: call.tool, arguments }, out);
                }
            }
            phase => {
                self.phase = phase;
                self.stray(&decision);
            }
        }
    }

    fn run(&mut self, item: Item, call: &ProposedCall, out: &mut Vec<Action>) {
        let arguments = call.arguments.clone().unwrap_or(Value::Null);
        out.push(Action::RunTool { call_id: call.call_id, tool: call.tool.clone(), arguments });
        self.phase = Phase::Running { item, call_id: call.call_id, printed: 0 };
    }

    pub(super) fn tool_printed(&mut self, id: CallId, text: String, out: &mut Vec<Action>) {
        match &mut self.phase {
            Phase::Running { item, call_id, printed } if *call_id == id => {
                let offset = *printed;
                *printed += text.len() as u64;
                let delta = Delta::Output { offset, text };
                out.push(Action::Emit(EventBody::ItemDelta { item_id: item.id, delta }));
            }
            _ => self.stray(&"output of a tool that does not run"),
        }
    }

    pub(super) fn tool_finished(
        &mut self,
        id: CallId,
        result: Result<ToolOutput, ToolError>,
        out: &mut Vec<Action>,
    ) {
        match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Running { item, call_id, .. } if call_id == id => {
                let (status, output) = match result {
                    Ok(output) => (CallStatus::Succeeded, output),
                    Err(error) => (CallStatus::Failed, error.output),
                };
                out.push(completed(item, status, output));
                self.next_call(out);
            }
            phase @ Phase::Cancelling { call_id, .. } if call_id == id => {
                self.phase = phase;
                self.end_cancelled(Some(result.unwrap_or_else(|error| error.output)), out);
            }
            phase => {
                self.phase = phase;
                self.stray(&"end of a tool that does not run");
            }
        }
    }

    /// A call that never runs still has its item and its output.
    fn refuse(
        &self,
        call: &ProposedCall,
        accesses: Vec<Access>,
        status: CallStatus,
        output: ToolOutput,
        out: &mut Vec<Action>,
    ) {
        let item = self.call_item(call, accesses, status);
        out.push(completed(item, status, output));
    }

    pub(super) fn call_item(&self, call: &ProposedCall, accesses: Vec<Access>, status: CallStatus) -> Item {
        let call = ToolCall {
            call_id: call.call_id,
            tool: call.tool.clone(),
            arguments: call.arguments.clone().unwrap_or_else(Value::String),
            accesses,
            status,
            output: None,
        };
        self.item(ItemBody::ToolCall { call })
    }
}

pub(super) fn completed(mut item: Item, status: CallStatus, output: ToolOutput) -> Action {
    set_status(&mut item, status, Some(output));
    Action::Emit(EventBody::ItemCompleted { item })
}

pub(super) fn set_status(item: &mut Item, status: CallStatus, output: Option<ToolOutput>) {
    if let ItemBody::ToolCall { call } = &mut item.body {
        call.status = status;
        call.output = output.or(call.output.take());
    }
}

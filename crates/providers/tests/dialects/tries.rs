//! A try that fails after a thought was whole, and what the vendor gets back of it: nothing.

use std::{path::Path, sync::Arc};

use futures_util::StreamExt as _;
use jamey_engine::{
    context::{self, Addressee, Given},
    ports::{Provider, SystemClock},
    session::fold_into,
    turn::{Action, Machine, Signal, Timer, Verdict},
};
use jamey_protocol::{EventBody, Item, OpId, Outcome, Settings, ToolDescription, ToolOutput, TurnId};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{ANTHROPIC, Dialect, GEMINI, RESPONSES};
use crate::fake::{Fake, Step, chunked, until_close};

fn events(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// A thought that is whole, with the vendor's seal; Gemini's comes with the call that it led to.
fn thought(dialect: Dialect, seal: &str) -> String {
    match dialect.name {
        "anthropic" => {
            let block = json!({"type": "thinking", "thinking": "hm", "signature": ""});
            events(&[
                json!({"type": "content_block_start", "index": 0, "content_block": block}),
                json!({"type": "content_block_delta", "index": 0,
                       "delta": {"type": "signature_delta", "signature": seal}}),
                json!({"type": "content_block_stop", "index": 0}),
            ])
        }
        "responses" => {
            let item = json!({"id": "rs", "type": "reasoning", "summary": [], "encrypted_content": seal});
            events(&[json!({"type": "response.output_item.done", "output_index": 0, "item": item})])
        }
        _ => {
            let part = json!({"functionCall": {"name": "act", "args": {}}, "thoughtSignature": seal});
            events(&[json!({"candidates": [{"content": {"parts": [part], "role": "model"}}]})])
        }
    }
}

/// A call that is whole, and the end of its answer.
fn call(dialect: Dialect) -> String {
    match dialect.name {
        "anthropic" => {
            let block = json!({"type": "tool_use", "id": "t1", "name": "act", "input": {}});
            events(&[
                json!({"type": "content_block_start", "index": 1, "content_block": block}),
                json!({"type": "content_block_stop", "index": 1}),
                json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}),
                json!({"type": "message_stop"}),
            ])
        }
        "responses" => {
            let item = json!({"id": "fc", "type": "function_call", "call_id": "c1", "name": "act", "arguments": "{}"});
            events(&[
                json!({"type": "response.output_item.added", "output_index": 1, "item": item}),
                json!({"type": "response.output_item.done", "output_index": 1, "item": item}),
                json!({"type": "response.completed", "response": {"status": "completed"}}),
            ])
        }
        _ => {
            let part = json!({"text": ""});
            events(&[
                json!({"candidates": [{"content": {"parts": [part], "role": "model"}, "finishReason": "STOP"}]}),
            ])
        }
    }
}

/// Runs one turn as a session does, with the requests that a session makes, but without waiting between tries.
async fn turn(dialect: Dialect, fake: &Fake, provider: &Arc<dyn Provider>) -> Outcome {
    let id = format!("{}/m-1", dialect.name);
    let to = Addressee { id: &id, model: "m-1", window: None };
    let act = ToolDescription {
        name: "act".into(),
        description: "acts".into(),
        parameters: json!({"type": "object", "properties": {}}),
        source: "built-in".into(),
        permission: "asks".into(),
    };
    let settings = Settings { max_turns: Some(2), ..Settings::default() };
    let mut machine = Machine::new(TurnId::new(), id.clone(), settings.clone(), Arc::new(SystemClock));
    let mut items: Vec<Item> = Vec::new();
    let mut actions =
        machine.handle(Signal::Start { op_id: OpId::new(), text: "hi".into(), attachments: Vec::new() });
    loop {
        let mut signals = Vec::new();
        for action in actions.drain(..) {
            match action {
                Action::CallModel(_) => {
                    let tools = vec![act.clone()];
                    let request =
                        context::request(to, &settings, "", Path::new("/"), &items, &Given::default(), tools);
                    let mut stream = provider.stream(request, CancellationToken::new());
                    while let Some(item) = stream.next().await {
                        signals.push(match item {
                            Ok(chunk) => Signal::Chunk(chunk),
                            Err(error) => Signal::ModelFailed(error),
                        });
                    }
                }
                Action::ChooseModel => signals.push(Signal::Chosen(None)),
                Action::SetTimer(timer @ Timer::Retry(_), _) => signals.push(Signal::Rang(timer)),
                Action::Judge(call) => {
                    let verdict = Verdict::Allow(Vec::new());
                    signals.push(Signal::Judged { call_id: call.call_id, verdict });
                }
                Action::RunTool { call_id, .. } => {
                    let output = ToolOutput { text: "done".into(), ..ToolOutput::default() };
                    signals.push(Signal::ToolFinished { call_id, result: Ok(output) });
                }
                Action::Emit(EventBody::TurnEnded { outcome }) => {
                    fake.check();
                    return outcome;
                }
                Action::Emit(body) => fold_into(&mut items, &body),
                _ => {}
            }
        }
        actions = signals.into_iter().flat_map(|signal| machine.handle(signal)).collect();
    }
}

#[tokio::test]
async fn what_was_thought_in_a_try_that_failed_does_not_go_back_beside_the_answer() {
    for dialect in [ANTHROPIC, RESPONSES, GEMINI] {
        let (fake, provider) = dialect.start().await;
        let kind = dialect.media_type;
        let cut = until_close(kind, thought(dialect, "seal-of-the-first-try").as_bytes());
        let whole = thought(dialect, "seal-of-the-second-try") + &call(dialect);
        fake.answer_first([
            vec![Step::Send(cut), Step::Close],
            vec![Step::Send(chunked(kind, whole.as_bytes(), 1 << 20))],
            vec![Step::Send(chunked(kind, dialect.answer("good").as_bytes(), 1 << 20))],
        ]);
        // Three requests in two calls of the model: a try is none of its own.
        assert_eq!(turn(dialect, &fake, &provider).await, Outcome::Completed, "{}", dialect.name);
        let last = fake.requests().pop().unwrap().body.to_string();
        let has = |seal: &str| last.contains(seal);
        let seals = (has("seal-of-the-first-try"), has("seal-of-the-second-try"));
        assert_eq!(seals, (false, true), "{}: {last}", dialect.name);
    }
}

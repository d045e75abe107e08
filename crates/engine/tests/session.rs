//! A session's task against a journal in memory, a scripted model and a tool that waits to be told.

mod fakes;

use std::sync::atomic::Ordering;

use fakes::{Step, World, call, call_with, text};
use jamey_engine::{
    policy::Rule,
    ports::{ErrorKind, ProviderError},
    session::{Subscription, fold, recover},
};
use jamey_protocol::{
    Access, CallStatus, Choice, Decision, ErrorCode, EventBody, ItemBody, Mode, Op, OpId, OpRequest, Outcome,
    PatchSession, SessionStatus, Settings,
};

fn start(words: &str) -> OpRequest {
    OpRequest {
        op_id: OpId::new(),
        op: Op::StartTurn { text: words.into(), attachments: Vec::new(), settings: Settings::default() },
    }
}

#[tokio::test]
async fn subscribers_see_exactly_what_the_journal_holds() {
    let world = World::new(vec![vec![text("Hello"), text(" you"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    let accepted = world.session.op(start("hi")).await.unwrap();
    let seen = world.until_end(&mut subscription).await;
    let durable: Vec<_> =
        seen.iter().filter(|frame| frame.event.seq.is_some()).map(|f| f.event.clone()).collect();
    assert_eq!(durable, world.journal.events());
    assert_eq!(durable[0].turn, accepted.turn);
    let seqs: Vec<_> = durable.iter().filter_map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=durable.len() as u64).collect::<Vec<_>>());
    assert!(matches!(durable.last().unwrap().body, EventBody::TurnEnded { outcome: Outcome::Completed }));
    let items = fold(&durable);
    assert!(
        matches!(&items[1].body, ItemBody::AgentMessage { text, partial: false, .. } if text == "Hello you")
    );
}

#[tokio::test]
async fn an_op_is_on_the_disk_before_it_is_acknowledged_and_its_repeat_is_a_no_op() {
    let world = World::new(vec![vec![Step::Wait]]);
    let request = start("hi");
    let first = world.session.op(request.clone()).await.unwrap();
    assert!(world.journal.is_synced(), "acknowledged before it was synced");
    assert_eq!(world.session.op(request.clone()).await.unwrap().turn, first.turn);
    let other = OpRequest { op: Op::Interrupt, ..request };
    assert_eq!(world.session.op(other).await.unwrap_err().code, ErrorCode::Conflict);
    assert_eq!(world.session.op(start("again")).await.unwrap_err().code, ErrorCode::Conflict);
    assert_eq!(world.models.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_tools_start_is_on_the_disk_before_it_runs() {
    let world = World::new(vec![vec![call("act"), Step::End], vec![text("done"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    let full = Settings { mode: Some(Mode::Full), ..Settings::default() };
    let op = Op::StartTurn { text: "go".into(), attachments: Vec::new(), settings: full };
    world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
    world.tool.began.notified().await;
    assert!(world.journal.is_synced(), "the tool ran before its start was synced");
    let items = fold(&world.journal.events());
    assert!(matches!(&items[1].body, ItemBody::ToolCall { call } if call.status == CallStatus::Running));
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
}

fn configure(mode: Mode) -> OpRequest {
    let settings = Settings { mode: Some(mode), ..Settings::default() };
    OpRequest { op_id: OpId::new(), op: Op::Configure { settings } }
}

#[tokio::test]
async fn a_mode_that_is_narrowed_holds_for_the_rest_of_the_turn() {
    let act = || vec![call("act"), Step::End];
    let world = World::new(vec![act(), act(), vec![text("done"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(configure(Mode::Full)).await.unwrap();
    world.session.op(start("go")).await.unwrap();
    world.tool.began.notified().await;
    world.session.op(configure(Mode::ReadOnly)).await.unwrap();
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
    assert_eq!(statuses(&world), [CallStatus::Succeeded, CallStatus::Denied]);
}

#[tokio::test]
async fn a_mode_that_is_widened_holds_from_the_next_turn_on() {
    let act = || vec![call("act"), Step::End];
    let world = World::new(vec![act(), act(), vec![text("done"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("go")).await.unwrap();
    for round in 0..2 {
        let approval = world.approval(&mut subscription).await;
        if round == 0 {
            world.session.op(configure(Mode::Full)).await.unwrap();
        }
        let op = Op::Decide { approval_id: approval.id, decision: Decision::Deny { reason: String::new() } };
        world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
    }
    world.until_end(&mut subscription).await;
    assert_eq!(statuses(&world), [CallStatus::Denied, CallStatus::Denied]);
}

/// How each call ended.
fn statuses(world: &World) -> Vec<CallStatus> {
    let items = fold(&world.journal.events());
    let calls = items.into_iter().filter_map(|item| match item.body {
        ItemBody::ToolCall { call } => Some(call.status),
        _ => None,
    });
    calls.collect()
}

#[tokio::test]
async fn a_call_waits_for_a_person_and_runs_once_whoever_answers_first() {
    let world = World::new(vec![vec![call("act"), Step::End], vec![text("done"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("go")).await.unwrap();
    let approval = world.approval(&mut subscription).await;
    assert_eq!(world.session.session().await.unwrap().status, SessionStatus::Waiting);
    let decide =
        |decision| OpRequest { op_id: OpId::new(), op: Op::Decide { approval_id: approval.id, decision } };
    world.session.op(decide(Decision::AllowOnce)).await.unwrap();
    let late = world.session.op(decide(Decision::Deny { reason: String::new() })).await;
    assert_eq!(late.unwrap_err().code, ErrorCode::Conflict);
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
    assert_eq!(world.tool.runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_allowance_for_the_session_asks_no_second_time() {
    let world = World::new(vec![
        vec![call("act"), Step::End],
        vec![call("act"), Step::End],
        vec![text("x"), Step::End],
    ]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("go")).await.unwrap();
    let approval_id = world.approval(&mut subscription).await.id;
    let op = Op::Decide { approval_id, decision: Decision::AllowForSession };
    world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
    world.tool.go_on.notify_one();
    world.tool.began.notified().await;
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
    assert_eq!(world.tool.runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_allowance_for_good_is_kept_before_anything_runs_and_asks_in_no_later_session() {
    let world = World::new(vec![
        vec![call("act"), Step::End],
        vec![call("act"), Step::End],
        vec![text("x"), Step::End],
    ]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("go")).await.unwrap();
    let approval_id = world.approval(&mut subscription).await.id;
    let always =
        || OpRequest { op_id: OpId::new(), op: Op::Decide { approval_id, decision: Decision::AllowAlways } };
    world.rules.is_broken.store(true, Ordering::SeqCst);
    assert_eq!(world.session.op(always()).await.unwrap_err().code, ErrorCode::Storage);
    assert_eq!(world.tool.runs.load(Ordering::SeqCst), 0, "it ran though it could not be kept");
    world.rules.is_broken.store(false, Ordering::SeqCst);
    world.session.op(always()).await.unwrap();
    let accesses = vec![Access::Run { command: "act".into(), cwd: "/work".into() }];
    let rule = Rule { tool: "act".into(), folder: "/work".into(), accesses };
    assert_eq!(*world.rules.kept.lock().unwrap(), [rule]);
    world.tool.go_on.notify_one();
    world.tool.began.notified().await;
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
    assert_eq!(world.tool.runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_allowance_whose_answer_could_not_be_journaled_does_not_last() {
    for decision in [Decision::AllowAlways, Decision::AllowForSession] {
        let world = World::new(vec![vec![call("act"), Step::End], vec![call("act"), Step::End]]);
        let mut subscription = world.session.subscribe().await.unwrap();
        world.session.op(start("go")).await.unwrap();
        let approval_id = world.approval(&mut subscription).await.id;
        world.journal.is_full.store(true, Ordering::SeqCst);
        let op = Op::Decide { approval_id, decision };
        let error = world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Storage);
        assert!(world.rules.kept.lock().unwrap().is_empty(), "kept without a word in the journal");
        world.journal.is_full.store(false, Ordering::SeqCst);
        world.session.op(start("again")).await.unwrap();
        world.approval(&mut subscription).await;
        assert_eq!(world.tool.runs.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn an_answer_that_was_not_offered_is_refused_and_the_question_stays_open() {
    let world = World::new(vec![
        vec![call_with("act", serde_json::json!({"command": "act $x"})), Step::End],
        vec![text("x"), Step::End],
    ]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("go")).await.unwrap();
    let approval = world.approval(&mut subscription).await;
    assert_eq!(approval.choices, [Choice::AllowOnce, Choice::AllowForSession, Choice::Deny]);
    let decide =
        |decision| OpRequest { op_id: OpId::new(), op: Op::Decide { approval_id: approval.id, decision } };
    let error = world.session.op(decide(Decision::AllowAlways)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert!(world.rules.kept.lock().unwrap().is_empty());
    world.session.op(decide(Decision::AllowOnce)).await.unwrap();
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
}

#[tokio::test]
async fn an_interrupt_keeps_what_was_said_and_the_session_takes_the_next_prompt() {
    let world = World::new(vec![vec![text("half"), Step::Wait], vec![text("whole"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("hi")).await.unwrap();
    world.delta(&mut subscription).await;
    world.session.op(OpRequest { op_id: OpId::new(), op: Op::Interrupt }).await.unwrap();
    world.until_end(&mut subscription).await;
    let items = fold(&world.journal.events());
    assert!(matches!(&items[1].body, ItemBody::AgentMessage { text, partial: true, .. } if text == "half"));
    world.session.op(start("again")).await.unwrap();
    world.until_end(&mut subscription).await;
}

#[tokio::test]
async fn who_attaches_in_the_middle_is_given_what_was_streamed() {
    let world = World::new(vec![vec![text("half"), Step::Wait]]);
    let mut first = world.session.subscribe().await.unwrap();
    world.session.op(start("hi")).await.unwrap();
    world.delta(&mut first).await;
    let second = world.session.subscribe().await.unwrap();
    assert_eq!(second.head, world.journal.events().len() as u64);
    let EventBody::ItemDelta { delta, .. } = &second.open[0].body else {
        panic!("a delta stands for open text")
    };
    assert_eq!(*delta, jamey_protocol::Delta::Text { offset: 0, text: "half".into() });
}

#[tokio::test(start_paused = true)]
async fn streamed_text_is_kept_within_100_ms() {
    let world = World::new(vec![vec![text("half"), Step::Wait]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("hi")).await.unwrap();
    world.delta(&mut subscription).await;
    tokio::time::sleep(std::time::Duration::from_millis(101)).await;
    let texts = world.journal.texts();
    assert_eq!(texts[0].text, "half");
    let closed = recover(&world.journal.events(), &texts);
    assert!(matches!(&closed[0], EventBody::ItemCompleted { item }
        if matches!(&item.body, ItemBody::AgentMessage { text, partial: true, .. } if text == "half")));
    assert!(matches!(&closed[1], EventBody::TurnEnded { outcome: Outcome::Interrupted { .. } }));
}

#[tokio::test(start_paused = true)]
async fn a_passing_failure_is_retried_and_said() {
    let busy = || Step::Fail(ProviderError::new(ErrorKind::Overloaded, "the provider is busy"));
    let world = World::new(vec![vec![busy()], vec![text("ok"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("hi")).await.unwrap();
    let seen = world.until_end(&mut subscription).await;
    assert!(seen.iter().any(|frame| matches!(frame.event.body, EventBody::Notice { .. })));
    assert_eq!(world.models.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_is_to_be_known_of_a_model_is_said_once_in_a_session() {
    let world = World::new((0..3).map(|_| vec![text("ok"), Step::End]).collect());
    let mut subscription = world.session.subscribe().await.unwrap();
    let mut said = Vec::new();
    for caution in ["a limit cannot be held", "a limit cannot be held", "another one neither"] {
        *world.models.caution.lock().unwrap() = Some(caution.to_owned());
        world.session.op(start("hi")).await.unwrap();
        for frame in world.until_end(&mut subscription).await {
            if let EventBody::Notice { text, .. } = &frame.event.body {
                said.push(text.clone());
            }
        }
    }
    assert_eq!(said, ["a limit cannot be held", "another one neither"]);
}

#[tokio::test]
async fn a_store_that_refuses_ends_the_turn_and_the_session_recovers() {
    let world = World::new(vec![vec![text("a"), Step::Wait], vec![text("b"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("one")).await.unwrap();
    world.delta(&mut subscription).await;
    world.journal.is_full.store(true, Ordering::SeqCst);
    let refused = world.session.op(OpRequest { op_id: OpId::new(), op: Op::Interrupt }).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Storage);
    let two = world.session.op(start("two")).await.unwrap_err();
    assert_eq!((two.code, two.message.as_str()), (ErrorCode::Storage, "the disk is full"));
    world.journal.is_full.store(false, Ordering::SeqCst);
    world.session.op(start("three")).await.unwrap();
    world.until_end(&mut subscription).await;
    world.until_end(&mut subscription).await;
    let said = fold(&world.journal.events()).into_iter().filter_map(|item| match item.body {
        ItemBody::UserMessage { text, .. } => Some(text),
        _ => None,
    });
    assert_eq!(said.collect::<Vec<_>>(), ["one", "three"]);
}

#[tokio::test]
async fn closing_waits_until_the_tool_has_ended_and_all_is_journaled() {
    let world = World::new(vec![vec![call("act"), Step::End]]);
    let full = Settings { mode: Some(Mode::Full), ..Settings::default() };
    let op = Op::StartTurn { text: "go".into(), attachments: Vec::new(), settings: full };
    world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
    world.tool.began.notified().await;
    world.session.close("the runtime is stopping").await;
    assert_eq!(world.tool.running.load(Ordering::SeqCst), 0);
    let events = world.journal.events();
    assert!(
        matches!(&events.last().unwrap().body, EventBody::TurnEnded { outcome: Outcome::Interrupted { reason } }
        if reason == "the runtime is stopping")
    );
}

#[tokio::test]
async fn a_change_of_settings_holds_from_the_next_turn_and_is_told() {
    let world = World::new(vec![]);
    let settings = Settings { max_turns: Some(7), ..Settings::default() };
    let patch = PatchSession { name: Some("trip".into()), settings: Some(settings) };
    let session = world.session.update(patch).await.unwrap();
    assert_eq!((session.name.as_deref(), session.settings.max_turns), (Some("trip"), Some(7)));
    let events = world.journal.events();
    assert!(matches!(&events[0].body, EventBody::SessionUpdated { session } if session.head == 1));
}

#[tokio::test]
async fn the_title_that_its_first_words_give_a_session_is_told_once() {
    let world = World::new(vec![vec![text("Why?"), Step::End], vec![text("Yes"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    for words in ["Why does the build fail?\nIt did not yesterday.", "And now?"] {
        world.session.op(start(words)).await.unwrap();
        world.until_end(&mut subscription).await;
    }
    let titles: Vec<_> = world
        .journal
        .events()
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::SessionUpdated { session } => {
                Some((session.title.clone(), session.status, Some(session.head) == event.seq))
            }
            _ => None,
        })
        .collect();
    assert_eq!(titles, [(Some("Why does the build fail?".into()), SessionStatus::Running, true)]);
}

#[tokio::test]
async fn words_that_could_not_be_kept_name_no_session() {
    let world = World::new(vec![vec![text("b"), Step::End]]);
    let settings = PatchSession { name: None, settings: Some(Settings::default()) };
    world.session.update(settings).await.unwrap();
    let mut subscription = world.session.subscribe().await.unwrap();
    world.journal.is_full.store(true, Ordering::SeqCst);
    assert_eq!(world.session.op(start("lost")).await.unwrap_err().code, ErrorCode::Storage);
    world.journal.is_full.store(false, Ordering::SeqCst);
    world.session.op(start("kept")).await.unwrap();
    world.until_end(&mut subscription).await;
    let titles = world.journal.events().into_iter().filter_map(|event| match event.body {
        EventBody::SessionUpdated { session } => session.title,
        _ => None,
    });
    assert_eq!(titles.collect::<Vec<_>>(), ["kept"]);
}

#[tokio::test]
async fn prompts_that_cannot_be_are_refused_and_nothing_is_kept() {
    let world = World::new(vec![]);
    assert_eq!(world.session.op(start("  \n")).await.unwrap_err().code, ErrorCode::BadRequest);
    let huge = "x".repeat(9 << 20);
    assert_eq!(world.session.op(start(&huge)).await.unwrap_err().code, ErrorCode::TooLarge);
    assert!(world.journal.events().is_empty());
}

#[tokio::test]
async fn another_model_goes_on_where_one_fails_and_the_session_says_so() {
    let refused = || vec![Step::Fail(ProviderError::new(ErrorKind::Auth, "the key is wrong"))];
    let world = World::new(vec![refused(), vec![text("ok"), Step::End]]);
    world.models.has_other.store(true, Ordering::SeqCst);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("hi")).await.unwrap();
    world.until_end(&mut subscription).await;
    let events = world.journal.events();
    let told = events.iter().any(|event| {
        matches!(&event.body, EventBody::Notice { text, .. } if text == "The key is wrong; going on with other/m.")
    });
    assert!(told, "{events:?}");
    let said = fold(&events).pop().unwrap();
    assert!(matches!(said.body, ItemBody::AgentMessage { model, .. } if model == "other/m"));
}

#[tokio::test]
async fn a_turn_whose_every_model_fails_ends_with_the_last_ones_error() {
    let refused = |why: &str| vec![Step::Fail(ProviderError::new(ErrorKind::Auth, why))];
    let world = World::new(vec![refused("the first"), refused("the last")]);
    world.models.has_other.store(true, Ordering::SeqCst);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("hi")).await.unwrap();
    world.until_end(&mut subscription).await;
    let last = world.journal.events().pop().unwrap();
    let EventBody::TurnEnded { outcome: Outcome::Failed { error } } = last.body else { panic!("{last:?}") };
    assert_eq!((error.code, error.message.as_str()), (ErrorCode::Auth, "the last"));
}

fn notices(world: &World) -> Vec<String> {
    let texts = world.journal.events().into_iter().filter_map(|event| match event.body {
        EventBody::Notice { text, .. } => Some(text),
        _ => None,
    });
    texts.collect()
}

fn is_notice(body: &EventBody) -> bool {
    matches!(body, EventBody::Notice { .. })
}

#[tokio::test]
async fn while_it_is_paused_no_model_is_asked_and_the_person_is_told_so() {
    let world = World::new(vec![vec![text("Hello"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.pause.send_replace(true);
    world.session.op(start("hi")).await.unwrap();
    world.until(&mut subscription, is_notice).await;
    assert_eq!(world.models.calls.load(Ordering::SeqCst), 0);
    assert_eq!(world.session.session().await.unwrap().status, SessionStatus::Running);
    let told = notices(&world);
    assert!(told[0].contains("fake/m is not asked") && told[0].contains("jamey runtime resume"), "{told:?}");
    world.pause.send_replace(false);
    world.until_end(&mut subscription).await;
    assert_eq!((world.models.calls.load(Ordering::SeqCst), notices(&world).len()), (1, 1));
}

#[tokio::test]
async fn while_it_is_paused_what_runs_goes_on_and_no_tool_begins() {
    let world = World::new(vec![
        vec![call("act"), Step::End],
        vec![call("act"), Step::End],
        vec![text("done"), Step::End],
    ]);
    let mut subscription = world.session.subscribe().await.unwrap();
    let full = Settings { mode: Some(Mode::Full), ..Settings::default() };
    let op = Op::StartTurn { text: "go".into(), attachments: Vec::new(), settings: full };
    world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
    world.tool.began.notified().await;
    world.pause.send_replace(true);
    world.tool.go_on.notify_one();
    // The first call came to its end, and its result goes to no model.
    world.until(&mut subscription, is_notice).await;
    assert_eq!((world.tool.runs.load(Ordering::SeqCst), world.models.calls.load(Ordering::SeqCst)), (1, 1));
    world.pause.send_replace(false);
    world.tool.began.notified().await;
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
    assert_eq!((world.tool.runs.load(Ordering::SeqCst), notices(&world).len()), (2, 1));
}

/// A call that a person allowed and that waits, since everything is held.
#[allow(clippy::unwrap_used)] // A test helper fails by panicking.
async fn allowed_while_paused() -> (World, Subscription) {
    let world = World::new(vec![vec![call("act"), Step::End], vec![text("done"), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("go")).await.unwrap();
    let approval_id = world.approval(&mut subscription).await.id;
    world.pause.send_replace(true);
    let op = Op::Decide { approval_id, decision: Decision::AllowOnce };
    world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
    world.until(&mut subscription, is_notice).await;
    (world, subscription)
}

#[tokio::test]
async fn a_call_that_was_allowed_while_it_is_paused_begins_when_it_is_resumed() {
    let (world, mut subscription) = allowed_while_paused().await;
    assert!(notices(&world)[0].contains("act does not begin"), "{:?}", notices(&world));
    assert_eq!(world.tool.runs.load(Ordering::SeqCst), 0);
    world.pause.send_replace(false);
    world.tool.began.notified().await;
    world.tool.go_on.notify_one();
    world.until_end(&mut subscription).await;
    assert_eq!(world.tool.runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_call_that_waits_while_it_is_paused_does_not_begin_once_the_mode_is_narrower() {
    let (world, mut subscription) = allowed_while_paused().await;
    world.session.op(configure(Mode::ReadOnly)).await.unwrap();
    world.pause.send_replace(false);
    world.until_end(&mut subscription).await;
    assert_eq!(world.tool.runs.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stop_ends_at_once_what_waits_while_it_is_paused() {
    for allowed in [false, true] {
        let world = World::new(vec![vec![call("act"), Step::End]]);
        let mut subscription = world.session.subscribe().await.unwrap();
        world.pause.send_replace(!allowed);
        world.session.op(start("go")).await.unwrap();
        if allowed {
            let approval_id = world.approval(&mut subscription).await.id;
            world.pause.send_replace(true);
            let op = Op::Decide { approval_id, decision: Decision::AllowOnce };
            world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
        }
        world.until(&mut subscription, is_notice).await;
        world.session.op(OpRequest { op_id: OpId::new(), op: Op::Interrupt }).await.unwrap();
        let seen = world.until_end(&mut subscription).await;
        let last = &seen.last().unwrap().event.body;
        assert!(matches!(last, EventBody::TurnEnded { outcome: Outcome::Interrupted { .. } }), "{last:?}");
        assert_eq!(world.tool.runs.load(Ordering::SeqCst), 0);
        assert_eq!(world.models.calls.load(Ordering::SeqCst), usize::from(allowed));
    }
}

#[tokio::test]
async fn while_it_is_paused_no_summary_is_asked_for_either() {
    let world = World::new(vec![vec![text("Hello"), Step::End], vec![text("They greeted."), Step::End]]);
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start("hi")).await.unwrap();
    world.until_end(&mut subscription).await;
    world.pause.send_replace(true);
    let op = Op::Compact { keep: None };
    world.session.op(OpRequest { op_id: OpId::new(), op }).await.unwrap();
    world.until(&mut subscription, is_notice).await;
    assert_eq!(world.models.calls.load(Ordering::SeqCst), 1);
    world.pause.send_replace(false);
    world.until_end(&mut subscription).await;
    assert_eq!(world.models.calls.load(Ordering::SeqCst), 2);
}

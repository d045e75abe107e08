//! The machine's laws, over scripts and over random orders of signals.

mod summaries;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jamey_protocol::{
    ApprovalId, CallId, CallStatus, Decision, EventBody, ItemBody, OpId, Outcome, Settings, ToolOutput,
    TurnId, Usage,
};
use proptest::prelude::*;
use serde_json::json;

use super::{Action, Fit, Machine, Signal, Timer, Verdict};
use crate::ports::{Chunk, Clock, Count, ErrorKind, ProposedCall, ProviderError, StopReason, ToolError};

struct Still;
impl Clock for Still {
    fn now(&self) -> i64 {
        0
    }
    fn jitter(&self) -> f64 {
        0.5
    }
}

/// A clock with a jitter of its own.
struct Unlike(f64);
impl Clock for Unlike {
    fn now(&self) -> i64 {
        0
    }
    fn jitter(&self) -> f64 {
        self.0
    }
}

fn machine(settings: Settings) -> Machine {
    Machine::new(TurnId::new(), "p/m".into(), settings, Arc::new(Still))
}
fn start() -> Signal {
    Signal::Start { op_id: OpId::new(), text: "hi".into(), attachments: Vec::new() }
}
fn compact() -> Signal {
    Signal::Compact { op_id: OpId::new(), keep: "the date".into() }
}
fn call() -> ProposedCall {
    ProposedCall { call_id: CallId::new(), tool: "t".into(), arguments: Ok(json!({})) }
}
fn end() -> Signal {
    Signal::Chunk(Chunk::End(StopReason::Done))
}
fn ended(reason: StopReason) -> Signal {
    Signal::Chunk(Chunk::End(reason))
}
fn failed(kind: ErrorKind) -> Signal {
    Signal::ModelFailed(ProviderError::new(kind, "it broke"))
}

/// Feeds signals and writes down what comes out, one word each.
fn check(machine: &mut Machine, signals: impl IntoIterator<Item = Signal>, expect: &str) {
    let words: Vec<String> =
        signals.into_iter().flat_map(|signal| alone(machine, signal)).filter_map(|a| word(&a)).collect();
    assert_eq!(words.join(" "), expect);
}

/// Feeds one signal where there is no other model.
fn alone(machine: &mut Machine, signal: Signal) -> Vec<Action> {
    let actions = machine.handle(signal);
    let asks = |action: &Action| *action == Action::ChooseModel;
    if actions.iter().any(asks) { machine.handle(Signal::Chosen(None)) } else { actions }
}

fn word(action: &Action) -> Option<String> {
    let word = match action {
        Action::Spent(..) | Action::SetTimer(Timer::Summary(_), _) => return None,
        Action::Emit(body) => match body {
            EventBody::TurnStarted { .. } => "started".into(),
            EventBody::ItemStarted { item } => format!("+{}", kind(&item.body)),
            EventBody::ItemDelta { .. } => "delta".into(),
            EventBody::ItemCompleted { item } => format!("={}", kind(&item.body)),
            EventBody::ApprovalRequested { .. } => "ask".into(),
            EventBody::ApprovalResolved { .. } => "resolved".into(),
            EventBody::UsageUpdated { .. } => "usage".into(),
            EventBody::Notice { .. } => "notice".into(),
            EventBody::TurnEnded { outcome: Outcome::Completed } => "completed".into(),
            EventBody::TurnEnded { outcome: Outcome::Interrupted { .. } } => "interrupted".into(),
            EventBody::TurnEnded { outcome: Outcome::Failed { error } } => {
                format!("failed({:?})", error.code)
            }
            EventBody::SessionUpdated { .. }
            | EventBody::ConfigChanged { .. }
            | EventBody::SessionDeleted {}
            | EventBody::Unknown => "?".into(),
        },
        Action::CallModel(_) => "MODEL".into(),
        Action::Summarise(_) => "SUMMARISE".into(),
        Action::ChooseModel => "CHOOSE".into(),
        Action::StopModel => "STOP".into(),
        Action::Judge(_) => "JUDGE".into(),
        Action::RunTool { .. } => "RUN".into(),
        Action::CancelTool(_) => "CANCEL".into(),
        Action::SetTimer(..) => "TIMER".into(),
        Action::Finish => "FINISH".into(),
    };
    Some(word)
}

fn kind(body: &ItemBody) -> String {
    match body {
        ItemBody::UserMessage { .. } => "user".into(),
        ItemBody::AgentMessage { partial: true, text, .. } if !text.is_empty() => "partial".into(),
        ItemBody::AgentMessage { .. } => "agent".into(),
        ItemBody::Reasoning { .. } => "reasoning".into(),
        ItemBody::ToolCall { call } => format!("{:?}", call.status),
        ItemBody::Summary { .. } => "summary".into(),
    }
}

fn text(text: &str) -> Signal {
    Signal::Chunk(Chunk::Text(text.into()))
}

#[test]
fn a_plain_answer_is_started_grown_completed() {
    let mut turn = machine(Settings::default());
    check(&mut turn, [start()], "started =user MODEL");
    check(&mut turn, [text("a"), text("b"), end()], "+agent delta delta =agent completed FINISH");
}

#[test]
fn calls_of_one_answer_run_one_after_the_other_and_then_the_model_is_asked_again() {
    let mut turn = machine(Settings::default());
    let (one, two) = (call(), call());
    turn.handle(start());
    check(
        &mut turn,
        [Signal::Chunk(Chunk::Call(one.clone())), Signal::Chunk(Chunk::Call(two.clone())), end()],
        "JUDGE",
    );
    let allow =
        |call: &ProposedCall| Signal::Judged { call_id: call.call_id, verdict: Verdict::Allow(vec![]) };
    let done = |call: &ProposedCall| Signal::ToolFinished {
        call_id: call.call_id,
        result: Ok(ToolOutput::default()),
    };
    check(&mut turn, [allow(&one)], "+Running RUN");
    check(&mut turn, [done(&one)], "=Succeeded JUDGE");
    check(&mut turn, [allow(&two), done(&two)], "+Running RUN =Succeeded MODEL");
    check(&mut turn, [text("done"), end()], "+agent delta =agent completed FINISH");
}

#[test]
fn a_call_that_asks_runs_only_after_the_yes_to_its_own_question() {
    let mut turn = machine(Settings::default());
    let one = call();
    turn.handle(start());
    check(&mut turn, [Signal::Chunk(Chunk::Call(one.clone())), end()], "JUDGE");
    let ask = Verdict::Ask { accesses: vec![], question: "may it?".into(), choices: vec![] };
    check(&mut turn, [Signal::Judged { call_id: one.call_id, verdict: ask }], "+Waiting ask");
    let yes = |approval_id| Signal::Decided { approval_id, decision: Decision::AllowOnce };
    check(&mut turn, [yes(ApprovalId::new())], "");
    let id = turn.approval().map(|approval| approval.id).unwrap();
    check(&mut turn, [yes(id)], "resolved RUN");
    check(&mut turn, [yes(id)], "");
}

#[test]
fn a_denied_call_is_told_to_the_model_and_never_runs() {
    let mut turn = machine(Settings::default());
    let one = call();
    turn.handle(start());
    let ask = Verdict::Ask { accesses: vec![], question: "may it?".into(), choices: vec![] };
    check(
        &mut turn,
        [
            Signal::Chunk(Chunk::Call(one.clone())),
            end(),
            Signal::Judged { call_id: one.call_id, verdict: ask },
        ],
        "JUDGE +Waiting ask",
    );
    let approval_id = turn.approval().map(|approval| approval.id).unwrap();
    let no = Signal::Decided { approval_id, decision: Decision::Deny { reason: "no".into() } };
    check(&mut turn, [no], "resolved =Denied MODEL");
}

#[test]
fn arguments_that_are_no_json_fail_as_that_calls_output() {
    let mut turn = machine(Settings::default());
    let broken = ProposedCall { arguments: Err("{\"a\": ".into()), ..call() };
    turn.handle(start());
    check(&mut turn, [Signal::Chunk(Chunk::Call(broken)), end()], "=Failed MODEL");
}

#[test]
fn a_passing_failure_is_tried_again_before_anything_was_said() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [failed(ErrorKind::Overloaded)], "notice TIMER");
    check(&mut turn, [Signal::Rang(Timer::Retry(99))], "");
    check(&mut turn, [Signal::Rang(Timer::Retry(1))], "MODEL");
    check(&mut turn, [text("ok"), end()], "+agent delta =agent completed FINISH");
}

#[test]
fn nothing_is_tried_again_after_visible_text_or_for_lasting_failures() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(
        &mut turn,
        [text("half"), failed(ErrorKind::Truncated)],
        "+agent delta =partial failed(Provider) FINISH",
    );
    for (kind, code) in [(ErrorKind::Auth, "Auth"), (ErrorKind::QuotaExhausted, "Provider")] {
        let mut turn = machine(Settings::default());
        turn.handle(start());
        check(&mut turn, [failed(kind)], &format!("failed({code}) FINISH"));
    }
}

#[test]
fn another_model_goes_on_before_anything_was_said_and_the_person_is_told() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [failed(ErrorKind::Overloaded), Signal::Rang(Timer::Retry(1))], "notice TIMER MODEL");
    assert_eq!(turn.handle(failed(ErrorKind::Overloaded)), [Action::ChooseModel]);
    let actions = turn.handle(Signal::Chosen(Some("q/n".into())));
    let [Action::Emit(EventBody::Notice { text: said, .. }), Action::CallModel(_)] = actions.as_slice()
    else {
        panic!("{actions:?}")
    };
    assert!(said.ends_with("; going on with q/n."), "{said}");
    // What it says is its own.
    let actions = turn.handle(text("ok"));
    let Action::Emit(EventBody::ItemStarted { item }) = &actions[0] else { panic!("{actions:?}") };
    assert!(matches!(&item.body, ItemBody::AgentMessage { model, .. } if model == "q/n"));
    check(&mut turn, [end()], "=agent completed FINISH");
}

#[test]
fn a_lasting_failure_or_a_long_wait_asks_another_model_at_once_and_the_persons_own_doing_none() {
    for kind in [ErrorKind::Auth, ErrorKind::QuotaExhausted, ErrorKind::NotFound] {
        let mut turn = machine(Settings::default());
        turn.handle(start());
        assert_eq!(turn.handle(failed(kind)), [Action::ChooseModel]);
    }
    let mut turn = machine(Settings::default());
    turn.handle(start());
    let long = std::time::Duration::from_secs(30);
    let error = ProviderError { retry_after: Some(long), ..ProviderError::new(ErrorKind::RateLimited, "r") };
    assert_eq!(turn.handle(Signal::ModelFailed(error)), [Action::ChooseModel]);
    for kind in [ErrorKind::BadRequest, ErrorKind::ContentFilter, ErrorKind::ContextOverflow] {
        let mut turn = machine(Settings::default());
        turn.handle(start());
        assert!(!turn.handle(failed(kind)).contains(&Action::ChooseModel), "{kind:?}");
    }
    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(text("half"));
    assert!(!turn.handle(failed(ErrorKind::Auth)).contains(&Action::ChooseModel));
}

#[test]
fn tries_are_bounded() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    for timer in 1..5 {
        check(
            &mut turn,
            [failed(ErrorKind::Overloaded), Signal::Rang(Timer::Retry(timer))],
            "notice TIMER MODEL",
        );
    }
    check(&mut turn, [failed(ErrorKind::Overloaded)], "failed(Provider) FINISH");
}

#[test]
fn the_wait_is_what_the_vendor_asks_for_within_bounds_and_jitter_on_top() {
    use std::time::Duration;
    let at = |jitter: f64, retry_after: Option<Duration>, failures: u32| {
        let mut turn =
            Machine::new(TurnId::new(), "p/m".into(), Settings::default(), Arc::new(Unlike(jitter)));
        turn.handle(start());
        let error = || ProviderError { retry_after, ..ProviderError::new(ErrorKind::Overloaded, "busy") };
        let mut waits = Vec::new();
        for timer in 1..=failures {
            let actions = alone(&mut turn, Signal::ModelFailed(error()));
            waits.extend(actions.into_iter().find_map(|action| match action {
                Action::SetTimer(Timer::Retry(_), wait) => Some(wait),
                _ => None,
            }));
            turn.handle(Signal::Rang(Timer::Retry(timer)));
        }
        waits.pop().unwrap()
    };
    let (ms, seconds) = (Duration::from_millis, Duration::from_secs);
    for (jitter, asked, failures, wait) in [
        (0.5, None, 1, ms(500)),
        (0.5, None, 3, seconds(2)),
        (0.0, None, 1, ms(50)),
        (0.0, Some(ms(0)), 1, ms(50)),
        (1.0, Some(ms(0)), 3, ms(100)),
        (0.0, Some(seconds(8)), 1, seconds(8)),
        (0.5, Some(seconds(8)), 3, seconds(9)),
        (0.0, Some(seconds(600)), 1, seconds(60)),
        (1.0, Some(seconds(600)), 1, seconds(75)),
    ] {
        assert_eq!(at(jitter, asked, failures), wait, "{jitter} {asked:?} {failures}");
    }
}

#[test]
fn an_empty_answer_is_never_a_success() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [end()], "notice TIMER");
}

#[test]
fn a_cut_off_answer_says_so() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    let cut = Signal::Chunk(Chunk::End(StopReason::Length));
    check(&mut turn, [text("half"), cut], "+agent delta =agent notice completed FINISH");
}

#[test]
fn what_is_said_meanwhile_is_heard_before_the_turn_ends() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(
        &mut turn,
        [text("a"), Signal::Steer { text: "also b".into(), attachments: Vec::new() }, end()],
        "+agent delta =user =agent MODEL",
    );
    check(&mut turn, [text("b"), end()], "+agent delta =agent completed FINISH");
}

#[test]
fn an_interrupt_waits_for_the_tool_and_gives_every_call_its_output() {
    let mut turn = machine(Settings::default());
    let (one, two) = (call(), call());
    turn.handle(start());
    let calls = [one.clone(), two].map(|call| Signal::Chunk(Chunk::Call(call)));
    check(&mut turn, calls.into_iter().chain([end()]), "JUDGE");
    check(
        &mut turn,
        [Signal::Judged { call_id: one.call_id, verdict: Verdict::Allow(vec![]) }],
        "+Running RUN",
    );
    let stop = || Signal::Interrupt { reason: "stop".into() };
    check(&mut turn, [stop(), stop()], "CANCEL TIMER");
    let ended = Signal::ToolFinished { call_id: one.call_id, result: Err(ToolError::new("killed")) };
    check(&mut turn, [ended], "=Cancelled =Cancelled interrupted FINISH");
}

#[test]
fn the_limit_of_model_calls_ends_the_turn() {
    let mut turn = machine(Settings { max_turns: Some(1), ..Settings::default() });
    let broken = ProposedCall { arguments: Err("x".into()), ..call() };
    turn.handle(start());
    check(&mut turn, [Signal::Chunk(Chunk::Call(broken)), end()], "=Failed failed(Limit) FINISH");
}

#[test]
fn the_limit_of_time_stops_whatever_goes_on() {
    let mut turn = machine(Settings { max_seconds: Some(1), ..Settings::default() });
    check(&mut turn, [start()], "started =user TIMER MODEL");
    check(
        &mut turn,
        [text("a"), Signal::Rang(Timer::Wall)],
        "+agent delta STOP =partial failed(Limit) FINISH",
    );
}

/// One random signal; calls are named by a small number so that signals meet each other.
fn any_signal(calls: Vec<ProposedCall>) -> impl Strategy<Value = Signal> {
    let some = proptest::sample::select(calls);
    let verdict = prop_oneof![
        Just(Verdict::Allow(vec![])),
        Just(Verdict::Ask { accesses: vec![], question: String::new(), choices: vec![] }),
        Just(Verdict::Deny { accesses: vec![], reason: String::new() }),
        Just(Verdict::Invalid(String::new())),
    ];
    prop_oneof![
        3 => "[a-z]{0,3}".prop_map(|text| Signal::Chunk(Chunk::Text(text))),
        1 => Just(Signal::Chunk(Chunk::Reasoning { text: "r".into(), opaque: Some("o".into()) })),
        2 => some.clone().prop_map(|call| Signal::Chunk(Chunk::Call(call))),
        1 => Just(Signal::Chunk(Chunk::Usage(Usage { input: 1, ..Usage::default() }))),
        3 => Just(end()),
        1 => prop_oneof![Just(StopReason::Length), Just(StopReason::Refused)].prop_map(ended),
        2 => prop_oneof![
            Just(ErrorKind::Overloaded),
            Just(ErrorKind::Auth),
            Just(ErrorKind::ContextOverflow),
            Just(ErrorKind::LimitReached),
            Just(ErrorKind::Empty),
        ].prop_map(failed),
        1 => Just(Signal::TooLong),
        1 => proptest::option::of(Just("r".to_owned()))
            .prop_map(|stand_in| Signal::Summarising { replaces: 1, below: "w".into(), stand_in }),
        1 => Just(Signal::NothingToSummarise(ProviderError::new(ErrorKind::ContextOverflow, "too large"))),
        5 => (some.clone(), verdict).prop_map(|(call, verdict)| Signal::Judged { call_id: call.call_id, verdict }),
        2 => Just(Signal::Decided { approval_id: ApprovalId::new(), decision: Decision::AllowOnce }),
        2 => some.clone().prop_map(|call| Signal::ToolPrinted { call_id: call.call_id, text: "o".into() }),
        4 => some.prop_map(|call| Signal::ToolFinished { call_id: call.call_id, result: Ok(ToolOutput::default()) }),
        1 => Just(Signal::Steer { text: "s".into(), attachments: Vec::new() }),
        1 => (0u32..6).prop_map(|timer| Signal::Rang(Timer::Retry(timer))),
        1 => prop::option::of(Just("q/n".to_owned())).prop_map(Signal::Chosen),
        1 => (0u32..6).prop_map(|timer| Signal::Rang(Timer::Cancelled(timer))),
    ]
}

fn any_run() -> impl Strategy<Value = Vec<Signal>> {
    let calls: Vec<ProposedCall> = (0..4).map(|_| call()).collect();
    proptest::collection::vec(any_signal(calls), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_order_of_signals_keeps_the_laws(
        signals in any_run(), stop_at in 0usize..60, answer in any::<bool>(), is_asked in any::<bool>(),
    ) {
        let mut turn = machine(Settings { max_turns: Some(5), ..Settings::default() });
        let mut finished = 0;
        let mut is_stopped = false;
        let mut allowed: HashMap<CallId, usize> = HashMap::new();
        let mut outputs: HashSet<jamey_protocol::ItemId> = HashSet::new();
        let mut open_items: HashSet<jamey_protocol::ItemId> = HashSet::new();
        let stop = Signal::Interrupt { reason: "stop".into() };
        let mut all = vec![if is_asked { compact() } else { start() }];
        let (mut summaries, mut answers) = (0, 0);
        all.extend(signals);
        all.insert(stop_at.min(all.len()).max(1), stop.clone());
        // Ends whatever is left, so that there is always a finish to look at.
        all.push(stop);
        for signal in (1..=200).map(Timer::Cancelled).map(Signal::Rang) {
            all.push(signal);
        }
        for mut signal in all {
            if let (Signal::Decided { approval_id, .. }, true) = (&mut signal, answer)
                && let Some(approval) = turn.approval() {
                *approval_id = approval.id;
                *allowed.entry(approval.call_id).or_default() += 1;
            }
            if let Signal::Judged { call_id, verdict: Verdict::Allow(_) } = &signal {
                *allowed.entry(*call_id).or_default() += 1;
            }
            let is_stop = matches!(signal, Signal::Interrupt { .. });
            for action in turn.handle(signal) {
                prop_assert_eq!(finished, 0, "an action after the finish: {:?}", action);
                match &action {
                    Action::RunTool { call_id, .. } => {
                        prop_assert!(!is_stopped, "a tool was begun after the interrupt");
                        let count = allowed.get_mut(call_id);
                        prop_assert!(count.is_some_and(|n| *n > 0), "a tool ran that nobody allowed");
                    }
                    Action::CallModel(_) => {
                        prop_assert!(!is_stopped);
                        answers += 1;
                    }
                    Action::Summarise(_) | Action::ChooseModel | Action::Judge(_) => prop_assert!(!is_stopped),
                    Action::Emit(EventBody::ItemStarted { item }) => prop_assert!(open_items.insert(item.id)),
                    Action::Emit(EventBody::ItemDelta { item_id, .. }) => prop_assert!(open_items.contains(item_id)),
                    Action::Emit(EventBody::ItemCompleted { item }) => {
                        open_items.remove(&item.id);
                        prop_assert!(outputs.insert(item.id), "completed twice");
                        if let ItemBody::Summary { text, .. } = &item.body {
                            prop_assert!(!text.trim().is_empty(), "a summary without words");
                            summaries += 1;
                        }
                        if let ItemBody::ToolCall { call } = &item.body {
                            prop_assert!(call.output.is_some());
                            prop_assert!(!matches!(call.status, CallStatus::Waiting | CallStatus::Running));
                        }
                    }
                    Action::Emit(EventBody::TurnEnded { .. }) => prop_assert!(open_items.is_empty(), "left open"),
                    Action::Finish => finished += 1,
                    _ => {}
                }
            }
            is_stopped |= is_stop;
        }
        prop_assert_eq!(finished, 1);
        prop_assert!(summaries <= 2 * answers + 1, "{} summaries for {} calls", summaries, answers);
    }
}

#[test]
fn every_answered_call_is_told_once_and_a_failed_one_if_it_used_something() {
    let spent = |actions: Vec<Action>| {
        let used = |action| if let Action::Spent(used, _) = action { Some(used.input) } else { None };
        actions.into_iter().filter_map(used).collect::<Vec<_>>()
    };
    let usage = |input| Signal::Chunk(Chunk::Usage(Usage { input, ..Usage::default() }));
    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(usage(7));
    assert_eq!(spent(turn.handle(failed(ErrorKind::Truncated))), [7]);
    turn.handle(Signal::Rang(Timer::Retry(1)));
    assert_eq!(spent(turn.handle(failed(ErrorKind::Transport))), [0; 0]);
    turn.handle(Signal::Chosen(None));
    turn.handle(Signal::Rang(Timer::Retry(2)));
    turn.handle(text("a"));
    turn.handle(usage(9));
    let ended = turn.handle(end());
    let total = ended.iter().find_map(|action| match action {
        Action::Emit(EventBody::UsageUpdated { usage }) => Some(usage.input),
        _ => None,
    });
    assert_eq!((total, spent(ended)), (Some(16), vec![9]));

    let mut guessed = machine(Settings::default());
    guessed.handle(start());
    guessed.handle(text("a"));
    let about = Usage { input: 5, ..Usage::default() };
    guessed.handle(Signal::Chunk(Chunk::Estimate(about)));
    assert!(guessed.handle(end()).contains(&Action::Spent(about, Count::Estimated)));

    let mut stopped = machine(Settings::default());
    stopped.handle(start());
    stopped.handle(text("a"));
    stopped.handle(Signal::Chunk(Chunk::Estimate(about)));
    let interrupt = Signal::Interrupt { reason: "the person stopped it".into() };
    assert!(stopped.handle(interrupt).contains(&Action::Spent(about, Count::Estimated)));

    let mut silent = machine(Settings::default());
    silent.handle(start());
    silent.handle(text("a"));
    assert_eq!(spent(silent.handle(end())), [0], "a call that does not tell is a call all the same");
}

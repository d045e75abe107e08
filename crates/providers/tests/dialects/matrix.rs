//! A thousand calls that go wrong, over three providers of which each may go on for the one before.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::StreamExt as _;
use jamey_engine::{
    ports::{Provider, SystemClock},
    turn::{Action, Machine, Signal, Timer},
};
use jamey_protocol::{EventBody, ItemBody, OpId, Outcome, Settings, TurnId};
use tokio_util::sync::CancellationToken;

use super::{ANTHROPIC, Dialect, GEMINI, RESPONSES, request};
use crate::fake::{Fake, Step, chunked, plain, until_close};

/// Numbers that are the same in each run.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }
}

/// The first two do not pass by themselves.
const FAULTS: [&str; 9] =
    ["quota", "key", "rate limit", "broken", "cut", "malformed", "reset", "empty", "web page"];

/// A fault that comes before anything can be seen.
fn fault(dialect: Dialect, name: &str) -> Vec<Step> {
    let json = "content-type: application/json\r\n";
    let refusal = |status: &str, code: &str| {
        let body = format!("{{\"error\":{{\"type\":\"{code}\",\"code\":\"{code}\",\"message\":\"no\"}}}}");
        vec![Step::Send(plain(status, json, &body))]
    };
    let kind = dialect.media_type;
    match name {
        "rate limit" => {
            vec![Step::Send(plain("429 Too Many Requests", &format!("{json}retry-after: 30\r\n"), "{}"))]
        }
        "quota" => refusal("429 Too Many Requests", "insufficient_quota"),
        "key" => refusal("401 Unauthorized", "authentication_error"),
        "broken" => refusal("503 Service Unavailable", "api_error"),
        "cut" => {
            let whole = dialect.answer("never seen");
            vec![Step::Send(until_close(kind, &whole.as_bytes()[..20])), Step::Close]
        }
        "malformed" => vec![Step::Send(chunked(kind, b"data: {{\n\n", 100))],
        "reset" => vec![Step::Close],
        "empty" => vec![Step::Send(chunked(kind, b"", 100))],
        _ => vec![Step::Send(plain("200 OK", "content-type: text/html\r\n", "<html>Sign in</html>"))],
    }
}

struct Side {
    dialect: Dialect,
    fake: Fake,
    provider: Arc<dyn Provider>,
}

/// Runs one turn as a session does, but without waiting between tries. Returns what it said, how it ended,
/// and how many requests it took.
async fn turn(sides: &[Side], mut script: impl FnMut(&Side) -> Vec<Step>) -> (String, Outcome, u32) {
    let name = |side: &Side| format!("{}/m-1", side.dialect.name);
    let mut at = 0;
    let mut machine =
        Machine::new(TurnId::new(), name(&sides[0]), Settings::default(), Arc::new(SystemClock));
    let mut actions =
        machine.handle(Signal::Start { op_id: OpId::new(), text: "hi".into(), attachments: Vec::new() });
    let (mut said, mut requests) = (String::new(), 0);
    loop {
        let mut signals = Vec::new();
        for action in actions.drain(..) {
            match action {
                Action::CallModel(_) => {
                    requests += 1;
                    let side = &sides[at];
                    side.fake.answer(script(side));
                    let mut stream = side.provider.stream(request(), CancellationToken::new());
                    while let Some(item) = stream.next().await {
                        signals.push(match item {
                            Ok(chunk) => Signal::Chunk(chunk),
                            Err(error) => Signal::ModelFailed(error),
                        });
                    }
                }
                Action::ChooseModel => {
                    let next = sides.get(at + 1).map(name);
                    at += usize::from(next.is_some());
                    signals.push(Signal::Chosen(next));
                }
                Action::SetTimer(timer @ Timer::Retry(_), _) => signals.push(Signal::Rang(timer)),
                Action::Emit(EventBody::ItemCompleted { item }) => {
                    if let ItemBody::AgentMessage { text, .. } = item.body {
                        said.push_str(&text);
                    }
                }
                Action::Emit(EventBody::TurnEnded { outcome }) => return (said, outcome, requests),
                _ => {}
            }
        }
        actions = signals.into_iter().flat_map(|signal| machine.handle(signal)).collect();
    }
}

#[tokio::test]
async fn of_a_thousand_calls_that_go_wrong_nearly_all_are_answered() {
    let start = |dialect: Dialect| async move {
        let (fake, provider) = dialect.start().await;
        Side { dialect, fake, provider }
    };
    let sides = [start(RESPONSES).await, start(ANTHROPIC).await, start(GEMINI).await];
    let mut seeded = Seeded(20_261_126);
    let (mut answered, mut requests) = (0, 0);
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut unanswered: Vec<Vec<(&str, &str)>> = Vec::new();
    for call in 0..1000 {
        let wanted = format!("answer {call}");
        let (mut is_first, mut met) = (true, Vec::new());
        let script = |side: &Side| {
            // The first request always fails, of the later ones one in three.
            if std::mem::take(&mut is_first) || seeded.next(3) == 0 {
                // Where no account at all is good, nobody can answer: the last one's is.
                let faults = if side.dialect.name == GEMINI.name { &FAULTS[2..] } else { &FAULTS };
                let name = faults[usize::try_from(seeded.next(faults.len() as u64)).unwrap()];
                *seen.entry(name).or_default() += 1;
                met.push((side.dialect.name, name));
                fault(side.dialect, name)
            } else {
                let answer = side.dialect.answer(&wanted);
                vec![Step::Send(chunked(side.dialect.media_type, answer.as_bytes(), 50))]
            }
        };
        let (said, outcome, count) = turn(&sides, script).await;
        requests += count;
        if outcome == Outcome::Completed {
            assert_eq!(said, wanted);
            answered += 1;
        } else {
            unanswered.push(met);
        }
    }
    // Where nobody answered, nothing was left to be tried: every provider had failed, the last one five times.
    for met in &unanswered {
        let times = |side: &Side| met.iter().filter(|(name, _)| *name == side.dialect.name).count();
        let [first, second, last] = sides.each_ref().map(times);
        assert!(first > 0 && second > 0 && last == 5, "{met:?}");
    }
    assert!(seen.len() == FAULTS.len() && seen.values().all(|count| *count > 80), "{seen:?}");
    println!(
        "{answered} of 1000 answered with {requests} requests; faults: {seen:?}; unanswered: {unanswered:?}"
    );
    assert!(answered >= 999, "{answered} of 1000");
    for side in &sides {
        side.fake.check();
    }
}

#[tokio::test]
async fn what_was_said_before_a_fault_is_never_said_twice() {
    let (fake, provider) = ANTHROPIC.start().await;
    let sides = [Side { dialect: ANTHROPIC, fake, provider }];
    let cut = ANTHROPIC.said("half");
    let script = |_: &Side| vec![Step::Send(until_close(ANTHROPIC.media_type, cut.as_bytes())), Step::Close];
    let (said, outcome, requests) = turn(&sides, script).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    assert_eq!((said.as_str(), requests), ("half", 1));
}

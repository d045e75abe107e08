//! What may be spent, with the real programs: the limit of a turn, and that of a day when ten sessions work at once.
#![cfg(unix)]

use std::{fs, thread};

use jamey_tests::{Fake, Gate, Home, Reply, Runtime, Seen, home::MODEL};
use rustix::process::Signal;
use serde_json::{Value, json};

fn configured(home: Home, toml: &str) -> Home {
    let folder = home.jamey_home().join("config");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("runtime.toml"), toml).unwrap();
    home
}

/// Ends an answer with what it used.
fn used(reply: Reply, finish: &str, input: u64, output: u64) -> Reply {
    let chunk = |choices: Value, usage: Value| {
        json!({"id": "s", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
            "choices": choices, "usage": usage})
    };
    let usage = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    let end = json!([{"index": 0, "delta": {}, "finish_reason": finish}]);
    reply.event(&chunk(end, Value::Null)).event(&chunk(json!([]), usage)).bytes(b"data: [DONE]\n\n")
}

#[test]
fn the_limit_of_a_turn_goes_along_to_the_model_that_goes_on() {
    let first = Fake::new(|seen: &Seen| match seen.outputs().as_slice() {
        [] => {
            let call = Reply::stream().tool(0, "file_read", &json!({"path": "notes.txt"}));
            used(call, "tool_calls", 1_000, 2_500)
        }
        _ => Reply::status(401, "the key was taken back"),
    });
    let second = Fake::new(|_| Reply::text("from the other one")).for_any_key();
    let toml = format!(
        "[limits]\nturn_tokens = 4_000\n[models]\nfallback = [\"other/m\"]\n[providers.other]\n\
         kind = \"openai-compatible\"\nbase_url = \"{}\"\n",
        second.base_url()
    );
    let home = configured(Home::with(&first), &toml);
    home.file("notes.txt", "notes");
    let runtime = Runtime::start(&home);
    let ran = home.ask(&["what is in the notes?"]).exits(6);
    assert!(ran.stderr.contains("limits.turn_tokens is 4000 tokens, 3500 of them are used"), "{ran:?}");
    assert!(second.seen().is_empty(), "the other model was asked beyond the turn's limit");
    runtime.stop();
}

#[test]
fn where_a_price_is_not_known_the_session_says_once_that_a_limit_in_dollars_cannot_be_held() {
    let fake = Fake::new(|_| Reply::text("ok"));
    let home = configured(Home::with(&fake), "[limits]\nday_cost = 2.50\n");
    let runtime = Runtime::start(&home);
    let said = |ran: &jamey_tests::Ran| ran.stderr.contains("limits.day_cost cannot be held for it");
    let first = home.ask(&["hi"]).exits(0);
    assert!(said(&first) && first.stderr.contains("[models.catalogue] \"openai/scripted\" = {"), "{first:?}");
    let second = home.ask(&["-c", "again"]).exits(0);
    assert!(!said(&second), "{second:?}");
    runtime.stop();
    // With a price it is held, and there is nothing to say.
    let price = "[limits]\nday_cost = 2.50\n[models.catalogue]\n\"openai/scripted\" = { input = 1.0, output = 4.0 }\n";
    let home = configured(Home::with(&fake), price);
    let runtime = Runtime::start(&home);
    let third = home.ask(&["hi"]).exits(0);
    assert!(!said(&third), "{third:?}");
    runtime.stop();
}

#[test]
fn an_answer_whose_use_nobody_told_is_an_estimate_and_no_zero() {
    let fake = Fake::new(|_| {
        let chunk = |delta: Value, finish: Value| {
            json!({"id": "s", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
        };
        let words = chunk(json!({"content": "w".repeat(300)}), Value::Null);
        Reply::stream().event(&words).event(&chunk(json!({}), json!("stop"))).bytes(b"data: [DONE]\n\n")
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["hi"]).exits(0);
    let total = home.jamey(&["usage", "--json"]).exits(0).json()["total"].clone();
    assert_eq!((&total["calls"], &total["estimatedCalls"]), (&json!(1), &json!(1)), "{total}");
    assert_eq!(total["tokens"]["output"], 100, "{total}");
    assert!(total["tokens"]["input"].as_u64().unwrap() > 300, "{total}");
    assert!(home.jamey(&["usage"]).exits(0).stderr.contains("1 of 1 calls are estimates"));
    runtime.stop();
}

#[test]
fn an_answer_that_the_person_stops_after_some_words_is_paid_all_the_same() {
    let gate = Gate::new();
    let held = gate.clone();
    let fake = Fake::new(move |_| Reply::stream().delta(&"w".repeat(300)).gate(&held).delta("more").stop());
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let live = home.spawn(&["ask", "-m", MODEL, "speak"]);
    live.expect("www");
    live.signal(Signal::INT);
    let _ = live.wait().exits(130);
    gate.open();
    let total = home.jamey(&["usage", "--json"]).exits(0).json()["total"].clone();
    assert_eq!((&total["calls"], &total["estimatedCalls"]), (&json!(1), &json!(1)), "{total}");
    assert_eq!(total["tokens"]["output"], 100, "{total}");
    runtime.stop();
}

#[test]
fn ten_sessions_at_once_stay_within_the_limit_of_a_day() {
    const LIMIT: u64 = 60_000;
    // An honest provider that uses all that it is given.
    let fake = Fake::new(|seen: &Seen| {
        let most =
            ["max_completion_tokens", "max_tokens"].into_iter().find_map(|key| seen.body[key].as_u64());
        used(Reply::stream().delta("ok"), "stop", seen.bytes as u64 / 4, most.unwrap().min(3_000))
    });
    let home = configured(Home::with(&fake), &format!("[limits]\nday_tokens = {LIMIT}\n"));
    let runtime = Runtime::start(&home);
    let refused: usize = thread::scope(|scope| {
        // Asks until the limit is reached.
        let one = || {
            let ran = (0..60).map(|_| home.ask(&["go on"])).find(|ran| ran.code != 0).unwrap();
            assert!(ran.code == 6 && ran.stderr.contains("limits.day_tokens is 60000 tokens"), "{ran:?}");
        };
        let people: Vec<_> = (0..10).map(|_| scope.spawn(one)).collect();
        people.into_iter().map(|person| person.join().unwrap()).count()
    });
    assert_eq!(refused, 10, "each was told that the limit is reached");
    let usage = home.jamey(&["usage", "--json"]).exits(0).json();
    let tokens = &usage["total"]["tokens"];
    let sum = tokens["input"].as_u64().unwrap() + tokens["output"].as_u64().unwrap();
    assert!(sum <= LIMIT && sum > LIMIT * 9 / 10, "{sum} of {LIMIT}: {usage}");
    assert_eq!(usage["total"]["calls"], fake.seen().len(), "each call is a row");
    runtime.stop();
}

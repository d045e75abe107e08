//! An older command with a newer runtime, and the other way round, with the real programs.
#![cfg(unix)]

use std::collections::BTreeMap;

use jamey_protocol::OpId;
use jamey_tests::{Fake, Home, Reply, Runtime, stranger};
use serde_json::{Value, json};

/// Puts kept values into a text.
fn filled(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Holds what came against what the first client relied on.
fn hold(expected: &Value, found: &Value, place: &str, kept: &mut BTreeMap<String, String>) {
    match expected {
        Value::String(text) => match text.as_str() {
            "<string>" => assert!(found.is_string(), "{place}: {found}"),
            "<number>" => assert!(found.is_number(), "{place}: {found}"),
            "<bool>" => assert!(found.is_boolean(), "{place}: {found}"),
            "<array>" => assert!(found.is_array(), "{place}: {found}"),
            "<object>" => assert!(found.is_object(), "{place}: {found}"),
            text if text.starts_with("<=") => {
                let name = text[2..].trim_end_matches('>').to_owned();
                kept.insert(name, found.as_str().unwrap_or_else(|| panic!("{place}: {found}")).to_owned());
            }
            text => assert_eq!(found, &json!(filled(text, kept)), "{place}"),
        },
        Value::Object(fields) => {
            assert!(found.is_object(), "{place}: {found}");
            for (name, expected) in fields {
                hold(expected, &found[name], &format!("{place}.{name}"), kept);
            }
        }
        Value::Array(all) => {
            let found = found.as_array().unwrap_or_else(|| panic!("{place}: {found}"));
            assert!(found.len() >= all.len(), "{place} has {} entries", found.len());
            for (number, (expected, found)) in all.iter().zip(found).enumerate() {
                hold(expected, found, &format!("{place}[{number}]"), kept);
            }
        }
        other => assert_eq!(other, found, "{place}"),
    }
}

#[test]
fn the_first_client_is_still_understood_and_gets_what_it_relies_on() {
    let text = include_str!("../fixtures/protocol-1.0.json");
    let frozen: Value = serde_json::from_str(text).unwrap();
    let fake = Fake::new(|seen| match seen.outputs().as_slice() {
        [] => Reply::call("shell_exec", &json!({"command": "echo ran"})),
        _ => Reply::text("It ran."),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let mut kept = BTreeMap::from([("WORK".to_owned(), home.work().display().to_string())]);
    for number in 1..=4 {
        kept.insert(format!("ID{number}"), OpId::new().to_string());
    }
    for exchange in frozen["exchanges"].as_array().unwrap() {
        let path = filled(exchange["path"].as_str().unwrap(), &kept);
        let body =
            exchange.get("body").map(|body| serde_json::from_str(&filled(&body.to_string(), &kept)).unwrap());
        let place = format!("{} {path}", exchange["method"].as_str().unwrap());
        let answer = door.call(exchange["method"].as_str().unwrap(), &path, body.as_ref()).unwrap();
        assert_eq!(exchange["status"], answer.status, "{place}: {answer:?}");
        assert!(answer.head.to_lowercase().contains("jamey-protocol: 1."), "{place}: {}", answer.head);
        hold(&exchange["answer"], &answer.json(), &place, &mut kept);
        if let Some(kind) = exchange["until"].as_str() {
            let _ = door.events(kept["ID1"].parse().unwrap(), 0).until(kind);
        }
    }
    let history = door.history(kept["ID1"].parse().unwrap());
    let told: Vec<Value> = history.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Kinds that came later may stand between those of the first version.
    let mut told = told.iter();
    for expected in frozen["events"].as_array().unwrap() {
        let kind = &expected["body"]["type"];
        let found = told.by_ref().find(|event| event["body"]["type"] == *kind);
        let found = found.unwrap_or_else(|| panic!("no {kind} came: {history:#?}"));
        hold(expected, found, &format!("event {kind}"), &mut kept);
    }
    runtime.stop();
}

#[test]
fn a_runtime_of_another_major_is_refused_and_can_be_replaced() {
    for (protocol, words) in [("2.0", "update jamey"), ("0.9", "update jamey-runtime")] {
        let home = Home::new();
        let other = stranger::of_another_protocol(&home, protocol);
        for words_of_call in
            [&["sessions"][..], &["ask", "hi"], &["runtime", "status"], &["runtime", "start"]]
        {
            let ran = home.jamey(words_of_call).exits(3);
            assert!(
                ran.stderr.contains(words) && ran.stderr.contains("hint: "),
                "{protocol} {words_of_call:?}: {ran:?}"
            );
        }
        let restarted = home.jamey(&["runtime", "restart"]).exits(0);
        assert!(
            restarted.stderr.contains("is running") || restarted.stdout.contains("is running"),
            "{restarted:?}"
        );
        let _ = other.wait();
        let status = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
        assert_ne!(status["version"], "9.9.9");
        let _ = home.jamey(&["runtime", "stop"]).exits(0);
        assert_eq!(home.processes(), []);
    }
}

#[test]
fn a_runtime_of_another_major_can_be_stopped() {
    let home = Home::new();
    let other = stranger::of_another_protocol(&home, "2.0");
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    let _ = other.wait();
    let again = stranger::of_another_protocol(&home, "2.0");
    let _ = home.jamey(&["runtime", "stop", "--now"]).exits(0);
    let _ = again.wait();
}

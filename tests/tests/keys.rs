//! Keys, files that go along, what is counted and what is limited, with the real programs as a person uses them.
#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use jamey_tests::{Fake, Home, Reply, Runtime, home::MODEL};
use serde_json::{Value, json};

/// A key that a person gives by hand; its form is that of no vendor, so that only knowing it hides it.
const GIVEN: &str = "canary.given.by.hand.71d3";

/// A person with the scripted provider and no key.
fn keyless(fake: &Fake) -> Home {
    Home::new().env("OPENAI_BASE_URL", fake.base_url())
}

fn dot_env(home: &Home) -> std::path::PathBuf {
    home.jamey_home().join("config/.env")
}

/// Every file below a folder with what it holds.
fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files(&entry.path(), into);
        } else if kind.is_file() {
            into.push((entry.path().display().to_string(), fs::read(entry.path()).unwrap()));
        }
    }
}

#[test]
fn a_key_is_given_shown_by_its_place_used_and_taken_away() {
    let fake = Fake::new(|_| Reply::text("hello")).for_any_key();
    let home = keyless(&fake);
    let runtime = Runtime::start(&home);
    let login = home.jamey_with(&["providers", "login", "openai"], format!("{GIVEN}\n").as_bytes()).exits(0);
    assert!(login.stderr.contains("OPENAI_API_KEY in .env"), "{login:?}");
    assert_eq!(fs::metadata(dot_env(&home)).unwrap().permissions().mode() & 0o777, 0o600);
    let listed = home.jamey(&["providers"]).exits(0);
    assert!(listed.stdout.contains(".env OPENAI_API_KEY") && !listed.stdout.contains(GIVEN), "{listed:?}");
    let _ = home.ask(&["hi"]).exits(0);
    assert!(fake.seen()[0].head.contains(&format!("Bearer {GIVEN}")), "{:?}", fake.seen());
    let _ = home.jamey(&["providers", "logout", "openai"]).exits(0);
    assert!(!fs::read_to_string(dot_env(&home)).unwrap().contains("OPENAI"));
    let _ = home.ask(&["hi"]).exits(0);
    assert!(!fake.seen()[1].head.contains(GIVEN), "a key that was taken away is sent no more");
    let again = home.jamey(&["providers", "logout", "openai"]);
    assert_eq!(again.code, 1, "{again:?}");
    let empty = home.jamey(&["providers", "login", "openai"]);
    assert!(empty.code == 2 && empty.stderr.contains("no key on standard input"), "{empty:?}");
    runtime.stop();
}

#[test]
fn a_wrong_key_says_where_it_came_from() {
    let fake = Fake::new(|_| Reply::status(401, "this key is not known")).for_any_key();
    let home = keyless(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.jamey_with(&["providers", "login", "openai"], GIVEN.as_bytes()).exits(0);
    let refused = home.ask(&["hi"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.stderr.contains("comes from .env OPENAI_API_KEY"), "{refused:?}");
    assert!(refused.stderr.contains("jamey providers login openai"), "{refused:?}");
    runtime.stop();
}

#[test]
fn a_given_key_is_in_no_log_event_error_export_bundle_or_childs_environment() {
    let fake = Fake::new(|seen| match (seen.number, seen.outputs().as_slice()) {
        (0, _) => Reply::status(401, &format!("the key {GIVEN} is not known")),
        (1, _) => Reply::status(500, &format!("Authorization: Bearer {GIVEN}")),
        (_, []) => Reply::call("shell_exec", &json!({"command": "env; cat /proc/self/environ"})),
        _ => Reply::text("done"),
    })
    .for_any_key();
    let home = keyless(&fake);
    let config = home.jamey_home().join("config");
    fs::create_dir_all(&config).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(config.join("runtime.toml"), "[logging]\nlevel = \"trace\"\n").unwrap();
    let runtime = Runtime::start(&home);
    let mut said = String::new();
    let mut hear = |ran: jamey_tests::Ran| {
        said.push_str(&ran.stdout);
        said.push_str(&ran.stderr);
    };
    hear(home.jamey_with(&["providers", "login", "openai", "--json"], GIVEN.as_bytes()));
    // In wrong places, and in wrong forms.
    hear(home.jamey_with(&["providers", "login", "opneai"], GIVEN.as_bytes()));
    hear(home.jamey_with(&["providers", "login", "groq"], format!("{GIVEN} {GIVEN}").as_bytes()));
    hear(home.jamey(&["config", "set", "api.port", GIVEN]));
    for prompt in ["one", "two"] {
        hear(home.ask(&["-v", "--mode", "full", prompt]));
    }
    hear(home.jamey(&["providers", "test", "openai"]));
    hear(home.jamey(&["providers", "--json"]));
    hear(home.jamey(&["doctor", "--json"]));
    hear(home.jamey(&["runtime", "status", "--json"]));
    hear(home.jamey(&["runtime", "logs", "-n", "100000"]));
    hear(home.jamey(&["config", "get"]));
    hear(home.jamey(&["usage", "--json"]));
    let sessions = home.jamey(&["sessions", "list", "--json"]).json();
    for session in sessions["data"].as_array().unwrap() {
        hear(home.jamey(&["sessions", "export", session["id"].as_str().unwrap()]));
    }
    let bundle = home.path().join("bundle.zip");
    hear(home.jamey(&["support-bundle", "--output", bundle.to_str().unwrap()]));
    let mut archive = zip::ZipArchive::new(fs::File::open(&bundle).unwrap()).unwrap();
    for number in 0..archive.len() {
        std::io::Read::read_to_string(&mut archive.by_index(number).unwrap(), &mut said).unwrap();
    }
    runtime.stop();
    assert!(said.contains("shell_exec") && said.contains("PATH="), "the command ran: {said}");
    let mut found = vec![("what was said".to_owned(), said.into_bytes())];
    files(home.path(), &mut found);
    for (place, bytes) in found.iter().filter(|(place, _)| !place.ends_with("config/.env")) {
        assert!(!String::from_utf8_lossy(bytes).contains(GIVEN), "the key is in {place}");
    }
}

#[test]
fn files_go_along_as_text_and_what_is_none_is_refused() {
    let fake = Fake::new(|_| Reply::text("read"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    home.file("notes.txt", "the deadline is 14 March\n");
    let _ = home.ask(&["-f", "notes.txt", "when?"]).exits(0);
    let expected = "when?\n\n<file name=\"notes.txt\">\nthe deadline is 14 March\n</file>";
    assert_eq!(fake.seen()[0].prompt(), expected);
    // The next request begins with the same words, or no prefix would be found again.
    let _ = home.ask(&["-c", "and then?"]).exits(0);
    let messages = fake.seen()[1].messages().to_vec();
    assert!(messages.iter().any(|message| message["content"] == expected), "{messages:?}");
    fs::write(home.work().join("a.bin"), b"\0\xff\xfe").unwrap();
    let refused = home.ask(&["-f", "a.bin", "what is it?"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(
        refused.stderr.contains("a.bin") && refused.stderr.contains("neither UTF-8 text nor"),
        "{refused:?}"
    );
    runtime.stop();
}

#[test]
fn what_is_used_is_counted_priced_and_limited() {
    let fake = Fake::new(|_| Reply::text("hello"));
    let priced = json!({MODEL: {"input": 1.0, "output": 2.0}}).to_string();
    let home = Home::with(&fake).env("JAMEY_MODELS_CATALOGUE", priced);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["hi"]).exits(0);
    let _ = home.ask(&["hi"]).exits(0);
    // The scripted provider says that each call has 10 tokens in and 5 out.
    let report = home.jamey(&["usage", "--by", "model", "--json"]).exits(0).json();
    let row = &report["rows"][0];
    assert_eq!((&row["calls"], &row["costMicros"]), (&json!(2), &json!(40)), "{report}");
    assert_eq!(row["tokens"]["input"], 20);
    let shown = home.jamey(&["usage"]).exits(0);
    assert!(shown.stdout.contains(MODEL) && shown.stdout.contains("$0.000040"), "{shown:?}");

    let _ = home.jamey(&["config", "set", "limits.day_tokens", "31"]).exits(0);
    let refused = home.ask(&["hi"]);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.stderr.contains("limits.day_tokens is 31 tokens, 30 of them are used"), "{refused:?}");
    assert_eq!(fake.seen().len(), 2, "nobody was asked");
    let limits = home.jamey(&["usage", "--json"]).json()["limits"].clone();
    assert_eq!(limits, json!([{"key": "limits.day_tokens", "used": 30, "most": 31}]));
    let _ = home.jamey(&["config", "set", "limits.day_tokens", "0"]).exits(0);
    let _ = home.ask(&["hi"]).exits(0);
    let models: Value = home.jamey(&["models", "--json"]).exits(0).json();
    let scripted = models["data"].as_array().unwrap().iter().find(|model| model["id"] == MODEL).cloned();
    if let Some(scripted) = scripted {
        assert_eq!(scripted["price"]["output"], 2.0, "{scripted}");
    }
    runtime.stop();
}

#[test]
fn short_names_stand_for_models_and_wrong_ones_are_answered_with_near_ones() {
    let fake = Fake::new(|_| Reply::text("hello"));
    let home = Home::with(&fake).env("JAMEY_MODELS_ALIASES", json!({"mine": MODEL}).to_string());
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["ask", "-m", "mine", "hi"]).exits(0);
    for (name, near) in [("sonet", "sonnet"), ("gpt-5-mini", "openai/gpt-5-mini"), ("mnie", "mine")] {
        let refused = home.jamey(&["ask", "-m", name, "hi"]);
        assert!(refused.code == 2 && refused.stderr.contains(near), "{name}: {refused:?}");
    }
    runtime.stop();
}

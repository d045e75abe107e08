//! A provider that cannot answer, and the next model that goes on: another server, and at the end of the row the model
//! on this machine.
#![cfg(unix)]

use std::{fs, path::Path};

use jamey_tests::{Fake, Home, Reply, Runtime, wait};
use serde_json::{Value, json};

/// A home whose default provider is `first`, where `second` goes on as `other/m`.
fn home(first: &Fake, second: &Fake) -> Home {
    let home = Home::with(first);
    let folder = home.jamey_home().join("config");
    fs::create_dir_all(&folder).unwrap();
    let toml = format!(
        "[models]\nfallback = [\"other/m\"]\n[providers.other]\nkind = \"openai-compatible\"\nbase_url = \"{}\"\n",
        second.base_url()
    );
    fs::write(folder.join("runtime.toml"), toml).unwrap();
    home
}

/// Refuses its first request for so many seconds, and answers all others.
fn busy_once(seconds: &str) -> Fake {
    let refusal = Reply::status(429, "slow down").header("retry-after", seconds);
    Fake::new(move |seen| if seen.number == 0 { refusal.clone() } else { Reply::text("from the first") })
}

fn health(runtime: &Runtime, name: &str) -> Value {
    let past = runtime.door().get("/v1/providers/health?hours=1&points=1").json();
    let providers = past["providers"].as_array().unwrap();
    providers.iter().find(|one| one["health"]["name"] == name).unwrap().clone()
}

#[test]
fn a_model_that_must_wait_is_left_alone_and_another_answers_in_its_place() {
    let first = busy_once("30");
    let second = Fake::new(|_| Reply::text("from the second")).for_any_key();
    let home = home(&first, &second);
    let runtime = Runtime::start(&home);
    let ran = home.ask(&["hi"]).exits(0);
    assert_eq!(ran.stdout, "from the second\n");
    assert!(ran.stderr.contains("going on with other/m"), "{ran:?}");
    // It is in the session, for whoever reads it later.
    let session = runtime.door().get("/v1/sessions").json()["data"][0]["id"].as_str().unwrap().to_owned();
    let history = runtime.door().history(session.parse().unwrap()).join("\n");
    assert!(history.contains("going on with other/m"), "{history}");
    let ran = home.ask(&["-c", "and now?"]).exits(0);
    assert_eq!(ran.stdout, "from the second\n");
    assert!(ran.stderr.contains("Openai is left alone for "), "{ran:?}");
    assert_eq!(
        (first.seen().len(), second.seen().len()),
        (1, 2),
        "the first was asked while it is left alone"
    );
    let openai = health(&runtime, "openai");
    assert_eq!(openai["health"]["gate"], "open", "{openai}");
    assert!((10..=30).contains(&openai["health"]["leftAloneSeconds"].as_u64().unwrap()), "{openai}");
    let counts = |one: &Value| (one["history"][0]["calls"].clone(), one["history"][0]["failed"].clone());
    assert_eq!(counts(&openai), (json!(1), json!(1)), "{openai}");
    let other = health(&runtime, "other");
    assert_eq!(
        (&other["health"]["gate"], counts(&other)),
        (&json!("closed"), (json!(2), json!(0))),
        "{other}"
    );
    assert!(other["history"][0]["firstWordMs"].is_u64(), "{other}");
    let listed = home.jamey(&["providers"]).exits(0).stdout;
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("openai").contains("not for ") && line("other").contains("100 % answered"), "{listed}");
    let listed = home.jamey(&["providers", "--json"]).exits(0).json();
    assert_eq!(listed["data"][0]["health"]["gate"], "open", "{listed}");
    runtime.stop();
}

#[test]
fn a_model_that_was_left_alone_comes_back_by_itself() {
    let first = busy_once("6");
    let second = Fake::new(|_| Reply::text("from the second")).for_any_key();
    let home = home(&first, &second);
    let runtime = Runtime::start(&home);
    assert_eq!(home.ask(&["hi"]).exits(0).stdout, "from the second\n");
    assert_eq!(health(&runtime, "openai")["health"]["gate"], "open");
    wait::until("the time to be over for which it is left alone", || {
        (health(&runtime, "openai")["health"]["gate"] == "closed").then_some(())
    });
    assert_eq!(home.ask(&["-c", "and now?"]).exits(0).stdout, "from the first\n");
    runtime.stop();
}

#[test]
fn where_no_server_answers_the_model_on_this_machine_does() {
    let weights = std::env::var_os("JAMEY_TEST_GGUF").expect(
        "JAMEY_TEST_GGUF is not set: run these tests through `cargo xtask test`, which fetches the weights",
    );
    let weights = Path::new(&weights);
    let first = Fake::new(|_| Reply::status(401, "this key was taken back"));
    let second = Fake::new(|_| Reply::status(503, "down").header("retry-after", "20")).for_any_key();
    let home = home(&first, &second);
    let models = home.path().join("models");
    fs::create_dir_all(&models).unwrap();
    std::os::unix::fs::symlink(weights, models.join(weights.file_name().unwrap())).unwrap();
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let settings = json!({"model": "openai/scripted", "tools": false});
    let session = door.new_session(&home.work(), settings);
    let mut events = door.events(session, 0);
    door.say(session, "What is the capital of France? Answer with one word.");
    let ended = events.until("turnEnded");
    assert_eq!(ended["body"]["outcome"]["type"], "completed", "{ended}");
    let history = door.history(session).join("\n");
    let at = |words: &str| history.find(words).unwrap_or_else(|| panic!("no {words:?} in {history}"));
    assert!(at("going on with other/m") < at("going on with local/"), "{history}");
    assert!(history.contains("\"model\":\"local/"), "{history}");
    assert_eq!((first.seen().len(), second.seen().len()), (1, 1));
    runtime.stop();
}

#[test]
fn a_default_model_whose_server_does_not_run_gives_way_to_the_next_and_a_named_one_says_where_it_was_looked_for()
 {
    let second = Fake::new(|_| Reply::text("from the second")).for_any_key();
    let home = Home::new();
    let folder = home.jamey_home().join("config");
    fs::create_dir_all(&folder).unwrap();
    let toml = format!(
        "[models]\ndefault = \"lmstudio/m\"\nfallback = [\"other/m\"]\n[providers.other]\n\
         kind = \"openai-compatible\"\nbase_url = \"{}\"\n",
        second.base_url()
    );
    fs::write(folder.join("runtime.toml"), toml).unwrap();
    let runtime = Runtime::start(&home);
    let ran = home.jamey(&["ask", "hi"]).exits(0);
    assert_eq!(ran.stdout, "from the second\n");
    assert!(ran.stderr.contains("answers at 127.0.0.1:1234") && ran.stderr.contains("other/m"), "{ran:?}");
    let ran = home.jamey(&["ask", "-m", "lmstudio/m", "hi"]);
    assert!(ran.stderr.contains("answers at 127.0.0.1:1234") && ran.stderr.contains("start it"), "{ran:?}");
    assert_eq!(second.seen().len(), 1, "who names a model gets that one or none");
    runtime.stop();
}

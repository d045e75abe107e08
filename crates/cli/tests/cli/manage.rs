//! Sessions, models, configuration, doctor.

use serde_json::{Value, json};

use crate::fake::{Fake, command, run};

fn session(name: &str) -> Value {
    json!({
        "id": jamey_protocol::SessionId::new(), "name": name, "title": "first words", "cwd": "/w", "settings": {},
        "status": "idle", "createdAt": 0, "updatedAt": 0, "head": 3
    })
}

#[test]
fn a_name_that_is_nearly_right_is_offered() {
    let sessions = json!({"data": [session("plans"), session("groceries")]});
    let fake = Fake::with(Vec::new(), vec![("GET /v1/sessions", 200, sessions)], "1.0");
    let ran = fake.run(&["sessions", "show", "plnas"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("did you mean \"plans\""), "{}", ran.stderr);
}

#[test]
fn lists_are_tables_for_people_and_one_object_for_machines() {
    let sessions = json!({"data": [session("plans")]});
    let fake = Fake::with(Vec::new(), vec![("GET /v1/sessions", 200, sessions)], "1.0");
    let ran = fake.run(&["sessions"]);
    assert!(ran.stdout.starts_with("SESSION") && ran.stdout.contains("plans: first words"), "{}", ran.stdout);
    let ran = fake.run(&["sessions", "--json"]);
    let page: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(page["data"][0]["name"], "plans");
}

#[test]
fn a_search_shows_sessions_by_their_title_before_passages() {
    let hit = json!({
        "session": jamey_protocol::SessionId::new(), "snippet": "the [plans] of old",
        "item": {"id": jamey_protocol::ItemId::new(), "turn": jamey_protocol::TurnId::new(), "step": 1, "at": 0,
            "body": {"type": "userMessage", "text": "the plans of old"}}
    });
    let search = |answer: &Value, words: &[&str]| {
        Fake::with(Vec::new(), vec![("GET /v1/search", 200, answer.clone())], "1.0").run(words)
    };
    let both = json!({"data": [hit], "sessions": [session("plans")]});
    let ran = search(&both, &["sessions", "search", "plans"]);
    let (title, passage) = (ran.stdout.find("plans: first words"), ran.stdout.find("the [plans] of old"));
    assert!(title.is_some() && title < passage, "{}", ran.stdout);
    let ran = search(&both, &["sessions", "search", "plans", "--json"]);
    let page: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&page["data"][0]["session"], &page["sessions"][0]["name"]),
        (&hit["session"], &json!("plans"))
    );
    // A runtime that finds no titles, and one that finds nothing else.
    let ran = search(&json!({"data": [hit]}), &["sessions", "search", "plans"]);
    assert!(ran.stdout.starts_with("SESSION") && ran.stdout.lines().count() == 2, "{}", ran.stdout);
    let ran = search(&json!({"data": [], "sessions": [session("plans")]}), &["sessions", "search", "plans"]);
    assert!(ran.stdout.contains("plans: first words") && !ran.stdout.contains("PASSAGE"), "{}", ran.stdout);
    let ran = search(&json!({"data": []}), &["sessions", "search", "plans"]);
    assert!(ran.stderr.contains("nothing was found"), "{}", ran.stderr);
}

#[test]
fn a_session_is_not_deleted_unasked() {
    let plans = session("plans");
    let id = plans["id"].as_str().unwrap().to_owned();
    let delete: &'static str = format!("DELETE /v1/sessions/{id}").leak();
    let routes = vec![("GET /v1/sessions/plans", 200, plans), (delete, 200, json!({}))];
    let fake = Fake::with(Vec::new(), routes, "1.0");
    let ran = fake.run(&["sessions", "delete", "plans"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    assert_eq!(fake.run(&["sessions", "delete", "plans", "--yes"]).code, 0);
}

#[test]
fn a_download_is_told_by_tenths_on_a_pipe_and_ends_with_its_outcome() {
    let mut stream = String::new();
    for done in 0..=100 {
        let message = json!({"type": "progress", "done": done, "total": 100, "source": "a mirror"});
        stream.push_str(&format!("data: {message}\n\n"));
    }
    let finished = format!(
        "{stream}data: {{\"type\":\"verifying\"}}\n\ndata: {{\"type\":\"done\",\"model\":\"local/m\"}}\n\n"
    );
    let route =
        |answer: &str| vec![("POST /v1/models/local%2Fm/pull", 200, Value::String(answer.to_owned()))];
    let ran = Fake::with(Vec::new(), route(&finished), "1.0").run(&["models", "pull", "local/m"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches('%').count(), 10, "{}", ran.stderr);
    assert!(ran.stderr.contains("local/m is here"), "{}", ran.stderr);
    let ran = Fake::with(Vec::new(), route(&finished), "1.0").run(&["models", "pull", "local/m", "--json"]);
    assert_eq!(ran.stdout.lines().count(), 103, "{}", ran.stderr);
    // A stream that just ends is no success.
    let ran = Fake::with(Vec::new(), route(&stream), "1.0").run(&["models", "pull", "local/m"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("jamey models pull local/m"), "{}", ran.stderr);
}

#[test]
fn configuration_is_read_by_dotted_names() {
    let view =
        json!({"path": "/c/runtime.toml", "values": {"api": {"port": 3000, "host": "h"}}, "warnings": []});
    let fake = Fake::with(Vec::new(), vec![("GET /v1/config", 200, view)], "1.0");
    assert_eq!(fake.run(&["config", "get", "api.port"]).stdout, "3000\n");
    assert_eq!(fake.run(&["config", "get", "api.host"]).stdout, "h\n");
    assert_eq!(fake.run(&["config", "get"]).stdout, "api.port = 3000\napi.host = \"h\"\n");
    let ran = fake.run(&["config", "get", "api.prot"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("did you mean api.port?"), "{}", ran.stderr);
    assert_eq!(fake.run(&["config", "check"]).code, 0);
}

#[test]
fn the_doctor_finds_what_is_broken_and_names_the_remedy() {
    let home = tempfile::tempdir().unwrap();
    let jamey = env!("CARGO_BIN_EXE_jamey").as_ref();
    std::fs::create_dir(home.path().join("config")).unwrap();
    std::fs::write(home.path().join("config/runtime.toml"), "[api\n").unwrap();
    let ran = run(command(home.path(), jamey, &["doctor"]), b"");
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("✗ config") && ran.stdout.contains("→ mend it"), "{}", ran.stdout);
    assert!(ran.stdout.contains("jamey runtime start"), "{}", ran.stdout);
    let ran = run(command(home.path(), jamey, &["doctor", "--json"]), b"");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["ok"], false);
    assert!(report["checkedAt"].as_i64().unwrap() > 0 && report["checks"].as_array().unwrap().len() > 2);
}

#[test]
fn a_piped_chat_takes_each_line_as_a_prompt_of_one_session() {
    let mut script = crate::fake::answer(&["yes"]);
    script.push(crate::fake::end(jamey_protocol::Outcome::Completed));
    let hello = json!({"version": "0", "protocol": "1.0", "pid": 1, "capabilities": []});
    let fake = Fake::with(script, vec![("GET /v1/hello", 200, hello)], "1.0");
    let ran = run(fake.command(&["chat", "--plain"]), b"first\n\n/quit\nnever\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "yes\n"), "{}", ran.stderr);
    assert_eq!(fake.ops(), ["start_turn"]);
}

//! Everything that can go wrong has its exit code and says what to do.

use std::os::unix::fs::PermissionsExt as _;

use jamey_protocol::{ApiError, ErrorCode, ItemId, Outcome, SessionId, TurnId};
use serde_json::{Value, json};

use crate::fake::{Fake, Step, command, end, run};

#[test]
fn each_failure_of_a_turn_has_its_exit_code_and_its_hint() {
    for (code, exit) in [
        (ErrorCode::Auth, 5),
        (ErrorCode::Provider, 5),
        (ErrorCode::ContextOverflow, 5),
        (ErrorCode::NoModel, 5),
        (ErrorCode::Limit, 6),
        (ErrorCode::Storage, 1),
        (ErrorCode::Config, 78),
    ] {
        let error = ApiError::new(code, "it failed").hint("try this");
        let ran = Fake::play(vec![end(Outcome::Failed { error })]).run(&["ask", "x"]);
        assert_eq!(ran.code, exit, "{code:?}");
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "jamey: it failed\nhint: try this\n"));
    }
}

#[test]
fn an_error_of_the_runtime_is_shown_in_its_own_words() {
    let error = json!({"code": "conflict", "message": "a turn is running", "hint": "wait for it", "retryable": false});
    let fake = Fake::with(Vec::new(), vec![("POST /v1/sessions", 409, error)], "1.0");
    let ran = fake.run(&["ask", "x"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, "jamey: a turn is running\nhint: wait for it\n"));
    let ran = fake.run(&["--json", "ask", "x"]);
    let printed: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(printed["error"]["code"], "conflict");
}

#[test]
fn versions_that_do_not_fit_say_which_side_to_update() {
    for (protocol, words) in
        [("0.9", "update jamey-runtime"), ("2.0", "update jamey"), ("x", "not Jamey's runtime")]
    {
        let fake = Fake::with(Vec::new(), Vec::new(), protocol);
        let ran = fake.run(&["ask", "x"]);
        assert_eq!(ran.code, 3, "{protocol}");
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

#[test]
fn a_runtime_that_is_newer_or_older_within_the_major_version_is_as_good_as_ours() {
    for protocol in ["1.0", "1.7"] {
        let hello = json!({"version": "9.9.9", "protocol": protocol, "pid": 7, "capabilities": ["later"],
            "somethingNew": true});
        let fake = Fake::with(vec![end(Outcome::Completed)], vec![("GET /v1/hello", 200, hello)], protocol);
        assert_eq!(fake.run(&["ask", "x"]).code, 0, "{protocol}");
        let ran = fake.run(&["runtime", "start"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(
            ran.stderr.contains("it has version 9.9.9") && ran.stderr.contains("runtime restart"),
            "{}",
            ran.stderr
        );
    }
}

/// An update must be able to end what it replaces, whatever that speaks.
#[cfg(target_os = "linux")]
#[test]
fn a_runtime_of_another_protocol_can_still_be_stopped() {
    let mut fake = Fake::with(Vec::new(), Vec::new(), "9.0");
    drop(fake.lock.take());
    let run = jamey_ipc::Folders::under(fake.temp.path()).run;
    // A process of the runtime's name that holds the lock, as a runtime does.
    let script = fake.temp.path().join("jamey-runtime");
    let text =
        "#!/bin/sh\nexec 9<>\"$1\"\nflock 9\necho \"$$ 9.9.9\" >&9\necho ready\nsleep 60 9>&- & wait\n";
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut other = std::process::Command::new(&script)
        .arg(run.join("runtime.lock"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = other.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    assert_eq!(line, "ready\n");
    assert_eq!(fake.run(&["ask", "x"]).code, 3);
    let refused = fake.run(&["sessions"]);
    assert!(refused.code == 3 && refused.stderr.contains("update jamey"), "{}", refused.stderr);
    let ran = fake.run(&["runtime", "stop"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("jamey: the runtime has ended\n"), "{}", ran.stderr);
    assert!(!other.wait().unwrap().success(), "a signal ended it");
}

#[test]
fn bad_usage_is_told_before_anything_is_started() {
    let home = tempfile::tempdir().unwrap();
    let jamey = env!("CARGO_BIN_EXE_jamey").as_ref();
    for arguments in [
        &["ask"][..],
        &["ask", "--nonsense", "x"],
        &["ask", "-C", "/no/such/folder", "x"],
        &["chat", "--output", "json"],
        &["ask", "--runtime-url", "http://example.com:80", "x"],
    ] {
        let ran = run(command(home.path(), jamey, arguments), b"");
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{arguments:?}");
    }
    let ran = run(command(home.path(), jamey, &["ask"]), &vec![b'x'; 10_000_001]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("10 MB") && ran.stderr.len() < 500, "{}", ran.stderr);
    let ran = run(command(home.path(), jamey, &["ask", "x"]), b"\xff\xfe");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("UTF-8"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "something was made");
}

#[test]
fn without_a_runtime_the_next_step_is_named() {
    let home = tempfile::tempdir().unwrap();
    let jamey = env!("CARGO_BIN_EXE_jamey").as_ref();
    let ran = run(command(home.path(), jamey, &["ask", "--no-start", "x"]), b"");
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("hint: start it: jamey runtime start"), "{}", ran.stderr);
    let ran = run(command(home.path(), jamey, &["runtime", "stop"]), b"");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = run(command(home.path(), jamey, &["runtime", "status"]), b"");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let mut relative = command(home.path(), jamey, &["ask", "x"]);
    relative.env("JAMEY_HOME", "here");
    let ran = run(relative, b"");
    assert_eq!(ran.code, 78, "{}", ran.stderr);
}

#[test]
fn a_run_folder_that_others_may_enter_is_a_configuration_error() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let bin = home.path().join("bin");
    let ran = run(command(home.path(), &installed(&bin, "exit 0"), &["ask", "x"]), b"");
    assert_eq!(ran.code, 78, "{}", ran.stderr);
    assert!(ran.stderr.contains("chmod 700"), "{}", ran.stderr);
}

#[test]
fn a_runtime_that_cannot_start_is_heard_out() {
    let home = tempfile::tempdir().unwrap();
    let script = "echo \"jamey-runtime: line 3 is wrong\" >&2; echo 'hint: mend it' >&2; exit 78";
    let jamey = installed(&home.path().join("bin"), script);
    let ran = run(command(home.path(), &jamey, &["ask", "x"]), b"");
    assert_eq!(ran.code, 78, "{}", ran.stderr);
    assert_eq!(ran.stderr, "jamey: the runtime could not start: line 3 is wrong\nhint: mend it\n");
    let silent = installed(&home.path().join("bin2"), "exit 1");
    let ran = run(command(home.path(), &silent, &["ask", "x"]), b"");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
}

#[test]
fn a_started_runtime_has_no_terminal_and_no_working_folder() {
    let home = tempfile::tempdir().unwrap();
    let script = "echo \"jamey-runtime: $PWD $(ps -o sid= -p $$ | tr -d ' ')=$$ $*\" >&2; exit 1";
    let jamey = installed(&home.path().join("bin"), script);
    let ran = run(command(home.path(), &jamey, &["ask", "x"]), b"");
    let line = ran.stderr.lines().next().unwrap();
    let words: Vec<&str> = line.split(": ").last().unwrap().split_whitespace().collect();
    let (session, process) = words[1].split_once('=').unwrap();
    assert_eq!(session, process, "{line}");
    assert_eq!((words[0], &words[2..]), ("/", &["start", "--foreground"][..]), "{line}");
}

/// A copy of `jamey` with a script as the runtime beside it.
fn installed(folder: &std::path::Path, script: &str) -> std::path::PathBuf {
    std::fs::create_dir(folder).unwrap();
    let jamey = folder.join("jamey");
    std::fs::copy(env!("CARGO_BIN_EXE_jamey"), &jamey).unwrap();
    let runtime = folder.join("jamey-runtime");
    std::fs::write(&runtime, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o755)).unwrap();
    jamey
}

/// A runtime of the last minor version that there can be, which uses all its freedom: fields, kinds of
/// events and values that nobody knew when this command was built.
fn of_tomorrow(end: &Value) -> Fake {
    let (turn, id) = (TurnId::new(), ItemId::new());
    let item =
        |body: Value| json!({"id": id, "turn": turn, "step": 1, "at": 1, "body": body, "shade": "blue"});
    let said = json!({"type": "agentMessage", "text": "Hello from later", "model": "a/b", "partial": false, "tone": 3});
    let events = [
        json!({"type": "moodChanged", "mood": {"deep": [1, 2]}}),
        json!({"type": "itemStarted", "item": item(json!({"type": "hologram", "voxels": []}))}),
        json!({"type": "notice", "level": "dire", "text": "something to know"}),
        json!({"type": "usageUpdated", "usage": {"input": 1, "output": 2, "thoughts": 5}}),
        json!({"type": "itemCompleted", "item": item(said)}),
        json!({"type": "turnEnded", "outcome": end}),
    ];
    let session = json!({"id": SessionId::new(), "name": "tomorrow", "cwd": "/w", "status": "dreaming",
        "settings": {"mode": "trusting", "warmth": 1}, "createdAt": 1, "updatedAt": 1, "head": 1, "stars": 5});
    let status = json!({"version": "9.9.9", "pid": 7, "uptimeSeconds": 1, "listening": ["/s"], "sessions": 1,
        "folders": {"config": "c", "data": "d", "cache": "e", "models": "m", "dreams": "z"}, "running": 0, "waiting": 0,
        "dreaming": 1, "memoryBytes": null, "children": [], "notices": ["n"],
        "providers": [{"name": "p", "state": "levitating", "finding": "f", "answered": 1, "failed": 0, "calls": 1}]});
    let hello =
        json!({"version": "9.9.9", "protocol": "1.99", "pid": 7, "capabilities": ["dreams"], "x": {}});
    Fake::with(
        events.map(Step::Later).to_vec(),
        vec![
            ("GET /v1/hello", 200, hello),
            ("GET /v1/status", 200, status),
            ("GET /v1/sessions", 200, json!({"data": [session], "next": null, "total": 1})),
        ],
        "1.99",
    )
}

#[test]
fn whatever_a_later_minor_version_adds_is_skipped_and_the_turn_is_shown_to_its_end() {
    let fake = of_tomorrow(&json!({"type": "completed", "score": 7}));
    let ran = fake.run(&["ask", "x"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "Hello from later\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("something to know"), "{}", ran.stderr);
    let list = fake.run(&["sessions"]);
    assert_eq!(list.code, 0, "{}", list.stderr);
    assert!(list.stdout.contains("tomorrow"), "{}", list.stdout);
    let status = fake.run(&["runtime", "status"]);
    assert_eq!(status.code, 0, "{}", status.stderr);
    assert!(status.stdout.contains("9.9.9"), "{}", status.stdout);
}

#[test]
fn an_end_that_only_a_later_version_knows_is_an_end_and_says_what_to_update() {
    let ran = of_tomorrow(&json!({"type": "parked"})).run(&["ask", "x"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "Hello from later\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("\"parked\"") && ran.stderr.contains("update jamey"), "{}", ran.stderr);
}

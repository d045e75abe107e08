//! What a person sees of a conversation: answers, tools, approvals, sessions, exit codes.
#![cfg(unix)]

use jamey_tests::{Fake, Gate, Home, Reply, Runtime, Seen, home::MODEL};
use rustix::process::Signal;
use serde_json::json;

/// Calls one tool, then tells what it gave back.
fn one_round(tool: &'static str, arguments: serde_json::Value) -> impl Fn(&Seen) -> Reply + Send + Sync {
    move |seen| match seen.outputs().as_slice() {
        [] => Reply::call(tool, &arguments),
        outputs => Reply::text(&format!("It gave: {}", outputs.join(" | "))),
    }
}

#[test]
fn an_answer_is_shown_while_it_grows() {
    let gate = Gate::new();
    let fake =
        Fake::script([Reply::stream().delta("The first half").gate(&gate).delta(" and the second.").stop()]);
    let home = Home::with(&fake);
    let live = home.spawn(&["ask", "-m", MODEL, "say two halves"]);
    live.expect("The first half");
    gate.open();
    let ran = live.end().exits(0);
    assert_eq!(ran.stdout, "The first half and the second.\n");
}

#[test]
fn one_question_is_one_request_with_the_persons_words() {
    let fake = Fake::script([Reply::text("hello")]);
    let home = Home::with(&fake);
    let _ = home.ask(&["say hello to the world"]).exits(0);
    let seen = fake.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].prompt(), "say hello to the world");
    assert!(seen[0].bytes < 8_000, "{} bytes for one short question", seen[0].bytes);
}

#[test]
fn a_tool_reads_a_file_and_the_answer_follows() {
    let fake = Fake::new(one_round("file_read", json!({"path": "NOTES.txt"})));
    let home = Home::with(&fake);
    home.file("NOTES.txt", "The deadline is 14 March.\n");
    let ran = home.ask(&["what does NOTES.txt say?"]).exits(0);
    assert!(ran.stdout.contains("14 March"), "{ran:?}");
    assert_eq!(fake.seen().len(), 2);
}

#[test]
fn several_calls_of_one_answer_all_get_their_output() {
    let fake = Fake::new(|seen| match seen.outputs().len() {
        0 => Reply::stream()
            .tool(0, "file_read", &json!({"path": "a.txt"}))
            .tool(1, "file_read", &json!({"path": "b.txt"}))
            .tool(2, "no_such_tool", &json!({}))
            .calls_end(),
        count => Reply::text(&format!("{count} outputs: {}", seen.outputs().join(" | "))),
    });
    let home = Home::with(&fake);
    home.file("a.txt", "alpha");
    home.file("b.txt", "beta");
    let ran = home.ask(&["read both"]).exits(0);
    assert!(ran.stdout.starts_with("3 outputs: "), "{ran:?}");
    assert!(ran.stdout.contains("alpha") && ran.stdout.contains("beta"), "{ran:?}");
}

#[test]
fn without_a_terminal_a_command_is_not_run_and_the_exit_code_says_so() {
    let fake = Fake::new(one_round("shell_exec", json!({"command": "touch made"})));
    let home = Home::with(&fake);
    let ran = home.ask(&["make it"]).exits(4);
    assert!(ran.stderr.contains("touch made"), "it does not say what wanted approval: {}", ran.stderr);
    assert!(!home.work().join("made").exists());
    // The session goes on.
    let ran = home.ask(&["-c", "and now?"]);
    assert!(matches!(ran.code, 0 | 4), "{ran:?}");
}

#[test]
fn in_full_mode_a_command_runs_unasked() {
    let fake = Fake::new(one_round("shell_exec", json!({"command": "touch made; echo done it"})));
    let home = Home::with(&fake);
    let ran = home.ask(&["--mode", "full", "make it"]).exits(0);
    assert!(ran.stdout.contains("done it"), "{ran:?}");
    assert!(home.work().join("made").exists());
}

#[test]
fn in_read_only_mode_a_command_is_refused_and_the_model_hears_it() {
    let fake = Fake::new(one_round("shell_exec", json!({"command": "touch made"})));
    let home = Home::with(&fake);
    let ran = home.ask(&["--mode", "read-only", "make it"]).exits(0);
    assert!(ran.stdout.starts_with("It gave: "), "{ran:?}");
    assert!(!home.work().join("made").exists());
}

#[test]
fn in_auto_edit_mode_a_file_is_written_and_a_command_still_asks() {
    let fake = Fake::new(|seen| match seen.outputs().len() {
        0 => Reply::call("file_write", &json!({"path": "new.txt", "content": "fresh\n"})),
        1 => Reply::call("shell_exec", &json!({"command": "touch made"})),
        _ => Reply::text("done"),
    });
    let home = Home::with(&fake);
    let _ = home.ask(&["--mode", "auto-edit", "write it"]).exits(4);
    assert_eq!(std::fs::read_to_string(home.work().join("new.txt")).unwrap(), "fresh\n");
    assert!(!home.work().join("made").exists());
}

#[test]
fn an_approval_can_be_given_from_another_face() {
    let fake = Fake::new(one_round("shell_exec", json!({"command": "echo ran >> trace"})));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut events = door.events(session, 0);
    door.say(session, "do it");
    let asked = events.until("approvalRequested");
    let approval = &asked["body"]["approval"];
    assert!(approval["question"].as_str().unwrap().contains("echo ran >> trace"), "{approval}");
    let yes = json!({"type": "allow-once"});
    let answer = door.decide(session, &approval["id"], &yes);
    assert!(matches!(answer.status, 200 | 202), "{answer:?}");
    // The same answer again changes nothing: the question is closed.
    let answer = door.decide(session, &approval["id"], &yes);
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    assert_eq!(std::fs::read_to_string(home.work().join("trace")).unwrap(), "ran\n");
}

#[test]
fn a_denied_command_does_not_run_and_the_model_reads_the_reason() {
    let fake = Fake::new(one_round("shell_exec", json!({"command": "touch made"})));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut events = door.events(session, 0);
    door.say(session, "do it");
    let asked = events.until("approvalRequested");
    let decision = json!({"type": "deny", "reason": "not on a Sunday"});
    let _ = door.decide(session, &asked["body"]["approval"]["id"], &decision);
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    assert!(fake.seen()[1].outputs()[0].contains("not on a Sunday"));
    assert!(!home.work().join("made").exists());
}

#[test]
fn a_repeated_op_begins_no_second_turn() {
    let fake = Fake::new(|_| Reply::text("hello"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut events = door.events(session, 0);
    let op_id = jamey_protocol::OpId::new();
    let path = format!("/v1/sessions/{session}/ops");
    let request = json!({"opId": op_id, "op": {"type": "start_turn", "text": "hi"}});
    let first = door.post(&path, &request);
    let _ = events.until("turnEnded");
    let second = door.post(&path, &request);
    assert_eq!(first.json()["turn"], second.json()["turn"], "{second:?}");
    let other = door.post(&path, &json!({"opId": op_id, "op": {"type": "start_turn", "text": "ho"}}));
    assert_eq!(other.status, 409, "{other:?}");
    assert_eq!(fake.seen().len(), 1);
}

#[test]
fn a_session_goes_on_by_name_by_id_and_by_folder() {
    let fake = Fake::new(|seen| Reply::text(&format!("answer {}", seen.messages().len())));
    let home = Home::with(&fake);
    let id = home.jamey(&["new", "--name", "plans"]).exits(0).stdout.trim().to_owned();
    let _ = home.ask(&["-s", "plans", "first"]).exits(0);
    let _ = home.ask(&["-s", &id, "second"]).exits(0);
    let _ = home.ask(&["-c", "third"]).exits(0);
    let users: Vec<_> = fake.seen()[2]
        .messages()
        .iter()
        .filter(|message| message["role"] == "user")
        .map(|message| message["content"].as_str().unwrap_or("").to_owned())
        .collect();
    assert_eq!(users, ["first", "second", "third"]);
}

#[test]
fn piped_text_is_the_prompt_or_comes_with_it() {
    let fake = Fake::new(|_| Reply::text("read it"));
    let home = Home::with(&fake);
    let _ = home.jamey_with(&["ask", "-m", MODEL], b"only from the pipe\n").exits(0);
    assert!(fake.seen()[0].prompt().contains("only from the pipe"));
    let _ = home.jamey_with(&["ask", "-m", MODEL, "review this"], b"+ a changed line\n").exits(0);
    let prompt = fake.seen()[1].prompt().to_owned();
    assert!(prompt.contains("review this") && prompt.contains("+ a changed line"), "{prompt}");
    let _ = home.jamey(&["-p", "with the flag", "-m", MODEL]).exits(0);
    assert_eq!(fake.seen()[2].prompt(), "with the flag");
}

#[test]
fn without_tools_none_are_offered() {
    let fake = Fake::new(|_| Reply::text("no hands"));
    let home = Home::with(&fake);
    let _ = home.ask(&["--no-tools", "hi"]).exits(0);
    let _ = home.ask(&["--system", "Speak like a sailor.", "hi"]).exits(0);
    let seen = fake.seen();
    assert!(seen[0].body["tools"].is_null(), "{}", seen[0].body["tools"]);
    assert!(!seen[1].body["tools"].is_null());
    assert!(seen[1].messages()[0]["content"].to_string().contains("Speak like a sailor."));
}

#[test]
fn machine_output_is_json_to_the_last_byte() {
    let fake = Fake::new(one_round("file_read", json!({"path": "NOTES.txt"})));
    let home = Home::with(&fake);
    home.file("NOTES.txt", "The deadline is 14 March.\n");
    let whole = home.ask(&["--output", "json", "what?"]).exits(0).json();
    assert!(whole.to_string().contains("14 March"), "{whole}");
    let lines = home.ask(&["--output", "stream-json", "what?"]).exits(0).json_lines();
    let kinds: Vec<_> = lines.iter().filter_map(|line| line["body"]["type"].as_str()).collect();
    assert!(kinds.contains(&"turnStarted") && kinds.last() == Some(&"turnEnded"), "{kinds:?}");
    for command in [&["sessions", "--json"][..], &["tools", "--json"], &["models", "--json"]] {
        let _ = home.jamey(command).exits(0).json();
    }
}

#[test]
fn wrong_flags_are_bad_usage() {
    let home = Home::new();
    for arguments in [
        &["ask", "--no-such-flag", "hi"][..],
        &["ask", "--mode", "anything", "hi"],
        &["ask", "--output", "xml", "hi"],
        &["ask", "--max-turns", "many", "hi"],
        &["no-such-command"],
        &["ask"],
    ] {
        let ran = home.jamey(arguments).exits(2);
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{arguments:?}: {ran:?}");
    }
    assert!(home.processes().is_empty(), "bad usage started something: {:?}", home.processes());
}

#[test]
fn a_runtime_that_may_not_be_started_is_unreachable() {
    let home = Home::new();
    let ran = home.jamey(&["ask", "--no-start", "hi"]).exits(3);
    assert!(ran.stderr.contains("jamey runtime start"), "no next step: {}", ran.stderr);
}

#[test]
fn a_refused_key_is_a_provider_error_that_does_not_show_the_key() {
    let fake = Fake::new(|_| Reply::status(401, "Incorrect API key provided"));
    let home = Home::with(&fake);
    let ran = home.ask(&["hi"]).exits(5);
    assert!(!ran.stderr.contains(jamey_tests::home::KEY));
    assert!(ran.stderr.to_lowercase().contains("key"), "{}", ran.stderr);
    assert_eq!(fake.seen().len(), 1, "a refused key is not tried again");
}

#[test]
fn a_limit_of_model_calls_ends_the_turn() {
    let fake = Fake::new(|_| Reply::call("list_directory", &json!({"path": "."})));
    let home = Home::with(&fake);
    let ran = home.ask(&["--max-turns", "3", "loop"]).exits(6);
    assert!(ran.stderr.contains('3'), "{}", ran.stderr);
    assert_eq!(fake.seen().len(), 3);
}

#[test]
fn an_interrupt_keeps_what_was_said_and_ends_with_130() {
    let gate = Gate::new();
    let fake = Fake::new({
        let gate = gate.clone();
        move |seen| match seen.number {
            0 => Reply::stream().delta("Half an ").gate(&gate).delta("answer").stop(),
            _ => Reply::text("Yes."),
        }
    });
    let home = Home::with(&fake);
    let live = home.spawn(&["ask", "-m", MODEL, "speak"]);
    live.expect("Half an");
    live.signal(Signal::INT);
    let _ = live.wait().exits(130);
    gate.open();
    let _ = home.ask(&["-c", "go on"]).exits(0);
    let said = fake.seen()[1].messages().iter().any(|message| {
        message["role"] == "assistant" && message["content"].as_str().unwrap_or("").starts_with("Half an")
    });
    assert!(said, "the model forgot what it had said: {:#?}", fake.seen()[1].messages());
}

#[test]
fn an_unknown_session_is_named() {
    let home = Home::new();
    let ran = home.jamey(&["ask", "-s", "no-such-session", "hi"]).exits(1);
    assert!(ran.stderr.contains("no-such-session"), "{}", ran.stderr);
    let ran = home.jamey(&["sessions", "show", "01890a5d-ac96-774b-bcce-b302099a8057"]).exits(1);
    assert!(ran.stderr.contains("01890a5d"), "{}", ran.stderr);
}

#[test]
fn control_characters_in_a_prompt_reach_the_model_and_not_the_terminal() {
    let fake = Fake::new(|_| Reply::text("\u{1b}]52;c;ZXZpbA==\u{7}plain\u{1b}[2J text"));
    let home = Home::with(&fake);
    let ran = home.jamey_with(&["ask", "-m", MODEL], b"a\0b\x1b[31mred\x07").exits(0);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{7}'), "{:?}", ran.stdout);
    assert!(ran.stdout.contains("plain") && ran.stdout.contains("text"), "{:?}", ran.stdout);
    assert_eq!(fake.seen()[0].prompt().trim_end(), "a\0b\u{1b}[31mred\u{7}");
    // The log of events keeps what was said, as JSON.
    let shown = home.jamey(&["sessions", "--json"]).exits(0);
    assert!(!shown.stdout.contains('\u{1b}'), "{:?}", shown.stdout);
}

#[test]
fn a_prompt_of_ten_megabytes_is_refused_in_one_sentence() {
    let fake = Fake::new(|_| Reply::text("short"));
    let home = Home::with(&fake);
    let ran = home.jamey_with(&["ask", "-m", MODEL], &vec![b'x'; 10 << 20]).exits(2);
    assert!(ran.stderr.len() < 1_000, "{} bytes of complaint", ran.stderr.len());
    assert!(fake.seen().is_empty());
    let _ = home.ask(&["hi"]).exits(0);
}

#[test]
fn an_answer_in_json_is_asked_for_with_a_schema_and_an_answer_in_words_is_a_failure() {
    let fake = Fake::new(|seen| match seen.prompt() {
        "good" => Reply::text("{\"city\": \"Oslo\"}"),
        "other" => Reply::text("{\"city\": 7}"),
        _ => Reply::text("It is Oslo."),
    });
    let home = Home::with(&fake);
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let path = home.file("city.json", &schema.to_string());
    let path = path.to_str().unwrap();
    let ran = home.ask(&["--schema", path, "good"]).exits(0);
    assert_eq!(ran.stdout, "{\"city\": \"Oslo\"}\n");
    assert_eq!(fake.seen()[0].body["response_format"]["json_schema"]["schema"], schema);
    let ran = home.ask(&["-c", "--schema", path, "bad"]).exits(5);
    assert!(ran.stderr.contains("did not answer in the JSON that was asked for"), "{ran:?}");
    assert_eq!(fake.seen().len(), 2, "what was seen is not asked for again");
    // The next turn of the session is free again.
    let _ = home.ask(&["-c", "bad"]).exits(0);
    assert!(fake.seen()[2].body.get("response_format").is_none());
    home.file("broken.json", "[1]");
    let ran = home.ask(&["--schema", "broken.json", "good"]).exits(2);
    assert!(ran.stderr.contains("broken.json is JSON but no object"), "{ran:?}");
    let _ = home.jamey(&["chat", "--schema", path]).exits(2);
    assert_eq!(fake.seen().len(), 3);
    let ran = home.ask(&["--schema", path, "other"]).exits(5);
    assert!(ran.stderr.contains("(/city is number, not string)"), "{ran:?}");
}

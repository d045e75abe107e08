//! One prompt, one answer.

use std::{
    io::Read as _,
    process::{Child, Stdio},
};

use jamey_protocol::{
    Approval, ApprovalId, CallId, CallStatus, Choice, Delta, EventBody, ItemId, Level, Outcome, Usage,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::fake::{Fake, Step, answer, call, end, ended, interrupted, message, run};

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits until the child has printed `part`.
fn printed(child: &mut Child, part: &str) {
    let (mut seen, mut byte) = (Vec::new(), [0]);
    let stdout = child.stdout.as_mut().unwrap();
    while !String::from_utf8_lossy(&seen).contains(part) {
        assert_eq!(stdout.read(&mut byte).unwrap(), 1, "it ended before it printed {part:?}");
        seen.push(byte[0]);
    }
}

#[test]
fn the_answer_goes_to_standard_output_and_the_rest_to_standard_error() {
    let id = ItemId::new();
    let mut script = vec![
        Step::Event(EventBody::ItemStarted { item: call(id, CallStatus::Running, "ls -la") }),
        Step::Event(EventBody::ItemCompleted { item: call(id, CallStatus::Succeeded, "ls -la") }),
        Step::Event(EventBody::Notice { level: Level::Warn, text: "it was tried again".to_owned() }),
    ];
    script.extend(answer(&["Hello ", "world"]));
    script.push(end(Outcome::Completed));
    let fake = Fake::play(script);
    let ran = fake.run(&["ask", "-m", "a/b", "say", "hello"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "Hello world\n"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("shell_exec ls -la") && ran.stderr.contains("it was tried again"),
        "{}",
        ran.stderr
    );
    assert_eq!(fake.first_op()["op"]["text"], "say hello");
    let ran = fake.run(&["ask", "-q", "hi"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("Hello world\n", ""));
}

#[test]
fn several_answers_of_one_turn_stand_apart() {
    let mut script = answer(&["I will look."]);
    script.extend(answer(&["It is ", "there.\n"]));
    script.push(end(Outcome::Completed));
    let ran = Fake::play(script).run(&["-p", "look"]);
    assert_eq!(ran.stdout, "I will look.\n\nIt is there.\n");
}

#[test]
fn text_that_only_came_with_completion_is_not_lost() {
    let id = ItemId::new();
    let script = vec![
        Step::Event(EventBody::ItemStarted { item: message(id, "") }),
        Step::Delta(id, Delta::Text { offset: 0, text: "half ".to_owned() }),
        Step::Event(EventBody::ItemCompleted { item: message(id, "half and whole") }),
        end(Outcome::Completed),
    ];
    assert_eq!(Fake::play(script).run(&["ask", "x"]).stdout, "half and whole\n");
}

#[test]
fn a_lost_connection_costs_no_text_and_doubles_none() {
    let id = ItemId::new();
    let delta = |offset: u64, text: &str| Step::Delta(id, Delta::Text { offset, text: text.to_owned() });
    let script = vec![
        Step::Event(EventBody::ItemStarted { item: message(id, "") }),
        delta(0, "one "),
        delta(4, "two "),
        Step::Cut,
        delta(8, "three "),
        Step::Cut,
        delta(0, "one two three four"),
        Step::Event(EventBody::ItemCompleted { item: message(id, "one two three four") }),
        end(Outcome::Completed),
    ];
    assert_eq!(Fake::play(script).run(&["ask", "count"]).stdout, "one two three four\n");
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let mut script = answer(&["\u{1b}]52;c;ZXZpbA==\u{7}plain\u{1b}", "[2J\u{202e}text\r\n"]);
    script.push(end(Outcome::Completed));
    let fake = Fake::play(script);
    assert_eq!(fake.run(&["ask", "x"]).stdout, "]52;c;ZXZpbA==plain[2J<U+202E>text\n");
    let whole: Value = serde_json::from_str(&fake.run(&["ask", "--output", "json", "x"]).stdout).unwrap();
    assert!(whole["text"].as_str().unwrap().contains('\u{1b}'));
}

#[test]
fn machine_output_is_one_object_or_one_event_a_line() {
    let id = ItemId::new();
    let mut script = vec![Step::Event(EventBody::ItemCompleted { item: call(id, CallStatus::Denied, "x") })];
    script.extend(answer(&["yes"]));
    script.push(Step::Event(EventBody::UsageUpdated {
        usage: Usage { input: 3, output: 4, ..Usage::default() },
    }));
    script.push(end(Outcome::Completed));
    let fake = Fake::play(script);
    for arguments in [&["ask", "--output", "json", "x"][..], &["--json", "ask", "x"]] {
        let whole: Value = serde_json::from_str(&fake.run(arguments).stdout).unwrap();
        assert_eq!(whole["text"], "yes");
        assert_eq!(whole["outcome"]["type"], "completed");
        assert_eq!((&whole["usage"]["output"], whole["calls"].as_array().unwrap().len()), (&4.into(), 1));
        assert_eq!(whole["turn"], serde_json::to_value(fake.stage.turn).unwrap());
        assert!(whole["session"].is_string());
    }
    let stream = fake.run(&["ask", "--output", "stream-json", "x"]).stdout;
    let kinds: Vec<String> = stream
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["body"]["type"].as_str().unwrap().to_owned())
        .collect();
    let expected =
        ["itemCompleted", "itemStarted", "itemDelta", "itemCompleted", "usageUpdated", "turnEnded"];
    assert_eq!(kinds, expected);
}

#[test]
fn an_approval_without_a_terminal_stops_the_turn_and_says_what_was_wanted() {
    let id = ItemId::new();
    let approval = Approval {
        id: ApprovalId::new(),
        call_id: CallId::new(),
        item_id: id,
        question: "Run rm -rf build\u{1b}[2J?".to_owned(),
        accesses: Vec::new(),
        choices: vec![Choice::AllowOnce, Choice::Deny],
    };
    let mut script = vec![
        Step::Event(EventBody::ItemStarted { item: call(id, CallStatus::Waiting, "rm -rf build") }),
        Step::Event(EventBody::ApprovalRequested { approval }),
    ];
    script.extend(interrupted());
    let fake = Fake::play(script);
    let ran = fake.run(&["ask", "clean up"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    assert!(ran.stderr.contains("shell_exec Run rm -rf build<ESC>[2J?"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--mode full"), "{}", ran.stderr);
    assert_eq!(fake.ops(), ["start_turn", "interrupt"]);
}

#[test]
fn one_interrupt_stops_the_turn_and_keeps_what_was_said() {
    let mut script = answer(&["half of "]);
    script.pop();
    script.extend(interrupted());
    let fake = Fake::play(script);
    let mut child = fake.spawn(&["ask", "speak"]);
    printed(&mut child, "half of ");
    signal(&child, Signal::INT);
    let ran = ended(child);
    assert_eq!((ran.code, ran.stdout.as_str()), (130, "\n"), "{}", ran.stderr);
    assert_eq!(fake.ops(), ["start_turn", "interrupt"]);
}

#[test]
fn a_second_interrupt_leaves_at_once() {
    let mut script = answer(&["on and on"]);
    script.pop();
    script.push(Step::Await("never"));
    let fake = Fake::play(script);
    let mut child = fake.spawn(&["ask", "speak"]);
    printed(&mut child, "on and on");
    signal(&child, Signal::INT);
    fake.stage.wait_for("interrupt");
    signal(&child, Signal::INT);
    assert_eq!(ended(child).code, 130);
}

#[test]
fn a_termination_stops_the_turn_too() {
    let mut script = answer(&["on and on"]);
    script.pop();
    script.push(Step::Await("never"));
    let fake = Fake::play(script);
    let mut child = fake.spawn(&["ask", "speak"]);
    printed(&mut child, "on and on");
    signal(&child, Signal::TERM);
    assert_eq!(ended(child).code, 143);
    assert_eq!(fake.ops(), ["start_turn", "interrupt"]);
}

#[test]
fn a_reader_that_stops_reading_does_not_keep_an_interrupt_from_being_heard() {
    let long = "x".repeat(1 << 20);
    let mut script = answer(&["begun\n", &long]);
    script.pop();
    script.extend(interrupted());
    let fake = Fake::play(script);
    let mut child = fake.spawn(&["ask", "speak"]);
    printed(&mut child, "begun");
    signal(&child, Signal::INT);
    fake.stage.wait_for("interrupt");
    assert_eq!(ended(child).code, 130);
}

#[test]
fn a_closed_pipe_ends_it_quietly_and_stops_the_turn() {
    let mut script = answer(&["line\n"]);
    script.pop();
    let Step::Event(EventBody::ItemStarted { item }) = script[0].clone() else { unreachable!() };
    script.extend((0..64).map(|at| {
        let text = format!("{}\n", "y".repeat(8_191));
        Step::Delta(item.id, Delta::Text { offset: 5 + at * 8_192, text })
    }));
    script.extend(interrupted());
    let fake = Fake::play(script);
    let mut child = fake.spawn(&["ask", "speak"]);
    printed(&mut child, "line");
    drop(child.stdout.take());
    let ran = ended(child);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(fake.ops(), ["start_turn", "interrupt"]);
}

#[test]
fn piped_text_is_the_prompt_or_comes_with_it() {
    let prompt_of = |arguments: &[&str], input: &[u8]| {
        let fake = Fake::play(vec![end(Outcome::Completed)]);
        assert_eq!(run(fake.command(arguments), input).code, 0);
        fake.first_op()["op"]["text"].as_str().unwrap().to_owned()
    };
    assert_eq!(prompt_of(&["ask"], b"a\0b\x1b[31m\n"), "a\0b\u{1b}[31m\n");
    assert_eq!(
        prompt_of(&["ask", "review"], b"+ line"),
        "review\n\n<input name=\"standard input\">\n+ line\n</input>"
    );
    assert_eq!(prompt_of(&["ask", "review"], b""), "review");
}

#[test]
fn files_are_uploaded_and_named_in_the_op() {
    let fake = Fake::play(vec![end(Outcome::Completed)]);
    std::fs::write(fake.temp.path().join("a.txt"), "alpha\n").unwrap();
    assert_eq!(fake.run(&["ask", "-f", "a.txt", "read"]).code, 0);
    assert_eq!(fake.first_op()["op"]["text"], "read");
    assert_eq!(fake.first_op()["op"]["attachments"].as_array().unwrap().len(), 1);
    let mut command = fake.command(&["ask", "-f", "none.txt", "read"]);
    let ran = crate::fake::ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("none.txt"), "{}", ran.stderr);
}

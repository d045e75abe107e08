//! The files that service managers are given, read by parsers that are not ours.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

use jamey_runtime::service::{about::About, autostart, keeper, launchd, quote, run_key::Value, task::Task};
use proptest::prelude::*;
use quick_xml::events::Event;

fn about(program: &str, value: &str) -> About {
    About {
        program: program.to_owned(),
        name: "jamey".to_owned(),
        environment: vec![("JAMEY_HOME".to_owned(), value.to_owned())],
        socket: "/run/jamey.sock".to_owned(),
        config_home: PathBuf::from("/home/a/.config"),
        keeper: program.to_owned(),
        kept: PathBuf::from("/home/a/kept.txt"),
        account: "S-1-5-21-1-2-3-1001".to_owned(),
    }
}

/// What is in the element `name` of a task, which must be there once.
fn element(xml: &str, name: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut is_in, mut found) = (false, Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == name => {
                is_in = true;
                found.push(String::new());
            }
            Event::End(tag) if tag.name().as_ref() == name => is_in = false,
            Event::Text(text) if is_in => found.last_mut().unwrap().push_str(&text),
            Event::GeneralRef(entity) if is_in => found.last_mut().unwrap().push_str(match &*entity {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                other => panic!("&{other};"),
            }),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}

/// Takes a command line apart as Windows does (`CommandLineToArgvW`, all words but the first).
fn words_of(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted, mut any) = (Vec::new(), String::new(), false, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let mut count = 1;
                while chars.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let is_before_quote = chars.peek() == Some(&'"');
                word.extend(std::iter::repeat_n('\\', if is_before_quote { count / 2 } else { count }));
                if is_before_quote && count % 2 == 1 {
                    word.extend(chars.next());
                }
                any = true;
            }
            '"' => {
                is_quoted = !is_quoted;
                any = true;
            }
            ' ' | '\t' if !is_quoted => {
                if std::mem::take(&mut any) {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => {
                word.push(c);
                any = true;
            }
        }
    }
    if any {
        words.push(word);
    }
    words
}

/// Names as they may be: anything without control characters.
fn name() -> impl Strategy<Value = String> {
    "/[^\\p{C}]{0,40}"
}

/// Reads one quoted word of `Exec=` as the specification says, after the escapes of a key's value.
fn word_of_exec(text: &str) -> String {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        value.push(if c == '\\' { chars.next().unwrap() } else { c });
    }
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
    let mut word = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.push(chars.next().unwrap()),
            '%' => {
                assert_eq!(chars.next(), Some('%'), "a field code in {text}");
                word.push('%');
            }
            '"' | '`' | '$' => panic!("unquoted {c} in {text}"),
            c => word.push(c),
        }
    }
    word
}

proptest! {
    #[test]
    fn launchd_reads_back_the_program_and_the_environment(program in name(), value in name()) {
        let agent = launchd::agent(&about(&program, &value), "dev.jamey.runtime", PathBuf::from("x"));
        let read = plist::Value::from_reader_xml(agent.text.as_bytes()).unwrap();
        let read = read.as_dictionary().unwrap();
        let words: Vec<_> =
            read["ProgramArguments"].as_array().unwrap().iter().filter_map(|word| word.as_string()).collect();
        prop_assert_eq!(words, vec![program.as_str(), "start", "--foreground"]);
        let environment = read["EnvironmentVariables"].as_dictionary().unwrap();
        prop_assert_eq!(environment["JAMEY_HOME"].as_string(), Some(value.as_str()));
        prop_assert_eq!(environment["JAMEY_SERVICE"].as_string(), Some("launchd:dev.jamey.runtime"));
        prop_assert_eq!(read["RunAtLoad"].as_boolean(), Some(true));
        prop_assert_eq!(read["KeepAlive"].as_dictionary().unwrap()["SuccessfulExit"].as_boolean(), Some(false));
    }

    #[test]
    fn a_desktop_reads_back_the_program_and_the_environment(program in name(), value in name()) {
        let entry = autostart::entry(&about(&program, &value));
        let line = entry.text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
        let first = jamey_runtime::service::quote::desktop_word("/usr/bin/env");
        let rest = line.strip_prefix(&format!("{first} ")).unwrap().strip_suffix(" start").unwrap();
        // Where the first word ends is known from its own length.
        let second = jamey_runtime::service::quote::desktop_word(&format!("JAMEY_HOME={value}"));
        let (one, two) = (&rest[..second.len()], &rest[second.len() + 1..]);
        prop_assert_eq!(word_of_exec(one), format!("JAMEY_HOME={value}"));
        prop_assert_eq!(word_of_exec(two), program);
    }

    #[test]
    fn a_task_reads_back_the_program_and_its_words(program in name(), value in name()) {
        let task = Task::new(&about(&program, &value));
        prop_assert_eq!(element(&task.xml, "Command"), program);
        let words = words_of(&element(&task.xml, "Arguments"));
        let read = keeper::variables(words.into_iter()).unwrap();
        prop_assert_eq!(read, vec![("JAMEY_HOME".to_owned(), value)]);
    }

    #[test]
    fn a_command_line_of_windows_reads_back_every_word(words in proptest::collection::vec("[^\\p{C}]{0,12}|[\\\\\" a]{0,8}", 1..4)) {
        let line: Vec<String> = words.iter().map(|word| quote::windows_word(word)).collect();
        prop_assert_eq!(words_of(&line.join(" ")), words);
    }
}

#[test]
fn a_task_starts_for_its_own_person_alone_without_limits_and_again_after_a_failure() {
    let task = Task::new(&about(r"C:\P\jamey-keeper.exe", r"C:\j"));
    for (name, value) in [
        ("LogonType", "InteractiveToken"),
        ("RunLevel", "LeastPrivilege"),
        ("ExecutionTimeLimit", "PT0S"),
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("Interval", "PT1M"),
        ("Count", "3"),
        // Anything from 7 on would get less of processor, disk and memory than other programs.
        ("Priority", "5"),
    ] {
        assert_eq!(element(&task.xml, name), value, "{name}");
    }
    assert_eq!(task.xml.matches("<UserId>S-1-5-21-1-2-3-1001</UserId>").count(), 2);
    assert_eq!(task.name, "jamey-runtime-S-1-5-21-1-2-3-1001");
    let mut bare = about(r"C:\P\jamey-keeper.exe", "");
    bare.environment.clear();
    let bare = Task::new(&bare);
    assert!(!bare.xml.contains("<Arguments>") && bare.xml != task.xml);
}

#[test]
fn the_file_of_a_task_is_utf_16_with_its_mark() {
    let task = Task::new(&about("C:\\J\u{f6}rg\\jamey-keeper.exe", ""));
    let file = task.file();
    assert_eq!(file[..4], [0xff, 0xfe, b'<', 0]);
    let units: Vec<u16> = file[2..].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(String::from_utf16(&units).unwrap(), task.xml);
}

#[test]
fn what_the_scheduler_would_take_for_a_variable_goes_another_way() {
    assert_eq!(Task::unfit(&about(r"C:\a b\k.exe", r"C:\j")), None);
    assert!(Task::unfit(&about(r"C:\%TEMP%\k.exe", "")).is_some());
    assert!(Task::unfit(&about(r"C:\k.exe", r"C:\$(Arg0)")).is_some());
}

#[test]
fn the_run_key_gets_one_line_that_windows_still_starts() {
    let value = Value::new(&about(r"C:\my programs\jamey-keeper.exe", r"C:\my jamey"));
    assert_eq!(value.name, "Jamey");
    assert_eq!(value.line, r#""C:\my programs\jamey-keeper.exe" "JAMEY_HOME=C:\my jamey""#);
    value.check().unwrap();
    let long = Value::new(&about(&format!(r"C:\{}\k.exe", "x".repeat(260)), ""));
    assert!(long.check().unwrap_err().message.contains("260"));
}

#[test]
fn a_keeper_takes_no_other_words_than_its_variables() {
    let read = |words: &[&str]| keeper::variables(words.iter().map(|word| (*word).to_owned()));
    assert_eq!(read(&[]), Ok(Vec::new()));
    for word in ["PATH=x", "--version", "JAMEY_HOME"] {
        assert_eq!(read(&[word]), Err(word.to_owned()));
    }
}

//! The files that service managers are given, read by parsers that are not ours.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

use jamey_runtime::service::{about::About, autostart, launchd};
use proptest::prelude::*;

fn about(program: &str, value: &str) -> About {
    About {
        program: program.to_owned(),
        name: "jamey".to_owned(),
        environment: vec![("JAMEY_HOME".to_owned(), value.to_owned())],
        socket: "/run/jamey.sock".to_owned(),
        config_home: PathBuf::from("/home/a/.config"),
    }
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
}

//! The log: bounded whatever happens, free of secrets at every level, changed while it is written.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use jamey_runtime::{
    logs::{Bounds, Files, LARGEST, Line, Log, LogOptions, Look, NAME, newest_first, people},
    redact::Redactor,
};
use proptest::prelude::*;
use serde_json::Value;
use tracing::subscriber::with_default;

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
const CANARY: &str = "canary \"quoted\\ 5f1d0c9a7e";

fn bounds(files: usize) -> Bounds {
    Bounds { files, age: MONTH }
}

fn options(folder: &Path, level: &str) -> LogOptions {
    LogOptions { level: level.to_owned(), folder: Some(folder.to_owned()), bounds: bounds(10) }
}

fn lines(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(NAME)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn size(folder: &Path) -> u64 {
    newest_first(folder).iter().map(|path| fs::metadata(path).unwrap().len()).sum()
}

#[test]
fn a_storm_of_lines_stays_within_the_bound_and_the_newest_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Files::open(folder.path(), bounds(3)).unwrap();
    let line = format!("{{\"timestamp\":\"x\",\"message\":\"{}\"}}\n", "y".repeat(60_000));
    for _ in 0..500 {
        files.write(line.as_bytes()).unwrap();
        assert!(size(folder.path()) <= 3 * LARGEST);
    }
    files.write(b"the last\n").unwrap();
    assert_eq!(newest_first(folder.path()).len(), 3);
    assert!(newest_first(folder.path()).iter().all(|path| fs::metadata(path).unwrap().len() <= LARGEST));
    assert!(fs::read_to_string(folder.path().join(NAME)).unwrap().ends_with("the last\n"));
    #[cfg(unix)]
    for path in newest_first(folder.path()) {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Fewer from now on: what is beyond goes at once.
    files.bound(bounds(1));
    assert_eq!(newest_first(folder.path()).len(), 1);
    for _ in 0..200 {
        files.write(line.as_bytes()).unwrap();
    }
    assert!(size(folder.path()) <= LARGEST);
}

#[test]
fn a_file_of_yesterday_is_put_aside_and_one_of_last_month_goes() {
    let folder = tempfile::tempdir().unwrap();
    let newest = folder.path().join(NAME);
    fs::write(&newest, "{\"timestamp\":\"2020-01-01T00:00:00.000Z\",\"message\":\"old\"}\n").unwrap();
    let oldest = folder.path().join(format!("{NAME}.4"));
    fs::write(&oldest, "older\n").unwrap();
    let long_ago = SystemTime::now() - 2 * MONTH;
    fs::File::options().write(true).open(&oldest).unwrap().set_modified(long_ago).unwrap();
    let mut files = Files::open(folder.path(), bounds(10)).unwrap();
    assert!(!oldest.exists());
    files.write(b"new\n").unwrap();
    assert_eq!(fs::read_to_string(&newest).unwrap(), "new\n");
    assert!(fs::read_to_string(folder.path().join(format!("{NAME}.1"))).unwrap().contains("old"));
    files.write(b"more\n").unwrap();
    assert_eq!(fs::read_to_string(&newest).unwrap(), "new\nmore\n");
}

#[test]
fn a_removed_folder_is_made_again_and_a_torn_line_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join(NAME), "{\"timestamp\":\"half").unwrap();
    let mut files = Files::open(&logs, bounds(2)).unwrap();
    files.write(b"whole\n").unwrap();
    assert_eq!(fs::read_to_string(logs.join(NAME)).unwrap(), "{\"timestamp\":\"half\nwhole\n");
}

/// `/dev/full` stands for the disk: it takes nothing, at once.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_nobody_and_what_was_lost_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join(NAME)).unwrap();
    let (log, subscriber, fault) = Log::new(&options(folder.path(), "info"), Redactor::default());
    assert_eq!(fault, None);
    with_default(subscriber, || {
        for number in 0..50 {
            tracing::info!(target: "jamey_runtime", number, "into the void");
        }
        log.flush();
        // There is room again.
        fs::remove_file(folder.path().join(NAME)).unwrap();
        let mut after = options(folder.path(), "info");
        after.folder = None;
        assert_eq!(log.apply(&after), None);
        assert_eq!(log.apply(&options(folder.path(), "info")), None);
        tracing::info!(target: "jamey_runtime", "there again");
        log.flush();
    });
    let lines = lines(folder.path());
    assert!(lines[0]["message"].as_str().unwrap().starts_with("50 lines of the log were lost"), "{lines:?}");
    assert_eq!(lines[1]["message"], "there again");
}

#[test]
fn the_level_and_the_files_change_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (log, subscriber, _) = Log::new(&options(folder.path(), "info"), Redactor::default());
    with_default(subscriber, || {
        let all = |round: &str| {
            tracing::trace!(target: "jamey_engine::turn", round, "trace");
            tracing::debug!(target: "jamey_engine::turn", round, "debug");
            tracing::info!(target: "jamey_runtime::serve", round, "info");
            tracing::info!(target: "hyper", round, "foreign");
            tracing::warn!(target: "sqlx", round, "foreign trouble");
            tracing::error!(target: "jamey_runtime", round, "error");
        };
        all("info");
        for level in ["debug", "trace", "error", "info"] {
            log.apply(&options(folder.path(), level));
            all(level);
        }
        log.flush();
    });
    let seen = |round: &str| {
        let of_round = |line: &&Value| line["round"] == round;
        let text = |line: &Value| line["message"].as_str().unwrap().to_owned();
        lines(folder.path()).iter().filter(of_round).map(text).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(seen("debug"), "debug, info, foreign trouble, error");
    assert_eq!(seen("trace"), "trace, debug, info, foreign trouble, error");
    assert_eq!(seen("error"), "error");
    assert_eq!(seen("info"), "info, foreign trouble, error, info, foreign trouble, error");
}

#[derive(Debug)]
#[allow(dead_code)]
struct Settings {
    name: &'static str,
    nested: Option<String>,
}

#[test]
fn a_secret_is_in_no_line_at_no_level_in_no_form() {
    let folder = tempfile::tempdir().unwrap();
    let redactor = Redactor::default();
    redactor.learn([CANARY]);
    let (log, subscriber, _) = Log::new(&options(folder.path(), "trace"), redactor);
    with_default(subscriber, || {
        let settings = Settings { name: "x", nested: Some(CANARY.to_owned()) };
        let error = std::io::Error::other(format!("the key {CANARY} was refused"));
        let url = "https://me:canary-5f1d0c9a7e@host.example/x";
        macro_rules! all {
            ($($level:ident),*) => {$(
                tracing::$level!(target: "jamey_runtime", "in the message: {CANARY}");
                tracing::$level!(target: "jamey_runtime", field = CANARY, "text");
                tracing::$level!(target: "jamey_runtime", field = %CANARY, "display");
                tracing::$level!(target: "jamey_runtime", field = ?CANARY, "debug");
                tracing::$level!(target: "jamey_runtime", ?settings, "nested");
                tracing::$level!(target: "jamey_runtime", error = &error as &dyn std::error::Error, "error");
                tracing::$level!(target: "jamey_runtime", api_key = "anything canary", "by its name");
                tracing::$level!(target: "jamey_runtime", url, "address");
                tracing::$level!(target: "jamey_runtime", body = serde_json::json!({"k": CANARY}).to_string(), "json");
                let span = tracing::span!(target: "jamey_runtime", tracing::Level::ERROR, "span", field = CANARY, late = tracing::field::Empty);
                span.record("late", CANARY);
                span.in_scope(|| tracing::$level!(target: "jamey_runtime", "within"));
            )*};
        }
        all!(trace, debug, info, warn, error);
        // So long that it is cut in the middle of the canary.
        let long = format!("{}{CANARY}", "x".repeat(8 * 1024 - 10));
        tracing::error!(target: "jamey_runtime", long, "long");
        log.flush();
    });
    let text = fs::read_to_string(folder.path().join(NAME)).unwrap();
    assert_eq!(text.lines().count(), 51);
    for line in text.lines() {
        assert!(!line.contains("canary"), "{line}");
        assert!(!line.contains("5f1d0c9a7e"), "{line}");
        let shown = people(&Line::parse(line).unwrap(), Look::Coloured);
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[test]
fn a_line_says_which_turn_call_and_tool_it_belongs_to() {
    let folder = tempfile::tempdir().unwrap();
    let (log, subscriber, _) = Log::new(&options(folder.path(), "info"), Redactor::default());
    with_default(subscriber, || {
        let turn = tracing::error_span!(target: "jamey_engine::trace", "turn", session = "s1", turn = "t1");
        let tool = tracing::error_span!(target: "jamey_engine::trace", parent: &turn, "tool", tool = "shell_exec", call = "c1");
        tool.in_scope(|| tracing::warn!(target: "jamey_tools", timestamp = 7, exit = 1, ok = false, "odd"));
        log.flush();
    });
    let line = &lines(folder.path())[0];
    for (name, value) in
        [("session", "s1"), ("turn", "t1"), ("tool", "shell_exec"), ("call", "c1"), ("level", "WARN")]
    {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!((&line["exit"], &line["ok"], &line["timestamp_"]), (&1.into(), &false.into(), &7.into()));
    let shown = people(&Line::parse(&line.to_string()).unwrap(), Look::Plain);
    assert!(shown.contains(" WARN  odd session=s1 turn=t1 tool=shell_exec call=c1 "), "{shown}");
}

#[test]
fn lines_are_bounded_and_a_terminal_is_not_at_their_mercy() {
    let folder = tempfile::tempdir().unwrap();
    let (log, subscriber, _) = Log::new(&options(folder.path(), "info"), Redactor::default());
    with_default(subscriber, || {
        let huge = "ä".repeat(5_000_000);
        tracing::info!(target: "jamey_runtime", a = huge, b = ?huge, c = huge, d = huge, e = huge, "{huge}");
        tracing::info!(target: "jamey_runtime", "\u{1b}[2J\u{9b}31m\u{202e}evil\nsecond\tline\r");
        log.flush();
    });
    let text = fs::read_to_string(folder.path().join(NAME)).unwrap();
    assert!(text.lines().next().unwrap().len() < 64 * 1024, "{}", text.len());
    assert!(text.contains("bytes more)"));
    let shown = people(&Line::parse(text.lines().nth(1).unwrap()).unwrap(), Look::Plain);
    let (head, rest) = shown.split_once("\\u{1b}").unwrap();
    assert!(head.ends_with("INFO  "), "{shown:?}");
    assert_eq!(rest, "[2J\\u{9b}31m\\u{202e}evil\n    second line\\u{d}\n");
}

proptest! {
    #[test]
    fn whatever_is_logged_is_one_line_of_json(message in "(\\PC|[\n\r\t\u{0}\u{1b}\"\\\\]){0,40}", field in any::<String>()) {
        let folder = tempfile::tempdir().unwrap();
        let (log, subscriber, _) = Log::new(&options(folder.path(), "info"), Redactor::default());
        with_default(subscriber, || {
            tracing::info!(target: "jamey_runtime", field, "{message}");
            log.flush();
        });
        let lines = lines(folder.path());
        prop_assert_eq!(lines.len(), 1);
        prop_assert!(people(&Line::parse(&lines[0].to_string()).unwrap(), Look::Plain).ends_with('\n'));
    }
}

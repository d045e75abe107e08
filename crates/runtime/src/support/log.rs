//! The end of the log: what was worth a line to everybody. Lines of `debug` and `trace`, which may hold
//! what was said, and what is no line of ours stay at home.

use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use serde_json::Value;

use super::scrub::Scrub;
use crate::logs::newest_first;

/// Lines that are taken.
const MOST_LINES: usize = 5_000;
/// Bytes that are taken, should lines be long.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Nothing that we wrote is longer.
const LONGEST: u64 = 1024 * 1024;
/// How lines begin that tell of a fault of our own. Behind a backtick Rust quotes what it was about.
const FAULT: &str = "a fault of Jamey's own: ";
/// Lines of what a start printed.
const MOST_OF_START: usize = 200;

/// The last lines, the newest last.
pub(super) fn lines(folder: &Path, scrub: &Scrub) -> String {
    let files = newest_first(folder);
    if files.is_empty() {
        return "There is no log.\n".to_owned();
    }
    let mut kept = Kept::default();
    for path in files.iter().rev() {
        let Ok(file) = File::open(path) else { continue };
        kept.read(BufReader::new(file), scrub);
    }
    let mut text: String = kept.lines.into_iter().collect();
    if kept.left_out > 0 {
        text.push_str(&format!("({} lines of debug, trace or no known form were left out)\n", kept.left_out));
    }
    text
}

/// What the last start printed before there was a log.
pub(super) fn start(path: &Path, scrub: &Scrub) -> String {
    let Ok(file) = File::open(path) else { return "There is nothing.\n".to_owned() };
    let mut text = Vec::new();
    // It is a few lines; a file without end is not read to it.
    let _ = file.take(LONGEST).read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let end = &lines[lines.len().saturating_sub(MOST_OF_START)..];
    end.iter().map(|line| scrub.clean(unquoted(line)) + "\n").collect()
}

#[derive(Default)]
struct Kept {
    lines: VecDeque<String>,
    bytes: usize,
    left_out: u64,
}

impl Kept {
    fn read(&mut self, mut from: impl BufRead, scrub: &Scrub) {
        let mut line = Vec::new();
        loop {
            line.clear();
            match from.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
            match taken(&line, scrub) {
                Some(text) => self.add(text),
                None if line.trim_ascii().is_empty() => {}
                None => self.left_out += 1,
            }
        }
    }

    fn add(&mut self, line: String) {
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.lines.len() > MOST_LINES || self.bytes > MOST_BYTES {
            self.bytes -= self.lines.pop_front().map_or(0, |line| line.len());
        }
    }
}

fn taken(line: &[u8], scrub: &Scrub) -> Option<String> {
    let mut line: Value = serde_json::from_slice(line).ok()?;
    if !matches!(line["level"].as_str()?, "INFO" | "WARN" | "ERROR") {
        return None;
    }
    if let Some(message) = line["message"].as_str() {
        line["message"] = unquoted(message).into();
    }
    Some(scrub.clean(&line.to_string()) + "\n")
}

/// The beginning of a message about a fault of our own, or a panic's: it may quote the text that it met.
fn unquoted(message: &str) -> &str {
    if message.contains(FAULT) || message.contains("panicked") || message.contains("byte index") {
        return message.split('`').next().unwrap_or_default();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Redactor;

    fn line(level: &str, message: &str) -> String {
        serde_json::json!({"timestamp": "t", "level": level, "target": "x", "message": message}).to_string()
            + "\n"
    }

    #[test]
    fn the_newest_lines_that_may_leave_are_taken_and_the_others_counted() {
        let temp = tempfile::tempdir().unwrap();
        let old: String = (0..4_000).map(|number| line("INFO", &format!("old {number}"))).collect();
        let new: String = (0..2_000).map(|number| line("WARN", &format!("new {number}"))).collect();
        std::fs::write(temp.path().join("runtime.log.1"), old).unwrap();
        let more = line("TRACE", "signal prompt-canary") + "torn {\n" + &line("DEBUG", "answer-canary");
        std::fs::write(temp.path().join("runtime.log"), new + &more).unwrap();
        let text = lines(temp.path(), &Scrub::new(Redactor::default()));
        assert_eq!(text.lines().count(), MOST_LINES + 1);
        assert!(text.starts_with(&line("INFO", "old 1000")), "{}", &text[..200]);
        assert!(text.contains("new 1999") && !text.contains("canary") && !text.contains("torn"));
        assert!(text.ends_with("(3 lines of debug, trace or no known form were left out)\n"));
    }

    #[test]
    fn what_a_fault_of_our_own_quotes_is_left_out() {
        let message =
            format!("{FAULT}byte index 3 is not a char boundary; it is inside 'é' of `prompt-canary`");
        let text = taken(line("ERROR", &message).as_bytes(), &Scrub::new(Redactor::default())).unwrap();
        assert!(text.contains("byte index 3") && !text.contains("canary"), "{text}");
    }

    #[test]
    fn long_lines_are_bounded_together() {
        let mut kept = Kept::default();
        for _ in 0..100 {
            kept.add("x".repeat(100_000));
        }
        assert!(kept.bytes <= MOST_BYTES && kept.lines.len() == MOST_BYTES / 100_000);
    }
}

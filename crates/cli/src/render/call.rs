//! A tool call in one line before it runs, one line after, and whole for whoever approves it.

use std::fmt::Write as _;

use jamey_protocol::{Access, CallStatus, ToolCall};
use serde_json::Value;

use super::{clean, units, visible};

/// The longest line about a call; what is left out is marked.
const LONGEST_LINE: usize = 100;
/// How many lines of one argument are shown to whoever approves.
const SHOWN_LINES: usize = 30;

/// What a call is about to do.
#[must_use]
pub fn started(call: &ToolCall) -> String {
    let about = match call.accesses.first() {
        Some(Access::Run { command, .. }) => command.clone(),
        Some(Access::Read { path } | Access::Write { path }) => path.display().to_string(),
        Some(Access::System) => String::new(),
        None => match &call.arguments {
            Value::Object(map) => map
                .iter()
                .map(|(name, value)| format!("{name}={}", word(value)))
                .collect::<Vec<_>>()
                .join(" "),
            _ => String::new(),
        },
    };
    line(&format!("{} {about}", call.tool))
}

/// How a call ended.
#[must_use]
pub fn finished(call: &ToolCall) -> String {
    let output = call.output.clone().unwrap_or_default();
    let mut parts = vec![
        match call.status {
            CallStatus::Succeeded => "done",
            CallStatus::Failed => "failed",
            CallStatus::Denied => "denied",
            CallStatus::Cancelled => "cancelled",
            CallStatus::OutcomeUnknown => "outcome unknown",
            CallStatus::Waiting => "waiting",
            CallStatus::Running => "running",
        }
        .to_owned(),
    ];
    if let Some(code) = output.exit_code {
        parts.push(format!("exit {code}"));
    }
    match call.status {
        CallStatus::Failed if output.exit_code.is_none() => parts.push(first_line(&output.text)),
        CallStatus::Denied | CallStatus::Cancelled => {}
        _ if output.text.is_empty() => {}
        _ => {
            let counted = || {
                let cut = if output.omitted_bytes > 0 { "+" } else { "" };
                format!("{}{cut}", units::count(output.text.lines().count(), "line"))
            };
            let of_file = (call.tool == "file_read").then(|| lines_of_file(&output.text)).flatten();
            parts.push(of_file.unwrap_or_else(counted));
        }
    }
    if output.took_ms >= 100 {
        #[allow(clippy::cast_precision_loss)]
        parts.push(format!("{:.1} s", output.took_ms as f64 / 1_000.0));
    }
    line(&parts.join(" · "))
}

/// How many lines a file that was read has, or which of them were: `file_read` says so in a line of its own
/// before the file, which is no line of the file.
fn lines_of_file(text: &str) -> Option<String> {
    let head = text.lines().next()?.strip_prefix('(')?;
    if head.contains("the file is empty)") {
        return Some(units::count(0, "line"));
    }
    let count = head[..head.rfind(" line")?].rsplit(' ').next()?.parse().ok()?;
    let all = units::count(count, "line");
    let shown = head.split_once(", these are ").and_then(|(_, rest)| rest.split([')', ';']).next());
    Some(shown.map_or_else(|| all.clone(), |shown| format!("{shown} of {all}")))
}

/// A call's arguments for whoever approves it, hidden characters spelled out, each argument with
/// its first lines and the number of those that are not shown.
#[must_use]
pub fn arguments(arguments: &Value) -> String {
    let Value::Object(map) = arguments else { return visible(&arguments.to_string()) };
    let mut out = String::new();
    for (name, value) in map {
        let text = visible(&word(value));
        let lines: Vec<&str> = text.lines().collect();
        // Writing to a string cannot fail.
        if lines.len() <= 1 {
            let _ = writeln!(out, "{}: {text}", visible(name));
            continue;
        }
        let _ = writeln!(out, "{}:", visible(name));
        for line in lines.iter().take(SHOWN_LINES) {
            let _ = writeln!(out, "  {line}");
        }
        if lines.len() > SHOWN_LINES {
            let _ = writeln!(out, "  … {} more", units::count(lines.len() - SHOWN_LINES, "line"));
        }
    }
    out
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn first_line(text: &str) -> String {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
}

/// Makes one harmless line of bounded length.
fn line(text: &str) -> String {
    let text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{CallId, ToolOutput};
    use serde_json::json;

    use super::*;

    fn call(command: &str) -> ToolCall {
        ToolCall {
            call_id: CallId::new(),
            tool: "shell_exec".to_owned(),
            arguments: json!({"command": command}),
            accesses: vec![Access::Run { command: command.to_owned(), cwd: "/w".into() }],
            status: CallStatus::Succeeded,
            output: Some(ToolOutput {
                text: "a\nb\n".to_owned(),
                exit_code: Some(0),
                took_ms: 1_230,
                ..ToolOutput::default()
            }),
        }
    }

    #[test]
    fn a_call_is_one_line_before_and_one_after() {
        assert_eq!(started(&call("echo a\n  b\u{1b}[2J")), "shell_exec echo a b[2J");
        assert_eq!(finished(&call("x")), "done · exit 0 · 2 lines · 1.2 s");
        let long = started(&call(&"x".repeat(500)));
        assert!(long.ends_with('…') && long.chars().count() == LONGEST_LINE + 1);
    }

    #[test]
    fn the_lines_of_a_file_are_counted_without_what_is_said_about_them() {
        let read = |text: &str| {
            let output = ToolOutput { text: text.to_owned(), omitted_bytes: 7, ..ToolOutput::default() };
            finished(&ToolCall { tool: "file_read".to_owned(), output: Some(output), ..call("x") })
        };
        assert_eq!(read("(3 lines)\na\nb\nc\n"), "done · 3 lines");
        assert_eq!(read("(1 line)\na"), "done · 1 line");
        assert_eq!(read("(the file is empty)"), "done · 0 lines");
        assert_eq!(
            read(
                "(a line does not exist, this is b line. 2 lines; not UTF-8, so some letters are missing)\na\nb"
            ),
            "done · 2 lines"
        );
        assert_eq!(
            read("(9 lines, these are 2 to 3)\nb\nc\n[... 6 more lines: file_read with offset 4 ...]"),
            "done · 2 to 3 of 9 lines"
        );
        assert_eq!(read("something else\nhere"), "done · 2 lines+");
    }

    #[test]
    fn whoever_approves_sees_hidden_characters_and_how_much_is_left_out() {
        let text = arguments(&json!({"path": "a\u{202e}b", "content": "l\n".repeat(40)}));
        assert!(text.contains("a<U+202E>b"), "{text}");
        assert!(
            text.contains("10 more lines") || text.contains("… 10 lines more") || text.contains("10 lines"),
            "{text}"
        );
    }
}

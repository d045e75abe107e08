//! Changing a file: the text to be replaced is copied from what the file holds, never from memory.
//!
//! Small models invent the old text, and the change fails. So a change of a file that was not read in this
//! turn becomes the reading of it, and once it was read, a grammar allows only pieces of its lines as old text.
//! Everything here comes from results in the conversation: this process never opens the user's files.

use std::fmt::Write;

use crate::line::action::{Action, Tool};
use crate::line::grammar::TEXT;
use crate::line::transcript::{Step, Turn};

/// More pieces than this make the grammar slow.
const MOST_PIECES: usize = 400;

/// A change that waits until its file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEdit {
    user: String,
    path: String,
}

/// The reading that has to come before the change `action`, if it is one and the file was not read yet.
pub fn look_first(action: &Action, turn: &Turn) -> Option<(Action, PendingEdit)> {
    let path = action.argument("path")?;
    let changes = action.tool == Tool::FileWrite && action.argument("mode") == Some("replace");
    let known = action.argument("old").is_some_and(|old| results(turn).any(|result| result.contains(old)));
    if !changes
        || known
        || turn.steps.iter().filter_map(Step::action).any(|a| a.argument("path") == Some(path))
    {
        return None;
    }
    let mut arguments = serde_json::Map::new();
    arguments.insert("path".to_owned(), path.into());
    let pending = PendingEdit { user: turn.user.clone(), path: path.to_owned() };
    Some((Action { tool: Tool::FileRead, arguments }, pending))
}

/// The grammar of the change that is due now, if its file has just been read, or has just been shown
/// because the old text was not in it.
pub fn grammar_of_due_change(turn: &Turn, pending: Option<&PendingEdit>) -> Option<String> {
    let last = turn.steps.last()?;
    let Step::Acted { result: Some(result), .. } = last else { return None };
    let action = last.action()?;
    let path = action.argument("path")?;
    let content = match action.tool {
        Tool::FileRead => {
            pending.filter(|p| p.user == turn.user && p.path == path)?;
            content_of_reading(result)?
        }
        Tool::FileWrite => result.split_once("Use old text copied")?.1.split_once('\n')?.1,
        _ => return None,
    };
    grammar(path, content)
}

fn results(turn: &Turn) -> impl Iterator<Item = &str> {
    turn.steps.iter().filter_map(|step| match step {
        Step::Acted { result, .. } => result.as_deref(),
        Step::Said(_) => None,
    })
}

/// What was read, without the line that counts lines; nothing when the reading failed or opened another file.
fn content_of_reading(result: &str) -> Option<&str> {
    let (head, rest) = result.split_once('\n').unwrap_or((result, ""));
    if result.starts_with("Error") || head.contains("does not exist") {
        return None;
    }
    let counts = head.starts_with('(') && (head.ends_with("lines)") || head.ends_with("line)"));
    Some(if counts { rest } else { result })
}

/// A grammar for a change in `path` whose old text is a run of pieces of one line of `content`.
fn grammar(path: &str, content: &str) -> Option<String> {
    let lines: Vec<Vec<&str>> = content.lines().map(pieces).collect();
    let count: usize = lines.iter().map(Vec::len).sum();
    if count == 0 || count > MOST_PIECES {
        return None;
    }
    let path = serde_json::Value::from(path);
    let opening = format!(r#"Action: file_write {{"path": {path}, "mode": "replace", "old": ""#);
    let mut rules = String::new();
    let mut starts = Vec::new();
    let mut number = 0;
    for line in &lines {
        for (i, piece) in line.iter().enumerate() {
            let space = piece.trim().is_empty();
            let last = line[i + 1..].iter().all(|p| p.trim().is_empty());
            if !space && (i == 0 || piece.starts_with(char::is_alphanumeric)) {
                starts.push(format!("p{number}"));
            }
            // An old text neither begins nor ends with a space.
            let next = match (last, space) {
                (true, _) => String::new(),
                (false, true) => format!(" p{}", number + 1),
                (false, false) => format!(" p{}?", number + 1),
            };
            let _ = writeln!(rules, "p{number} ::= {}{next}", literal(&inside_json(piece)));
            number += 1;
        }
    }
    let root = format!("root ::= {} old {} str \"}}\"\n", literal(&opening), literal("\", \"new\": "));
    (!starts.is_empty()).then(|| format!("{root}old ::= {}\n{rules}{TEXT}", starts.join(" | ")))
}

/// Cuts a line into words, spaces and single other characters.
fn pieces(line: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Kind {
        Word,
        Space,
        Other,
    }
    let kind = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            Kind::Word
        } else if c.is_whitespace() {
            Kind::Space
        } else {
            Kind::Other
        }
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in line.char_indices() {
        let now = kind(c);
        if last.as_ref().is_some_and(|last| *last != now || now == Kind::Other) {
            out.push(&line[start..at]);
            start = at;
        }
        last = Some(now);
    }
    if start < line.len() {
        out.push(&line[start..]);
    }
    out
}

/// The text as it stands between the quotes of a JSON string.
fn inside_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The text as a literal of the grammar.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Call;
    use proptest::prelude::*;

    fn acted(line: &str, result: &str) -> Step {
        let action = Action::read(line).unwrap();
        let call = Call { id: "1".into(), name: action.tool.name().into(), arguments: action.arguments };
        Step::Acted { call, result: Some(result.into()) }
    }

    const CHANGE: &str =
        r#"Action: file_write {"path": "a.ini", "mode": "replace", "old": "port = 1", "new": "port = 2"}"#;
    const READ: &str = r#"Action: file_read {"path": "a.ini"}"#;

    #[test]
    fn a_change_from_memory_becomes_a_reading_and_then_a_change() {
        let mut turn = Turn { user: "set the port to 2".into(), steps: vec![] };
        let change = Action::read(CHANGE).unwrap();
        let (reading, pending) = look_first(&change, &turn).unwrap();
        assert_eq!(reading.line(), READ);
        assert_eq!(grammar_of_due_change(&turn, Some(&pending)), None);

        turn.steps.push(acted(READ, "(2 lines)\n[server]\nport = 8443\n"));
        let grammar = grammar_of_due_change(&turn, Some(&pending)).unwrap();
        let root =
            r#"root ::= "Action: file_write {\"path\": \"a.ini\", \"mode\": \"replace\", \"old\": \"" old"#;
        assert!(grammar.starts_with(root), "{grammar}");
        assert!(grammar.contains("\"8443\"") && !grammar.contains("\"lines\""), "{grammar}");
        assert_eq!(look_first(&change, &turn), None);
        assert_eq!(grammar_of_due_change(&turn, None), None);
        turn.user = "something else".into();
        assert_eq!(grammar_of_due_change(&turn, Some(&pending)), None);
    }

    #[test]
    fn a_change_that_missed_is_repeated_from_the_shown_text() {
        let result = "Error: the text \"port = 1\" is not in a.ini. Use old text copied from the file, which holds:\nport = 8443\n";
        let turn = Turn { user: "u".into(), steps: vec![acted(CHANGE, result)] };
        assert!(grammar_of_due_change(&turn, None).unwrap().contains("\"8443\""));
    }

    #[test]
    fn a_failed_reading_leads_to_no_change() {
        let pending = PendingEdit { user: "u".into(), path: "a.ini".into() };
        for result in ["Error: no such file: a.ini", "(a.ini does not exist, this is b.ini. 1 lines)\nx", ""]
        {
            let turn = Turn { user: "u".into(), steps: vec![acted(READ, result)] };
            assert_eq!(grammar_of_due_change(&turn, Some(&pending)), None, "{result}");
        }
    }

    #[test]
    fn quotes_and_backslashes_are_escaped_twice() {
        let text = grammar("p", r#"a "b" \c"#).unwrap();
        assert!(text.contains(r#"::= "\\\"" p"#), "{text}");
        assert!(text.contains(r#"::= "\\\\" p"#), "{text}");
    }

    proptest! {
        #[test]
        fn pieces_put_together_are_the_line(line: String) {
            prop_assert_eq!(pieces(&line).concat(), line);
        }

        #[test]
        fn every_rule_that_is_used_is_defined(content in "[a-z =:.\"\n\t]{0,80}") {
            if let Some(text) = grammar("p", &content) {
                let rules = text.lines().filter_map(|l| l.split_once(" ::= ")).map(|(name, _)| name).collect::<Vec<_>>();
                let old = text.lines().find_map(|l| l.strip_prefix("old ::= ")).unwrap();
                for used in old.split(" | ") {
                    prop_assert!(rules.contains(&used), "{} in {}", used, text);
                }
            }
        }
    }
}

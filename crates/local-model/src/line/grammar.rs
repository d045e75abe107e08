//! The grammar of one reply, in llama.cpp's GBNF.

use std::fmt::Write;

use crate::line::action::Tool;

/// Texts cannot be empty: a request to delete must not become an empty file.
pub(super) const TEXT: &str = r#"str ::= "\"" ch+ "\""
ch ::= [^"\\\x00-\x1F] | "\\" (["\\/nt])
"#;

fn arguments(tool: Tool) -> &'static str {
    match tool {
        Tool::FileRead | Tool::ListDirectory => r#""{\"path\": " str "}""#,
        Tool::FileWrite => {
            r#""{\"path\": " str ", " ( "\"mode\": \"overwrite\", \"content\": " str | "\"mode\": \"append\", \"content\": " str | "\"mode\": \"replace\", \"old\": " str ", \"new\": " str ) "}""#
        }
        Tool::SearchFiles => r#""{\"query\": " str ", \"path\": " str "}""#,
        Tool::ShellExec => r#""{\"command\": " str "}""#,
        Tool::SystemInfo => r#""{}""#,
    }
}

/// The grammar of a reply that calls one of `tools`, or answers if it may.
pub fn reply(tools: &[Tool], answer: Answer) -> String {
    let mut openings: Vec<String> =
        tools.iter().enumerate().map(|(i, tool)| format!("\"Action: {} \" a{i}", tool.name())).collect();
    if answer == Answer::Allowed {
        openings.insert(0, "\"Answer:\"".to_owned());
    }
    let mut out = format!("root ::= {}\n", openings.join(" | "));
    for (i, &tool) in tools.iter().enumerate() {
        let _ = writeln!(out, "a{i} ::= {}", arguments(tool));
    }
    out + TEXT
}

/// Whether the model may answer without a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It may.
    Allowed,
    /// It must look first.
    Forbidden,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forced_grammar_has_no_answer() {
        assert!(
            reply(&Tool::ALL, Answer::Allowed)
                .starts_with("root ::= \"Answer:\" | \"Action: file_read \" a0 |")
        );
        assert!(!reply(&Tool::ALL, Answer::Forbidden).contains("Answer"));
    }

    #[test]
    fn only_the_given_tools_are_in_it() {
        let text = reply(&[Tool::SystemInfo], Answer::Forbidden);
        assert!(text.starts_with("root ::= \"Action: system_info \" a0\na0 ::= \"{}\"\n"), "{text}");
        assert!(!text.contains("file_write"));
    }
}

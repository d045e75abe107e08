//! A conversation as one text, for the model that sums it up.
//!
//! Invariant: never much longer than it may be. What tools gave is shortened first, since it can be looked up again;
//! then everything; and what is oldest goes last of all, since a summary of it may stand in front.

use std::fmt::Write as _;

use jamey_protocol::{Item, ItemBody, ToolCall};

use super::{Given, trim::trimmed};

/// The most bytes of one entry of each kind, at first.
#[derive(Clone, Copy)]
struct Longest {
    said: usize,
    answer: usize,
    file: usize,
    arguments: usize,
    output: usize,
}

const USUAL: Longest = Longest { said: 16_000, answer: 8_000, file: 8_000, arguments: 600, output: 2_000 };
/// How often all bounds are halved before whole entries are left out, where a model reads it in order to sum it up.
pub(super) const HALVINGS: u32 = 5;

/// Writes down `items` and the texts that were given along with them, with the summary that stands for what was before
/// them, in about `most` bytes. All bounds are halved at most `halvings` times before whole entries are left out.
pub(super) fn record(
    summary: Option<&str>,
    items: &[Item],
    given: &Given,
    most: usize,
    halvings: u32,
) -> String {
    let mut out = String::new();
    if let Some(summary) = summary {
        let _ = write!(out, "## Summary of what was before\n{}\n\n", trimmed(summary, most / 2, ""));
    }
    let room = most.saturating_sub(out.len());
    let written = |by: u32| items.iter().map(|item| entry(item, given, USUAL.halved(by))).collect::<Vec<_>>();
    let length = |entries: &[String]| entries.iter().map(String::len).sum::<usize>();
    let mut entries = written(0);
    for by in 1..=halvings {
        if length(&entries) <= room {
            break;
        }
        entries = written(by);
    }
    let mut left = length(&entries);
    let gone = entries.iter().take_while(|entry| {
        let is_too_much = left > room;
        left -= if is_too_much { entry.len() } else { 0 };
        is_too_much
    });
    let gone = gone.count().min(entries.len().saturating_sub(1));
    if gone > 0 {
        let _ = write!(out, "[... {gone} earlier entries left out ...]\n\n");
    }
    out.extend(entries.drain(gone..));
    out.truncate(out.trim_end().len());
    out
}

impl Longest {
    fn halved(self, by: u32) -> Self {
        let Self { said, answer, file, arguments, output } = self;
        // Outputs first, what was said last.
        Self {
            said: said >> by.saturating_sub(2),
            answer: answer >> by.saturating_sub(1),
            file: file >> by,
            arguments: arguments >> by.min(3),
            output: output >> by,
        }
    }
}

fn entry(item: &Item, given: &Given, longest: Longest) -> String {
    match &item.body {
        ItemBody::UserMessage { text, attachments } => {
            let mut out = format!("## The person\n{}\n", trimmed(text, longest.said, ""));
            for file in attachments {
                let _ = match given.text(file) {
                    Some(text) => {
                        writeln!(out, "[with the file {}:]\n{}", file.name, trimmed(text, longest.file, ""))
                    }
                    None => writeln!(out, "[with the file {}]", file.name),
                };
            }
            out + "\n"
        }
        ItemBody::AgentMessage { text, .. } if !text.is_empty() => {
            format!("## The assistant\n{}\n\n", trimmed(text, longest.answer, ""))
        }
        ItemBody::ToolCall { call } => {
            let arguments = trimmed(&call.arguments.to_string(), longest.arguments, "");
            let output = call.output.as_ref().map_or("", |output| output.text.as_str());
            let output = trimmed(output, longest.output, "");
            format!("## Tool {} {arguments}: {}\n{output}\n\n", call.tool, how(call))
        }
        // A summary stands in front already; thoughts led to what was said.
        ItemBody::AgentMessage { .. } | ItemBody::Reasoning { .. } | ItemBody::Summary { .. } => {
            String::new()
        }
    }
}

fn how(call: &ToolCall) -> &'static str {
    use jamey_protocol::CallStatus as Status;
    match call.status {
        Status::Succeeded => "done",
        Status::Failed => "failed",
        Status::Denied => "the person did not allow it",
        Status::Cancelled => "stopped",
        Status::Waiting | Status::Running | Status::OutcomeUnknown => "outcome unknown",
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{Attachment, AttachmentId, CallId, CallStatus, ItemId, ToolOutput, TurnId};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn item(body: ItemBody) -> Item {
        Item { id: ItemId::new(), turn: TurnId::new(), step: 1, at: 0, body }
    }
    fn said(text: String) -> Item {
        item(ItemBody::UserMessage { text, attachments: Vec::new() })
    }
    fn called(output: String) -> Item {
        item(ItemBody::ToolCall {
            call: ToolCall {
                call_id: CallId::new(),
                tool: "file_read".into(),
                arguments: json!({"path": "a.txt"}),
                accesses: vec![],
                status: CallStatus::Succeeded,
                output: Some(ToolOutput { text: output, ..ToolOutput::default() }),
            },
        })
    }

    #[test]
    fn a_conversation_reads_as_who_said_what() {
        let answer = item(ItemBody::AgentMessage { text: "Two.".into(), model: "m".into(), partial: false });
        let items = [said("How many?".into()), called("a\nb".into()), answer];
        assert_eq!(
            record(Some("They count."), &items, &Given::default(), 10_000, HALVINGS),
            "## Summary of what was before\nThey count.\n\n## The person\nHow many?\n\n\
             ## Tool file_read {\"path\":\"a.txt\"}: done\na\nb\n\n## The assistant\nTwo."
        );
    }

    #[test]
    fn outputs_are_shortened_before_words_are() {
        let items = [said("w".repeat(1_000)), called("o".repeat(9_000))];
        let short = record(None, &items, &Given::default(), 1_500, HALVINGS);
        assert!(short.contains(&"w".repeat(1_000)) && short.len() <= 1_500, "{}", short.len());
    }

    #[test]
    fn what_a_given_file_says_is_part_of_it_and_is_shortened_where_it_can_be_seen() {
        let file = |name: &str, media_type: &str| Attachment {
            id: AttachmentId::new(),
            name: name.into(),
            media_type: media_type.into(),
            bytes: 9,
        };
        let (notes, picture) = (file("notes.txt", "text/plain"), file("p.png", "image/png"));
        let mut given = Given::default();
        given.add(&notes, Ok(format!("The code is 4711.{}", "n".repeat(20_000)).into_bytes().into()));
        given.add(&picture, Ok(b"PNG".as_slice().into()));
        let items =
            [item(ItemBody::UserMessage { text: "Keep it.".into(), attachments: vec![notes, picture] })];
        let text = record(None, &items, &given, 100_000, HALVINGS);
        assert!(
            text.starts_with("## The person\nKeep it.\n[with the file notes.txt:]\nThe code is 4711.n"),
            "{text}"
        );
        assert!(text.contains("[... 12018 bytes left out here ...]"), "{text}");
        assert!(text.ends_with("\n[with the file p.png]"), "{text}");
        let short = record(None, &items, &given, 2_000, HALVINGS);
        assert!(short.contains("Keep it.") && short.contains("4711") && short.len() <= 2_000, "{short}");
    }

    proptest! {
        #[test]
        fn it_is_never_much_longer_than_it_may_be(
            lengths in proptest::collection::vec((any::<bool>(), 0usize..20_000), 1..40),
            most in 600usize..60_000,
        ) {
            let item = |(is_said, length)| if is_said { said("ü".repeat(length)) } else { called("ü".repeat(length)) };
            let items: Vec<_> = lengths.into_iter().map(item).collect();
            let text = record(Some(&"s".repeat(5_000)), &items, &Given::default(), most, HALVINGS);
            // One entry always stays, however short the rest must be.
            prop_assert!(text.len() <= most + 5_000, "{} for {most}", text.len());
        }
    }
}

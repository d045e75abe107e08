//! What the model says to each kind of prompt, and what the prompts are.

use serde_json::json;

use crate::{Reply, Seen};

/// What a turn does. The prompt is the kind's word and a number that nobody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A short answer.
    Words,
    /// An answer of some pages.
    Long,
    /// Writes, reads and searches files.
    Files,
    /// Two commands.
    Shell,
    /// A command that prints more than is kept.
    Loud,
    /// A command that leaves a process behind.
    Orphan,
    /// A command that ends itself by a signal.
    Dies,
    /// A command that somebody kills.
    Killed,
    /// The same, but its guard is killed.
    Unguarded,
    /// The model falls silent and the person stops it.
    Stopped,
    /// The stream breaks.
    Cut,
    /// The provider refuses.
    Refused,
    /// A command that must be allowed, and is not.
    Denied,
}

/// How often each comes in a round.
pub const ROUND: &[Kind] = &[
    Kind::Words,
    Kind::Files,
    Kind::Shell,
    Kind::Words,
    Kind::Long,
    Kind::Orphan,
    Kind::Words,
    Kind::Killed,
    Kind::Files,
    Kind::Stopped,
    Kind::Words,
    Kind::Dies,
    Kind::Shell,
    Kind::Denied,
    Kind::Words,
    Kind::Cut,
    Kind::Files,
    Kind::Unguarded,
    Kind::Loud,
    Kind::Refused,
];

impl Kind {
    /// The first word of its prompts.
    #[must_use]
    pub fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// The answer to a request.
#[must_use]
pub fn reply(seen: &Seen) -> Reply {
    let prompt = seen.newest();
    let (word, number) = prompt.split_once(' ').unwrap_or((prompt, "0"));
    let round = seen.outputs().len();
    let shell = |command: &str| {
        Reply::stream().delta("I will look. ").tool(0, "shell_exec", &json!({"command": command})).calls_end()
    };
    match (word, round) {
        ("long", _) => Reply::text(&prose(number, 1_500)),
        ("files", 0) => Reply::call(
            "file_write",
            &json!({"path": format!("notes-{}.txt", number.len()), "mode": "overwrite", "content": prose(number, 120)}),
        ),
        ("files", 1) => Reply::call("file_read", &json!({"path": format!("notes-{}.txt", number.len())})),
        ("files", 2) => Reply::call("search_files", &json!({"query": "harbour"})),
        ("shell", 0) => shell("ls -la; date"),
        ("shell", 1) => {
            shell(&format!("echo {number}; for i in 1 2 3 4 5 6 7 8; do echo line $i of {number}; done"))
        }
        ("loud", 0) => shell("seq 1 60000"),
        ("orphan", 0) => shell("sleep 300 & echo left one behind"),
        ("dies", 0) => shell("kill -9 $$"),
        ("killed" | "unguarded", 0) => {
            shell(&format!("echo $$ > pid.{number}.new; mv pid.{number}.new pid.{number}; sleep 120"))
        }
        ("denied", 0) => shell("echo never"),
        ("stopped", _) => Reply::stream().words("I am thinking about that").hang(),
        ("cut", _) => Reply::stream().words("half an answer and then").cut(),
        ("refused", _) => Reply::status(400, "this request is refused"),
        _ => Reply::text(&prose(number, 90)),
    }
}

/// Words that look like an answer, different for each number.
fn prose(number: &str, count: u64) -> String {
    const WORDS: &[&str] = &[
        "the", "harbour", "was", "quiet", "and", "a", "function", "returns", "its", "result", "when",
        "every", "test", "has", "passed", "because", "nothing", "else", "changed", "in", "that", "module",
        "before", "noon",
    ];
    let mut state = number.bytes().fold(count, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut text = format!("About {number}: ");
    for _ in 0..count {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS[(state >> 33) as usize % WORDS.len()]);
        text.push(' ');
    }
    text
}

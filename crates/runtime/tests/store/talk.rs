//! What people and models say, by the kilobyte: slices of this project's own words and sources.

use jamey_protocol::{CallId, CallStatus, EventBody, Item, ItemBody, ToolCall, ToolOutput, Usage};

use crate::sample::{answered, ended, item, said, started};

const PROSE: &str = concat!(
    include_str!("../../../../docs/architecture.md"),
    include_str!("../../../../docs/protocol.md"),
    include_str!("../../../../docs/style.md"),
    include_str!("../../../../README.md"),
);
const SOURCE: &str = concat!(
    include_str!("../../src/serve.rs"),
    include_str!("../../src/config/schema.rs"),
    include_str!("../../src/store/error.rs"),
    include_str!("../../src/host/mod.rs"),
);

/// The same numbers for the same seed.
pub struct Random(pub u64);

impl Random {
    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }

    /// A size between two, each power of two as likely as the next.
    fn size(&mut self, from: usize, to: usize) -> usize {
        let doublings = (to / from).ilog2() as usize + 1;
        let base = from << self.below(doublings);
        (base + self.below(base)).min(to)
    }

    fn cut(&mut self, text: &str, bytes: usize) -> String {
        let mut from = self.below(text.len() - bytes);
        let mut to = from + bytes;
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        text[from..to].to_owned()
    }
}

/// One turn as it comes: a question of some hundred bytes to some kilobytes, up to three calls with
/// outputs of some kilobytes, an answer.
pub fn turn(random: &mut Random) -> Vec<Vec<EventBody>> {
    let size = random.size(200, 4000);
    let question = said(&random.cut(PROSE, size));
    let mut entries = vec![vec![started(), EventBody::ItemCompleted { item: question }]];
    for _ in 0..random.below(4) {
        let (began, finished) = call(random);
        entries.push(vec![EventBody::ItemStarted { item: began }]);
        entries.push(vec![EventBody::ItemCompleted { item: finished }, usage()]);
    }
    let size = random.size(300, 4000);
    let begun = answered("");
    let mut reply = begun.clone();
    if let ItemBody::AgentMessage { text, .. } = &mut reply.body {
        *text = random.cut(PROSE, size);
    }
    entries.push(vec![EventBody::ItemStarted { item: begun }]);
    entries.push(vec![EventBody::ItemCompleted { item: reply }]);
    entries.push(vec![usage(), ended()]);
    entries
}

fn call(random: &mut Random) -> (Item, Item) {
    let call = ToolCall {
        call_id: CallId::new(),
        tool: "file_read".into(),
        arguments: serde_json::json!({"path": format!("crates/runtime/src/store/{}.rs", random.below(1000))}),
        accesses: vec![],
        status: CallStatus::Running,
        output: None,
    };
    let began = item(ItemBody::ToolCall { call });
    let mut finished = began.clone();
    let size = random.size(1000, 8000);
    if let ItemBody::ToolCall { call } = &mut finished.body {
        call.status = CallStatus::Succeeded;
        call.output = Some(ToolOutput { text: random.cut(SOURCE, size), ..ToolOutput::default() });
    }
    (began, finished)
}

fn usage() -> EventBody {
    EventBody::UsageUpdated { usage: Usage { input: 5123, output: 214, ..Usage::default() } }
}

/// What a person of text would count: the words of messages and outputs, without anything around them.
pub fn bare(body: &EventBody) -> usize {
    let EventBody::ItemCompleted { item } = body else { return 0 };
    match &item.body {
        ItemBody::UserMessage { text, .. } | ItemBody::AgentMessage { text, .. } => text.len(),
        ItemBody::ToolCall { call } => call.output.as_ref().map_or(0, |output| output.text.len()),
        _ => 0,
    }
}

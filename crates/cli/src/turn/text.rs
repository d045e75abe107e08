//! A turn for people: the answer on standard output as it comes, the rest on standard error.

use std::{collections::HashMap, io};

use jamey_protocol::{CallStatus, Delta, Event, EventBody, ItemBody, ItemId, Level, Usage};

use crate::{
    args::Globals,
    render::{self, Stdout, Style, clean},
};

/// An item that is not complete.
#[derive(Clone, Copy, Debug)]
enum Open {
    /// An answer, of which so many bytes were shown.
    Answer(usize),
    /// A call that runs, or waits for an answer.
    Call(CallStatus),
    /// Anything that is not streamed here.
    Other,
}

#[derive(Debug)]
pub struct TextFace {
    out: Stdout,
    style: Style,
    quiet: bool,
    verbose: bool,
    /// Text that waits for the next flush.
    waits: String,
    open: HashMap<ItemId, Open>,
    /// The answer's line has no end yet.
    mid_line: bool,
    /// Something was shown, so the next answer begins after an empty line.
    any: bool,
    /// The last thing that was shown on standard error, if it came after the answer.
    talked: bool,
    usage: Usage,
}

impl TextFace {
    pub fn new(globals: &Globals) -> io::Result<Self> {
        Ok(Self {
            out: Stdout::open()?,
            style: Style::detect(),
            quiet: globals.quiet,
            verbose: globals.verbose,
            waits: String::new(),
            open: HashMap::new(),
            mid_line: false,
            any: false,
            talked: false,
            usage: Usage::default(),
        })
    }

    /// Tokens of the turn so far.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    pub async fn show(&mut self, event: &Event) -> io::Result<()> {
        match &event.body {
            EventBody::ItemDelta { item_id, delta } => self.grow(*item_id, delta).await?,
            EventBody::ItemStarted { item } => {
                let open = match &item.body {
                    ItemBody::AgentMessage { text, .. } => {
                        self.answer(text, true);
                        Open::Answer(text.len())
                    }
                    ItemBody::ToolCall { call } => {
                        // A call that waits is shown with its question.
                        if call.status != CallStatus::Waiting {
                            self.activity(&format!("› {}", render::started(call))).await?;
                        }
                        Open::Call(call.status)
                    }
                    ItemBody::UserMessage { .. } | ItemBody::Reasoning { .. } | ItemBody::Summary { .. } => {
                        Open::Other
                    }
                };
                self.open.insert(item.id, open);
            }
            EventBody::ItemCompleted { item } => {
                let open = self.open.remove(&item.id);
                match &item.body {
                    ItemBody::AgentMessage { text, .. } => self.complete(text, open),
                    // Nothing was shown of a call that nobody answered, so it does not end either.
                    ItemBody::ToolCall { call }
                        if call.status == CallStatus::Cancelled
                            && matches!(open, Some(Open::Call(CallStatus::Waiting))) => {}
                    ItemBody::ToolCall { call } => {
                        if open.is_none() {
                            self.activity(&format!("› {}", render::started(call))).await?;
                        }
                        self.activity(&format!("  {}", render::finished(call))).await?;
                    }
                    ItemBody::Reasoning { text, .. } if self.verbose => {
                        self.activity(text.trim_end()).await?;
                    }
                    ItemBody::Summary { .. } => {
                        self.activity(
                            "(what came before is summed up for the model; you can still read all of it)",
                        )
                        .await?;
                    }
                    ItemBody::UserMessage { .. } | ItemBody::Reasoning { .. } => {}
                }
            }
            EventBody::Notice { level, text } => {
                let text = format!("note: {}", clean(text));
                match level {
                    Level::Warn if !self.quiet => {
                        self.own_line().await?;
                        render::say(&self.style.warn(&text));
                    }
                    Level::Warn => {}
                    Level::Info => self.activity(&text).await?,
                }
            }
            EventBody::UsageUpdated { usage } => self.usage = *usage,
            EventBody::TurnEnded { .. } => {
                self.end_line();
                self.flush().await?;
            }
            EventBody::SessionUpdated { .. }
            | EventBody::TurnStarted { .. }
            | EventBody::ApprovalRequested { .. }
            | EventBody::ApprovalResolved { .. }
            | EventBody::ConfigChanged { .. }
            | EventBody::SessionDeleted {}
            | EventBody::Unknown => {}
        }
        Ok(())
    }

    /// Writes what waits.
    pub async fn flush(&mut self) -> io::Result<()> {
        if self.waits.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.waits);
        let written = self.out.write(&text).await;
        // Its room is used again.
        self.waits = text;
        self.waits.clear();
        written
    }

    /// Leaves an empty line between what was shown and a question.
    pub async fn before_question(&mut self) -> io::Result<()> {
        self.own_line().await?;
        if self.any || self.talked {
            render::say("");
        }
        self.talked = true;
        Ok(())
    }

    /// Writes what waits and, when talk and answer share a terminal, ends the answer's line.
    pub async fn own_line(&mut self) -> io::Result<()> {
        if self.style.shares_terminal {
            self.end_line();
        }
        self.flush().await
    }

    async fn grow(&mut self, item: ItemId, delta: &Delta) -> io::Result<()> {
        match (self.open.get_mut(&item), delta) {
            (Some(Open::Answer(shown)), Delta::Text { text, .. }) => {
                let begins = *shown == 0;
                *shown += text.len();
                self.answer(text, begins);
                Ok(())
            }
            (Some(Open::Call(_)), Delta::Output { text, .. }) if self.verbose => {
                self.activity(text.trim_end()).await
            }
            _ => Ok(()),
        }
    }

    fn answer(&mut self, text: &str, begins: bool) {
        if text.is_empty() {
            return;
        }
        let talked = std::mem::take(&mut self.talked) && self.style.shares_terminal;
        if begins && (self.any || talked) {
            self.end_line();
            self.waits.push('\n');
        }
        self.any = true;
        self.waits.push_str(&clean(text));
        self.mid_line = !self.waits.ends_with('\n');
    }

    /// Shows what of a whole answer did not come as it grew.
    fn complete(&mut self, text: &str, open: Option<Open>) {
        let shown = match open {
            Some(Open::Answer(shown)) => shown,
            _ => 0,
        };
        self.answer(text.get(shown..).unwrap_or_default(), shown == 0);
        self.end_line();
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.mid_line) {
            self.waits.push('\n');
        }
    }

    async fn activity(&mut self, line: &str) -> io::Result<()> {
        if self.quiet || line.is_empty() {
            return Ok(());
        }
        self.own_line().await?;
        self.talked = true;
        render::say(&self.style.dim(&clean(line)));
        Ok(())
    }
}

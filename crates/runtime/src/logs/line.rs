//! One line of the log: as JSON in a file, and as people read it on a terminal.

use std::fmt::{self, Write as _};

use chrono::{DateTime, Local, SecondsFormat, Utc};
use jamey_protocol::letters::turns_direction;
use serde_json::{Map, Value};
use tracing::{
    Level,
    field::{Field, Visit},
};

use crate::redact::Redactor;

/// A value is cut behind so many bytes, a whole line's values behind four times as many.
const LONGEST_VALUE: usize = 8 * 1024;
const LONGEST_LINE: usize = 4 * LONGEST_VALUE;
/// What is passed through the redaction at most. It is so much more than what is kept that a secret
/// which this cut severs is never kept.
const LONGEST_READ: usize = 64 * 1024;
/// Names that every line has.
const OWN: [&str; 4] = ["timestamp", "level", "target", "message"];

/// Named values of an event or a span, free of secrets.
#[derive(Clone, Debug, Default)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads them from whatever records itself.
    pub(super) fn read(&mut self, redactor: &Redactor, record: impl FnOnce(&mut dyn Visit)) {
        record(&mut Reader { redactor, fields: &mut self.0 });
    }
}

struct Reader<'a> {
    redactor: &'a Redactor,
    fields: &'a mut Map<String, Value>,
}

impl Reader<'_> {
    fn text(&mut self, field: &Field, text: &str) {
        let name = field.name();
        let left = self.redactor.field(name, cut(text, LONGEST_READ).0);
        let value = match cut(&left, LONGEST_VALUE) {
            (text, 0) => Value::from(text),
            (text, more) => Value::from(format!("{text}… ({more} bytes more)")),
        };
        self.put(name, value);
    }

    fn put(&mut self, name: &str, value: Value) {
        self.fields.insert(name.to_owned(), value);
    }
}

/// The beginning of a text, and how many bytes that leaves out.
fn cut(text: &str, longest: usize) -> (&str, usize) {
    let end = text.floor_char_boundary(longest);
    (&text[..end], text.len() - end)
}

impl Visit for Reader<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Bounded(String::new());
        // An error only says that there is enough.
        let _ = write!(text, "{value:?}");
        self.text(field, &text.0);
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, &value.to_string());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }
}

/// Text that stops growing: a whole history may be asked to show itself.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let (part, more) = cut(part, LONGEST_READ.saturating_sub(self.0.len()));
        self.0.push_str(part);
        if more > 0 { Err(fmt::Error) } else { Ok(()) }
    }
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line(Map<String, Value>);

impl Line {
    /// Puts a line together: what the spans around it say, the outermost first, then the event itself.
    #[must_use]
    pub fn new(level: Level, target: &str, spans: Vec<Fields>, event: Fields) -> Self {
        let mut event = event.0;
        let message = event.remove("message");
        let mut line = Map::new();
        line.insert("timestamp".into(), Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true).into());
        line.insert("level".into(), level.as_str().into());
        line.insert("target".into(), target.into());
        line.insert("message".into(), message.unwrap_or_default());
        let mut room = LONGEST_LINE;
        for (name, value) in spans.into_iter().map(|fields| fields.0).chain([event]).flatten() {
            let name = if OWN.contains(&name.as_str()) { format!("{name}_") } else { name };
            let size = name.len() + value.as_str().map_or(8, str::len);
            if size <= room {
                room -= size;
                line.insert(name, value);
            }
        }
        Self(line)
    }

    /// A line of the log about itself.
    #[must_use]
    pub fn own(message: &str) -> Self {
        let fields = Fields(Map::from_iter([("message".to_owned(), Value::from(message))]));
        Self::new(Level::WARN, "jamey_runtime::logs", Vec::new(), fields)
    }

    /// Reads a line of a file; nothing if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let line: Map<String, Value> = serde_json::from_str(text).ok()?;
        line.contains_key("timestamp").then_some(Self(line))
    }

    /// As it stands in a file, with the line's end.
    #[must_use]
    pub fn json(&self) -> String {
        // A map of values can always be written.
        let mut text = serde_json::to_string(&self.0).unwrap_or_default();
        text.push('\n');
        text
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Without colours.
    Plain,
    /// For a terminal that knows colours.
    Coloured,
}

/// A line as people read it, with the line's end: local time, level, words, and what else it holds.
#[must_use]
pub fn people(line: &Line, look: Look) -> String {
    let paint = |code: &str, text: &str| match look {
        Look::Plain => text.to_owned(),
        Look::Coloured => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    };
    let time = line.text("timestamp");
    let time = DateTime::parse_from_rfc3339(time).map_or_else(
        |_| harmless(time),
        |time| time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
    );
    let level = line.text("level");
    let code = match level {
        "ERROR" => "1;31",
        "WARN" => "33",
        "INFO" => "32",
        _ => "34",
    };
    let mut out = paint("2", &time);
    out.push(' ');
    out.push_str(&paint(code, &format!("{:<5}", harmless(level))));
    out.push(' ');
    out.push_str(&harmless(line.text("message")));
    for (name, value) in line.0.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        let value = match value {
            Value::String(text) if !text.is_empty() && !text.contains([' ', '=', '"']) => harmless(text),
            other => harmless(&other.to_string()),
        };
        out.push(' ');
        out.push_str(&paint("2", &format!("{}={value}", harmless(name))));
    }
    out.push('\n');
    out
}

/// Text that does nothing to a terminal: what controls it, or turns the direction of reading, is shown
/// as its number.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\n    "),
            '\t' => out.push(' '),
            c if c.is_control() || turns_direction(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

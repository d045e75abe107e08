//! Server-sent events: bytes in, events out.
//!
//! Follows the event-stream grammar of the HTML standard: lines end in LF, CR or CRLF, a byte order
//! mark at the start is dropped, several `data` lines join with a line feed, lines that start with a
//! colon are comments, and an event that the stream's end cuts off is not dispatched. `id` and `retry`
//! are read past, since a model's answer is never resumed.
//!
//! Invariants: any way of cutting the bytes gives the same events; memory depends on the longest line
//! and event, never on the length of the stream; an event that arrives whole is not copied.

use memchr::memchr2;

/// What a stream may hold at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one line.
    pub line: usize,
    /// Bytes of one event's data.
    pub event: usize,
}

impl Default for Limits {
    /// Generous enough for a whole answer in one event, small enough to never hurt.
    fn default() -> Self {
        Self { line: 8 << 20, event: 16 << 20 }
    }
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The value of its last `event` line; empty if there was none.
    pub name: &'a [u8],
    /// Its data, as bytes: whoever parses them checks the encoding.
    pub data: &'a [u8],
}

/// A line or an event was over its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than {limit} bytes")]
pub struct TooLong {
    /// The limit that was passed.
    pub limit: usize,
}

/// Buffers above this size are given back after use.
const KEEP: usize = 64 << 10;
/// What some servers begin their text with; it is none of it.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Turns the bytes of one stream into events.
#[derive(Debug, Default)]
pub struct Parser {
    limits: Limits,
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    /// The data of the event that has not ended yet.
    data: Vec<u8>,
    has_data: bool,
    name: Vec<u8>,
    /// The bytes so far ended in CR: an LF now belongs to it.
    after_cr: bool,
    past_first_line: bool,
}

impl Parser {
    /// Starts a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Tells whether everything so far was whole events (and comments).
    #[must_use]
    pub fn is_between_events(&self) -> bool {
        self.line.is_empty() && !self.has_data
    }

    /// Bytes of memory that its buffers hold.
    #[must_use]
    pub fn held(&self) -> usize {
        self.line.capacity() + self.data.capacity() + self.name.capacity()
    }

    /// Takes the next bytes and hands out each event that they complete.
    ///
    /// # Errors
    /// When a limit is passed, or with the first error of `on_event`; the parser is of no use then.
    pub fn feed<E: From<TooLong>>(
        &mut self,
        bytes: &[u8],
        mut on_event: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = bytes;
        // Data that lies whole in `bytes` stays there until the event ends.
        let mut held: Option<&[u8]> = None;
        loop {
            if self.after_cr && !rest.is_empty() {
                self.after_cr = false;
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            let Some(end) = memchr2(b'\n', b'\r', rest) else { break };
            let (line, tail) = rest.split_at(end);
            self.after_cr = tail[0] == b'\r';
            rest = &tail[1..];
            self.check_line(line.len())?;
            if self.line.is_empty() {
                match Line::of(line, &mut self.past_first_line) {
                    Line::Data(value) if held.is_none() && !self.has_data => {
                        self.check_event(value.len())?;
                        held = Some(value);
                    }
                    other => self.take(other, &mut held, &mut on_event)?,
                }
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                let mut past_first_line = self.past_first_line;
                let parsed = Line::of(&whole, &mut past_first_line);
                self.take(parsed, &mut held, &mut on_event)?;
                self.past_first_line = past_first_line;
                whole.clear();
                whole.shrink_to(KEEP);
                self.line = whole;
            }
        }
        self.hold(held.take())?;
        self.check_line(rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(())
    }

    fn take<E: From<TooLong>>(
        &mut self,
        line: Line<'_>,
        held: &mut Option<&[u8]>,
        on_event: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match line {
            Line::Data(value) => {
                self.hold(held.take())?;
                self.hold(Some(value))?;
            }
            Line::Name(value) => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            Line::Blank => {
                if let Some(data) = held.take() {
                    on_event(Event { name: &self.name, data })?;
                } else if self.has_data {
                    on_event(Event { name: &self.name, data: &self.data })?;
                    self.data.clear();
                    self.data.shrink_to(KEEP);
                    self.has_data = false;
                }
                self.name.clear();
            }
            Line::Other => {}
        }
        Ok(())
    }

    fn hold(&mut self, value: Option<&[u8]>) -> Result<(), TooLong> {
        let Some(value) = value else { return Ok(()) };
        self.check_event(self.data.len().saturating_add(value.len()))?;
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        self.has_data = true;
        Ok(())
    }

    fn check_line(&self, more: usize) -> Result<(), TooLong> {
        let limit = self.limits.line;
        if self.line.len().saturating_add(more) > limit { Err(TooLong { limit }) } else { Ok(()) }
    }

    fn check_event(&self, length: usize) -> Result<(), TooLong> {
        let limit = self.limits.event;
        if length > limit { Err(TooLong { limit }) } else { Ok(()) }
    }
}

/// What a line says.
#[derive(Clone, Copy)]
enum Line<'a> {
    Blank,
    Data(&'a [u8]),
    Name(&'a [u8]),
    Other,
}

impl<'a> Line<'a> {
    fn of(mut line: &'a [u8], past_first_line: &mut bool) -> Self {
        if !*past_first_line {
            *past_first_line = true;
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            return Self::Blank;
        }
        if let Some(rest) = line.strip_prefix(b"data") {
            if let Some(value) = value_of(rest) {
                return Self::Data(value);
            }
        } else if let Some(rest) = line.strip_prefix(b"event")
            && let Some(value) = value_of(rest)
        {
            return Self::Name(value);
        }
        Self::Other
    }
}

/// The value behind a field's name; `None` if the name goes on.
fn value_of(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [] => Some(rest),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

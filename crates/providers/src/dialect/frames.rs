//! How a body is cut into events: server-sent events, or one JSON document a line.

use crate::sse::{BYTE_ORDER_MARK, Limits, Parser, TooLong};

/// The two ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `text/event-stream`.
    #[default]
    Events,
    /// `application/x-ndjson`.
    Lines,
}

impl Framing {
    /// How a body of that kind is announced.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::Lines => "application/x-ndjson",
        }
    }

    /// Some servers stream and call it something else: what the first bytes of a body say of that, however few they are.
    pub(super) fn looks_like(self, content_type: &str, bytes: &[u8]) -> Looks {
        if self == Self::Events && BYTE_ORDER_MARK.starts_with(bytes) {
            return Looks::Undecided;
        }
        let start = bytes.strip_prefix(BYTE_ORDER_MARK).filter(|_| self == Self::Events).unwrap_or(bytes);
        let start = start.trim_ascii_start();
        let marks: &[&[u8]] = match self {
            Self::Lines => &[b"{"],
            Self::Events if content_type.starts_with("application/json") => &[],
            Self::Events => &[b"data:", b"event:", b":", b"id:"],
        };
        if marks.iter().any(|mark| start.starts_with(mark)) {
            Looks::Framed
        } else if marks.iter().any(|mark| mark.starts_with(start)) {
            Looks::Undecided
        } else {
            Looks::Other
        }
    }
}

/// What a body is that is announced as something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// Events, whatever it is called.
    Framed,
    /// Too few bytes came to tell.
    Undecided,
    /// One document, or nothing that is known.
    Other,
}

/// Cuts one body.
#[derive(Debug)]
pub(super) enum Frames {
    Events(Parser),
    Lines(Lines),
}

impl Frames {
    pub(super) fn new(framing: Framing) -> Self {
        let limits = Limits::default();
        match framing {
            Framing::Events => Self::Events(Parser::new(limits)),
            Framing::Lines => Self::Lines(Lines { limit: limits.event, ..Lines::default() }),
        }
    }

    /// Takes the next bytes and hands out each event that they complete.
    pub(super) fn feed<E: From<TooLong>>(
        &mut self,
        bytes: &[u8],
        mut on_event: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Events(parser) => parser.feed(bytes, |event| on_event(event.data)),
            Self::Lines(lines) => lines.feed(bytes, on_event),
        }
    }
}

/// The line that has not ended yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    limit: usize,
    held: Vec<u8>,
}

impl Lines {
    fn feed<E: From<TooLong>>(
        &mut self,
        bytes: &[u8],
        mut on_event: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, tail) = rest.split_at(end);
            rest = tail.get(1..).unwrap_or_default();
            if self.held.is_empty() {
                self.check(line.len())?;
                give(line, &mut on_event)?;
            } else {
                self.hold(line)?;
                let whole = std::mem::take(&mut self.held);
                give(&whole, &mut on_event)?;
            }
        }
        self.hold(rest).map_err(E::from)
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        self.check(self.held.len().saturating_add(bytes.len()))?;
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    fn check(&self, length: usize) -> Result<(), TooLong> {
        let limit = self.limit;
        if length > limit { Err(TooLong { limit }) } else { Ok(()) }
    }
}

fn give<E>(line: &[u8], on_event: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let line = line.trim_ascii();
    if line.is_empty() { Ok(()) } else { on_event(line) }
}

#[cfg(test)]
mod tests {
    use super::{Frames, Framing, Looks, TooLong};

    #[test]
    fn a_body_of_another_name_is_known_once_enough_of_it_came() {
        let look = |text: &str| Framing::Events.looks_like("text/plain", text.as_bytes());
        for text in ["data: x", "event: x", ":", "id: 1", "\u{feff}data:", "\r\n data:", "\u{feff}\n:"] {
            assert_eq!(look(text), Looks::Framed, "{text:?}");
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                assert_ne!(look(&text[..end]), Looks::Other, "{text:?} up to {end}");
            }
        }
        for text in ["", "d", "event", "i", "\n", "\u{feff}", "\u{feff}da"] {
            assert_eq!(look(text), Looks::Undecided, "{text:?}");
        }
        assert_eq!(Framing::Events.looks_like("text/plain", b"\xef\xbb"), Looks::Undecided);
        for text in ["{", "dat:", "<html>", "evil", "x"] {
            assert_eq!(look(text), Looks::Other, "{text:?}");
        }
        assert_eq!(Framing::Events.looks_like("application/json", b"data: x"), Looks::Other);
        let lines = |text: &[u8]| Framing::Lines.looks_like("text/plain", text);
        assert_eq!(
            (lines(b" {"), lines(b"\n"), lines(b"[")),
            (Looks::Framed, Looks::Undecided, Looks::Other)
        );
    }

    #[test]
    fn lines_come_out_whole_however_they_are_cut() {
        let text = b"{\"a\":1}\r\n\n{\"b\":2}\n{\"c\"";
        for size in 1..text.len() {
            let mut frames = Frames::new(Framing::Lines);
            let mut got = Vec::new();
            for piece in text.chunks(size) {
                frames
                    .feed(piece, |line| {
                        got.push(String::from_utf8_lossy(line).into_owned());
                        Ok::<_, TooLong>(())
                    })
                    .unwrap();
            }
            assert_eq!(got, ["{\"a\":1}", "{\"b\":2}"], "pieces of {size}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut frames = Frames::new(Framing::Lines);
        let piece = vec![b'x'; 1 << 20];
        let refused = (0..40).any(|_| frames.feed(&piece, |_| Ok::<_, TooLong>(())).is_err());
        assert!(refused);
    }
}

//! Cuts a byte stream into server-sent events.
//!
//! Lines end with LF or CRLF. Memory is bounded: an event above the cap is an error, never a cut.

/// The largest event. The runtime's own cap for one answer of a model is far below.
const LARGEST_EVENT: usize = 64 << 20;

/// One event of the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Whether it carried an `id:`; deltas do not.
    pub has_id: bool,
    /// The `id:`, where it is a number.
    pub place: Option<u64>,
    /// The lines of `data:`, joined.
    pub data: Vec<u8>,
}

/// An event is larger than anything the runtime sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The line that has no end yet.
    line: Vec<u8>,
    frame: Frame,
    any_data: bool,
}

impl Reader {
    /// Takes the next bytes and hands out each event that they complete.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut take: impl FnMut(Frame)) -> Result<(), TooLarge> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (head, tail) = bytes.split_at(end);
            bytes = tail.get(1..).unwrap_or_default();
            let finished = if self.line.is_empty() {
                self.field(head)?
            } else {
                self.line.extend_from_slice(head);
                let line = std::mem::take(&mut self.line);
                self.field(&line)?
            };
            if let Some(frame) = finished {
                take(frame);
            }
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() > LARGEST_EVENT { Err(TooLarge) } else { Ok(()) }
    }

    fn field(&mut self, line: &[u8]) -> Result<Option<Frame>, TooLarge> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            let frame = std::mem::take(&mut self.frame);
            return Ok(std::mem::take(&mut self.any_data).then_some(frame));
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                if self.any_data {
                    self.frame.data.push(b'\n');
                }
                self.any_data = true;
                self.frame.data.extend_from_slice(value);
            }
            b"id" => {
                self.frame.has_id = true;
                self.frame.place = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            }
            // Comments (no name) keep the connection alive; other fields mean nothing to us.
            _ => {}
        }
        if self.frame.data.len() > LARGEST_EVENT { Err(TooLarge) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(reader: &mut Reader, bytes: &[u8]) -> Vec<(bool, String)> {
        let mut frames = Vec::new();
        reader
            .push(bytes, |frame| frames.push((frame.has_id, String::from_utf8(frame.data).unwrap())))
            .unwrap();
        frames
    }

    #[test]
    fn events_comments_and_line_ends_are_told_apart() {
        let text = b": hello\n\nid: 1\ndata: {\"a\":1}\n\ndata:x\r\ndata: y\r\n\r\nevent: z\n\nid\ndata\n\ndata: open";
        let frames = read(&mut Reader::default(), text);
        let expected = [(true, "{\"a\":1}"), (false, "x\ny"), (true, "")];
        assert_eq!(frames, expected.map(|(id, data)| (id, data.to_owned())));
    }

    #[test]
    fn an_endless_line_and_an_endless_event_are_errors() {
        let mut reader = Reader::default();
        let piece = vec![b'x'; 1 << 20];
        assert!((0..66).any(|_| reader.push(&piece, |_| {}) == Err(TooLarge)));
        let mut reader = Reader::default();
        let piece = [b"data:".as_slice(), &piece, b"\n"].concat();
        assert!((0..66).any(|_| reader.push(&piece, |_| {}) == Err(TooLarge)));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(
            texts in prop::collection::vec("[^\r\n]{0,20}", 1..8), cuts in prop::collection::vec(1usize..20, 1..40)
        ) {
            let text: String = texts.iter().map(|text| format!("id: 1\ndata: {text}\n\n: c\n\n")).collect();
            let whole = read(&mut Reader::default(), text.as_bytes());
            let (mut rest, mut reader, mut parts) = (text.as_bytes(), Reader::default(), Vec::new());
            for cut in cuts.iter().cycle() {
                let (piece, tail) = rest.split_at((*cut).min(rest.len()));
                parts.extend(read(&mut reader, piece));
                rest = tail;
                if rest.is_empty() { break }
            }
            prop_assert_eq!(&parts, &whole);
            prop_assert_eq!(whole.len(), texts.len());
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reader::default().push(&bytes, |_| {});
        }
    }
}

//! Turning token bytes into text that can be shown: whole characters only, and nothing of a stop text.

/// Cuts a stream of bytes into text, holding back what may yet become a stop text or half a character.
#[derive(Debug)]
pub struct StopScanner {
    stops: Vec<String>,
    bytes: Vec<u8>,
    held: String,
}

/// What a scanner let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Text that is safe to show.
    pub text: String,
    /// Whether a stop text was met; everything after it is gone.
    pub stopped: bool,
}

impl StopScanner {
    /// A scanner for `stops`; empty ones are ignored.
    pub fn new(stops: &[String]) -> Self {
        let stops = stops.iter().filter(|s| !s.is_empty()).cloned().collect();
        Self { stops, bytes: Vec::new(), held: String::new() }
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Scanned {
        self.bytes.extend_from_slice(bytes);
        self.take_whole_characters();
        let first = self.stops.iter().filter_map(|s| self.held.find(s.as_str())).min();
        if let Some(at) = first {
            let text = self.held[..at].to_owned();
            self.held.clear();
            return Scanned { text, stopped: true };
        }
        let rest = self.held.split_off(self.safe_length());
        Scanned { text: std::mem::replace(&mut self.held, rest), stopped: false }
    }

    /// Gives out what was held back; the stream has ended.
    pub fn finish(&mut self) -> String {
        self.held.push_str(&String::from_utf8_lossy(&self.bytes));
        self.bytes.clear();
        std::mem::take(&mut self.held)
    }

    fn take_whole_characters(&mut self) {
        loop {
            match std::str::from_utf8(&self.bytes) {
                Ok(text) => {
                    self.held.push_str(text);
                    self.bytes.clear();
                    return;
                }
                Err(e) => {
                    let (good, _) = self.bytes.split_at(e.valid_up_to());
                    self.held.push_str(&String::from_utf8_lossy(good));
                    let Some(broken) = e.error_len() else {
                        self.bytes.drain(..e.valid_up_to());
                        return;
                    };
                    self.held.push(char::REPLACEMENT_CHARACTER);
                    self.bytes.drain(..e.valid_up_to() + broken);
                }
            }
        }
    }

    /// How much of the held text can no longer be the beginning of a stop text.
    fn safe_length(&self) -> usize {
        let longest = self.stops.iter().map(String::len).max().unwrap_or(0);
        let from = self.held.len().saturating_sub(longest.saturating_sub(1));
        (from..self.held.len())
            .filter(|&i| self.held.is_char_boundary(i))
            .find(|&i| self.stops.iter().any(|s| s.starts_with(&self.held[i..])))
            .unwrap_or(self.held.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scanner(stops: &[&str]) -> StopScanner {
        StopScanner::new(&stops.iter().map(|&s| s.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn half_a_character_waits_for_the_other_half() {
        let mut s = scanner(&[]);
        assert_eq!(s.push(&[b'a', 0xC3]).text, "a");
        assert_eq!(s.push(&[0xA9]).text, "é");
    }

    #[test]
    fn a_stop_text_is_never_shown_even_in_pieces() {
        let mut s = scanner(&["\nAction:"]);
        assert_eq!(s.push(b"done\nAct"), Scanned { text: "done".into(), stopped: false });
        assert_eq!(s.push(b"ion: more"), Scanned { text: String::new(), stopped: true });
    }

    #[test]
    fn what_only_looked_like_a_stop_text_is_shown() {
        let mut s = scanner(&["\nAction:"]);
        assert_eq!(s.push(b"a\nAct").text, "a");
        assert_eq!(s.push(b"ually").text, "\nActually");
    }

    #[test]
    fn broken_bytes_become_replacement_characters() {
        let mut s = scanner(&[]);
        assert_eq!(s.push(&[b'a', 0xFF, b'b']).text, "a\u{FFFD}b");
    }

    proptest! {
        #[test]
        fn text_without_stops_comes_out_unchanged(text: String, cut in 1_usize..7) {
            let mut s = scanner(&[]);
            let mut out = String::new();
            for piece in text.as_bytes().chunks(cut) {
                out.push_str(&s.push(piece).text);
            }
            out.push_str(&s.finish());
            prop_assert_eq!(out, text);
        }

        #[test]
        fn what_is_shown_is_the_text_before_the_stop(text in "[ab\n]{0,30}", stop in "[ab]{1,3}", cut in 1_usize..4) {
            let mut s = scanner(&[stop.as_str()]);
            let (mut out, mut stopped) = (String::new(), false);
            for piece in text.as_bytes().chunks(cut) {
                let scanned = s.push(piece);
                out.push_str(&scanned.text);
                if scanned.stopped { stopped = true; break; }
            }
            if !stopped { out.push_str(&s.finish()); }
            prop_assert_eq!(stopped, text.contains(&stop));
            prop_assert_eq!(out.as_str(), text.split(&stop).next().unwrap());
        }
    }
}

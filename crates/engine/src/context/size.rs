//! How large a request is, and how many tokens that is to the model at hand.
//!
//! Nobody but the vendor can count its tokens. So bytes are counted here, and how many of them are a token is
//! learned from what the vendor says of the call before, whose words are the beginning of the next.

use crate::ports::{Message, Request};

/// About so many tokens are one image.
const TOKENS_PER_IMAGE: u64 = 1_600;
/// Tokens of a byte before the vendor has told any: words have fewer, source texts and JSON more.
const USUAL: f64 = 2.0 / 7.0;
/// What a vendor tells outside of these bounds is no count of what was sent.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 0.125..=1.0;
/// In fewer bytes than these the vendor's own frame around the messages counts too much.
const WORTH_LEARNING: u64 = 2_000;

/// What a request holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes of all its words.
    pub bytes: u64,
    /// Images in it.
    pub images: u64,
}

impl Size {
    /// Measures a whole request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let fixed = Self::fixed(request);
        request.messages.iter().map(Self::of_message).fold(fixed, Self::plus)
    }

    /// Measures what every request of a session begins with: the instructions and the tools.
    #[must_use]
    pub fn fixed(request: &Request) -> Self {
        let tool = |tool: &jamey_protocol::ToolDescription| {
            tool.name.len() + tool.description.len() + tool.parameters.to_string().len()
        };
        let tools: usize = request.tools.iter().map(tool).sum();
        Self { bytes: (request.system.len() + tools) as u64, images: 0 }
    }

    fn of_message(message: &Message) -> Self {
        let (bytes, images) = match message {
            Message::User { text, images } => (text.len(), images.len()),
            Message::Assistant { reasoning, text, calls } => {
                let thoughts: usize = reasoning
                    .iter()
                    .map(|it| it.text.len() + it.opaque.as_ref().map_or(0, String::len))
                    .sum();
                let arguments = |call: &crate::ports::ProposedCall| {
                    call.arguments.as_ref().map_or_else(String::len, |json| json.to_string().len())
                };
                let calls: usize = calls.iter().map(|call| call.tool.len() + arguments(call)).sum();
                (text.len() + thoughts + calls, 0)
            }
            Message::Results(results) => (results.iter().map(|result| result.text.len()).sum(), 0),
        };
        Self { bytes: bytes as u64, images: images as u64 }
    }

    fn plus(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, images: self.images + other.images }
    }

    /// About how many tokens it is, where so many bytes are one.
    #[must_use]
    pub fn tokens(self, bytes_per_token: u64) -> u64 {
        self.bytes / bytes_per_token.max(1) + self.images * TOKENS_PER_IMAGE
    }
}

/// What was learned of the model that a session asks.
#[derive(Clone, Debug)]
pub struct Gauge {
    model: String,
    /// Tokens of one byte.
    ratio: f64,
    /// More than this did not fit, in tokens as they are estimated here.
    limit: Option<u64>,
    /// What was sent last.
    sent: Size,
    /// It was told already that the server seems to cut.
    is_told: bool,
}

impl Default for Gauge {
    fn default() -> Self {
        Self { model: String::new(), ratio: USUAL, limit: None, sent: Size::default(), is_told: false }
    }
}

impl Gauge {
    /// Turns to a model, as `provider/model`. What was learned of another is forgotten.
    pub fn turn_to(&mut self, model: &str) {
        if self.model != model {
            *self = Self { model: model.to_owned(), ..Self::default() };
        }
    }

    /// Notes what is being sent.
    pub fn sends(&mut self, size: Size) {
        self.sent = size;
    }

    /// Learns from the number of tokens that the vendor says were sent. Returns false, once, where it read far
    /// less than there was, which servers do that cut a conversation silently.
    pub fn learn(&mut self, input: u64) -> bool {
        let words = input.saturating_sub(self.sent.images * TOKENS_PER_IMAGE);
        if self.sent.bytes < WORTH_LEARNING {
            return true;
        }
        let ratio = words as f64 / self.sent.bytes as f64;
        if PLAUSIBLE.contains(&ratio) {
            self.ratio = ratio;
        }
        // Nobody's frame around the messages is so large; a number this small is a server that does not count.
        let is_cut = words >= WORTH_LEARNING / 4 && ratio < *PLAUSIBLE.start();
        !is_cut || std::mem::replace(&mut self.is_told, true)
    }

    /// What was sent last did not fit. `window` is what is known of the model.
    pub fn overflowed(&mut self, window: Option<u64>) {
        let enough = |window: u64| window as f64 * 0.9 / self.sent.bytes.max(1) as f64;
        match window.map(enough) {
            // The tokens are smaller than they were thought to be.
            Some(ratio) if *PLAUSIBLE.end() >= ratio => self.ratio = self.ratio.max(ratio),
            // The window is not known, or is another one than is said.
            _ => self.limit = Some(self.tokens(self.sent) * 9 / 10),
        }
    }

    /// The window to reckon with: what is known of the model, or what did not fit.
    #[must_use]
    pub fn window(&self, known: Option<u64>) -> Option<u64> {
        match (known, self.limit) {
            (Some(known), Some(limit)) => Some(known.min(limit)),
            (known, limit) => known.or(limit),
        }
    }

    /// About how many tokens this is.
    #[must_use]
    pub fn tokens(&self, size: Size) -> u64 {
        (size.bytes as f64 * self.ratio) as u64 + size.images * TOKENS_PER_IMAGE
    }

    /// About how many bytes of words these tokens are.
    #[must_use]
    pub fn bytes(&self, tokens: u64) -> usize {
        (tokens as f64 / self.ratio) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(bytes: u64) -> Size {
        Size { bytes, images: 0 }
    }

    #[test]
    fn the_estimate_follows_what_the_vendor_counted() {
        let mut gauge = Gauge::default();
        gauge.turn_to("a/m");
        assert_eq!(gauge.tokens(sized(7_000)), 2_000);
        gauge.sends(sized(10_000));
        assert!(gauge.learn(5_000));
        assert_eq!((gauge.tokens(sized(11_000)), gauge.bytes(5_500)), (5_500, 11_000));
        gauge.turn_to("a/m");
        assert_eq!(gauge.tokens(sized(11_000)), 5_500);
        gauge.turn_to("b/n");
        assert_eq!(gauge.tokens(sized(7_000)), 2_000, "another model's tokens are others");
    }

    #[test]
    fn a_count_that_cannot_be_is_not_learned_from_and_a_silent_cut_is_seen() {
        let mut gauge = Gauge::default();
        gauge.sends(sized(100_000));
        assert!(gauge.learn(10), "a server that does not count");
        assert!(!gauge.learn(4_096), "a server that cut");
        assert!(gauge.learn(4_096), "told once");
        assert!(gauge.learn(900_000), "one that counts something else");
        assert_eq!(gauge.tokens(sized(7_000)), 2_000);
    }

    #[test]
    fn what_did_not_fit_teaches_the_size_of_a_token_or_of_the_window() {
        let mut gauge = Gauge::default();
        gauge.sends(sized(20_000));
        gauge.overflowed(Some(8_000));
        assert_eq!(gauge.tokens(sized(20_000)), 7_200);
        assert_eq!(gauge.window(Some(8_000)), Some(8_000));
        let mut gauge = Gauge::default();
        gauge.sends(sized(21_000));
        gauge.overflowed(None);
        assert_eq!(gauge.window(None), Some(5_400));
        // A server that was started with less than the model could have.
        let mut gauge = Gauge::default();
        gauge.sends(sized(21_000));
        gauge.overflowed(Some(131_072));
        assert_eq!(gauge.window(Some(131_072)), Some(5_400));
    }
}

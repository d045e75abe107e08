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
    /// More words than these did not fit, in bytes.
    limit: Option<u64>,
    /// The most words that were answered, in bytes.
    accepted: u64,
    /// What was sent last.
    sent: Size,
    /// How many tokens that has cannot be told from its bytes.
    is_guess: bool,
    /// The server seems to have cut what was sent last.
    is_cut: bool,
    /// That was told already.
    is_told: bool,
    /// What did not fit a moment ago and taught nothing that lasts.
    refused: Option<Size>,
    /// What it gave for a summary last was none.
    gives_no_summary: bool,
}

impl Default for Gauge {
    fn default() -> Self {
        Self {
            model: String::new(),
            ratio: USUAL,
            limit: None,
            accepted: 0,
            sent: Size::default(),
            is_guess: false,
            is_cut: false,
            is_told: false,
            refused: None,
            gives_no_summary: false,
        }
    }
}

impl Gauge {
    /// Turns to a model, as `provider/model`. What was learned of another is forgotten.
    pub fn turn_to(&mut self, model: &str) {
        if self.model != model {
            *self = Self { model: model.to_owned(), ..Self::default() };
        }
    }

    /// Notes that the conversation is being sent, and whether files are in it.
    pub fn sends(&mut self, size: Size, has_files: bool) {
        (self.sent, self.is_guess, self.is_cut) = (size, has_files || size.images > 0, false);
        self.refused = None;
    }

    /// Notes that the request for a summary is being sent.
    pub fn sends_for_summary(&mut self, size: Size) {
        (self.sent, self.is_guess, self.is_cut) = (size, false, false);
    }

    /// Learns from the number of tokens that the vendor says were sent. Returns false, once, where it read far
    /// less than there was, which servers do that cut a conversation silently.
    pub fn learn(&mut self, input: u64) -> bool {
        let images = self.sent.images * TOKENS_PER_IMAGE;
        // What images take is a guess, which must not decide.
        if self.sent.bytes < WORTH_LEARNING || images > input / 4 {
            return true;
        }
        let words = input - images;
        let ratio = words as f64 / self.sent.bytes as f64;
        if PLAUSIBLE.contains(&ratio) {
            self.ratio = ratio;
        }
        // Nobody's frame around the messages is so large; a number this small is a server that does not count.
        self.is_cut = words >= WORTH_LEARNING / 4 && ratio < *PLAUSIBLE.start();
        !self.is_cut || std::mem::replace(&mut self.is_told, true)
    }

    /// What was sent last was answered, so there is room for so much.
    pub fn fitted(&mut self) {
        if self.is_cut {
            return;
        }
        self.accepted = self.accepted.max(self.sent.bytes);
        self.limit = self.limit.map(|limit| limit.max(self.accepted));
    }

    /// Notes whether a summary came of what the model gave for one.
    pub fn summed_up(&mut self, has_summary: bool) {
        self.gives_no_summary = !has_summary;
    }

    /// Whether a summary is worth asking for before it is needed. A model that gave none would cost each turn a call.
    #[must_use]
    pub fn may_sum_up_ahead(&self) -> bool {
        !self.gives_no_summary
    }

    /// The conversation as it was sent last did not fit. `window` is what is known of the model.
    pub fn overflowed(&mut self, window: Option<u64>) {
        // A limit of bytes that images are over, or files of other tokens than words have, tell nothing of the next.
        if self.is_guess || self.sent.bytes <= self.accepted {
            self.refused = Some(self.sent);
            return;
        }
        let enough = |window: u64| window as f64 * 0.9 / self.sent.bytes.max(1) as f64;
        match window.map(enough) {
            // The tokens are smaller than they were thought to be.
            Some(ratio) if *PLAUSIBLE.end() >= ratio => self.ratio = self.ratio.max(ratio),
            // The window is not known, or is another one than is said.
            _ => self.limit = Some((self.sent.bytes * 9 / 10).max(self.accepted)),
        }
    }

    /// The window to reckon with: what is known of the model, or what did not fit.
    #[must_use]
    pub fn window(&self, known: Option<u64>) -> Option<u64> {
        let learned = self.limit.map(|bytes| self.tokens(Size { bytes, images: 0 }));
        [known, learned].into_iter().flatten().min()
    }

    /// The window that a summary must make room in: no more than what did not fit a moment ago.
    #[must_use]
    pub fn room(&self, known: Option<u64>) -> Option<u64> {
        let refused = self.refused.map(|size| self.tokens(size) * 9 / 10);
        [self.window(known), refused].into_iter().flatten().min()
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
        gauge.sends(sized(10_000), false);
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
        gauge.sends(sized(100_000), false);
        assert!(gauge.learn(10), "a server that does not count");
        assert!(!gauge.learn(4_096), "a server that cut");
        assert!(gauge.learn(4_096), "told once");
        assert!(gauge.learn(900_000), "one that counts something else");
        assert_eq!(gauge.tokens(sized(7_000)), 2_000);
    }

    #[test]
    fn what_did_not_fit_teaches_the_size_of_a_token_or_of_the_window() {
        let mut gauge = Gauge::default();
        gauge.sends(sized(20_000), false);
        gauge.overflowed(Some(8_000));
        assert_eq!(gauge.tokens(sized(20_000)), 7_200);
        assert_eq!(gauge.window(Some(8_000)), Some(8_000));
        let mut gauge = Gauge::default();
        gauge.sends(sized(21_000), false);
        gauge.overflowed(None);
        assert_eq!(gauge.window(None), Some(5_400));
        // A server that was started with less than the model could have.
        let mut gauge = Gauge::default();
        gauge.sends(sized(21_000), false);
        gauge.overflowed(Some(131_072));
        assert_eq!(gauge.window(Some(131_072)), Some(5_400));
    }

    #[test]
    fn what_did_not_fit_for_its_images_or_files_says_nothing_of_words() {
        for (images, has_files) in [(12, false), (0, true)] {
            for known in [None, Some(200_000)] {
                let mut gauge = Gauge::default();
                gauge.sends(Size { bytes: 7_000, images }, has_files);
                let all = gauge.tokens(Size { bytes: 7_000, images });
                gauge.overflowed(known);
                assert_eq!((gauge.window(known), gauge.tokens(sized(7_000))), (known, 2_000));
                assert_eq!(gauge.room(known), Some(all * 9 / 10), "but this summary must make room");
                gauge.sends_for_summary(sized(4_000));
                assert_eq!(gauge.room(known), Some(all * 9 / 10));
                gauge.sends(sized(3_000), false);
                assert_eq!(gauge.room(known), known);
            }
        }
    }

    #[test]
    fn nothing_is_learned_below_what_was_answered_before() {
        let mut gauge = Gauge::default();
        gauge.sends(sized(70_000), false);
        gauge.fitted();
        gauge.sends(sized(50_000), false);
        gauge.overflowed(None);
        assert_eq!((gauge.window(None), gauge.room(None)), (None, Some(12_856)));
        gauge.sends(sized(71_000), false);
        gauge.overflowed(None);
        assert_eq!(gauge.window(None), Some(20_000));
        // What is answered all the same shows that there is room for it.
        gauge.sends(sized(77_000), false);
        gauge.fitted();
        assert_eq!(gauge.window(None), Some(22_000));
        // A server that cuts silently has not taken it.
        let mut gauge = Gauge::default();
        gauge.sends(sized(100_000), false);
        assert!(!gauge.learn(4_096));
        gauge.fitted();
        gauge.sends(sized(50_000), false);
        gauge.overflowed(None);
        assert!(gauge.window(None).is_some());
    }

    #[test]
    fn a_learned_window_holds_as_many_words_also_when_their_tokens_are_counted_anew() {
        let mut gauge = Gauge::default();
        gauge.sends(sized(20_000), false);
        gauge.overflowed(None);
        gauge.sends(sized(10_000), false);
        assert!(gauge.learn(5_000));
        let window = gauge.window(None).unwrap();
        assert_eq!((window, gauge.bytes(window)), (9_000, 18_000));
    }

    #[test]
    fn images_whose_tokens_are_a_guess_do_not_teach_how_large_those_of_words_are() {
        let mut gauge = Gauge::default();
        gauge.sends(Size { bytes: 10_000, images: 1 }, true);
        assert!(gauge.learn(4_000));
        assert_eq!(gauge.tokens(sized(7_000)), 2_000);
        gauge.sends(Size { bytes: 100_000, images: 1 }, true);
        assert!(gauge.learn(51_600));
        assert_eq!(gauge.tokens(sized(7_000)), 3_500);
    }
}

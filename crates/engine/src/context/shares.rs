//! How a model's window is shared out: to the answer, to what is kept whole, to the summary of the rest.

/// Most tokens that are kept free for an answer.
const ANSWER: u64 = 16_384;
/// Less than these are not worth asking for, where a window is large enough for them.
const LEAST_ANSWER: u64 = 4_096;
/// Windows below this are filled by one long answer, so the summary's length is bounded by the request.
const SMALL: u64 = 32_768;

/// The shares of one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    window: u64,
}

impl Shares {
    /// Shares out so many tokens.
    #[must_use]
    pub fn of(window: u64) -> Self {
        Self { window }
    }

    /// The most that a request may be, so that an answer fits behind it.
    #[must_use]
    pub fn request(self) -> u64 {
        self.window - (self.window / 4).min(ANSWER)
    }

    /// What a request of about `sent` tokens leaves for its answer. An estimate may be short by a little, so a little
    /// less; and never nothing, since what truly does not fit is the vendor's to say.
    #[must_use]
    pub fn room(self, sent: u64) -> u64 {
        self.window.saturating_sub(sent + sent / 16).max((self.window / 8).min(LEAST_ANSWER)).max(1)
    }

    /// What the newest items may take that are kept whole, behind instructions and tools of `fixed` tokens.
    #[must_use]
    pub fn kept(self, fixed: u64) -> u64 {
        self.request().saturating_sub(fixed) / 3
    }

    /// What the summary may take.
    #[must_use]
    pub fn summary(self, fixed: u64) -> u64 {
        (self.request().saturating_sub(fixed) / 6).clamp(128, 4_096)
    }

    /// The limit that the request for the summary names: half as much again as it should be, since few models count
    /// their words, and with `thinks` room for that too. A large window needs none.
    #[must_use]
    pub fn summary_limit(self, fixed: u64, thinks: bool) -> Option<u64> {
        let thoughts = if thinks { self.window / 4 } else { 0 };
        (self.window < SMALL).then(|| self.summary(fixed) * 3 / 2 + thoughts)
    }

    /// What the summary may be made from.
    #[must_use]
    pub fn source(self, fixed: u64, thinks: bool) -> u64 {
        let answer = self.summary_limit(fixed, thinks).unwrap_or(self.window - self.request());
        // The instructions for it take about 400 tokens.
        (self.window * 9 / 10).saturating_sub(answer + 400)
    }

    /// What outputs may take that the model has not read, where room is needed.
    #[must_use]
    pub fn unread(self, fixed: u64) -> u64 {
        self.request().saturating_sub(fixed) / 2
    }

    /// The least that must be gained, or it is not worth a call.
    #[must_use]
    pub fn gain(self, fixed: u64) -> u64 {
        self.request().saturating_sub(fixed) / 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_fits_its_window_also_a_small_one() {
        for window in [2_048, 4_096, 8_192, 32_768, 128_000, 1_000_000] {
            let (shares, fixed) = (Shares::of(window), 900);
            let after = fixed + shares.kept(fixed) + shares.summary(fixed);
            assert!(after < shares.request() && shares.request() < window, "{window}");
            assert!(fixed + shares.unread(fixed) + shares.summary(fixed) < shares.request(), "{window}");
            for thinks in [false, true] {
                let limit = shares.summary_limit(fixed, thinks);
                assert_eq!(limit.is_none(), window >= SMALL, "{window}");
                let thoughts = if thinks { window / 4 } else { 0 };
                assert!(limit.is_none_or(|most| most >= shares.summary(fixed) + thoughts), "{window}");
                let source = shares.source(fixed, thinks);
                assert!(source > 500 && source + limit.unwrap_or(ANSWER / 2) < window, "{window}");
            }
        }
        assert_eq!(Shares::of(4_096).request(), 3_072);
        assert_eq!(Shares::of(200_000).request(), 183_616);
    }

    #[test]
    fn an_answer_has_the_room_that_the_request_leaves_and_never_none() {
        for (window, sent, room) in [
            (200_000, 1_000, 198_938),
            (200_000, 160_000, 30_000),
            (200_000, 183_616, 4_908),
            (200_000, 199_000, 4_096),
            (200_000, 400_000, 4_096),
            (4_096, 1_600, 2_396),
            (4_096, 5_000, 512),
            (0, 100, 1),
        ] {
            assert_eq!(Shares::of(window).room(sent), room, "{sent} of {window}");
        }
    }
}

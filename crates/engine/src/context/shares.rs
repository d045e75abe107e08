//! How a model's window is shared out: to the answer, to what is kept whole, to the summary of the rest.

/// Most tokens that are kept free for an answer.
const ANSWER: u64 = 16_384;
/// Most bytes of one tool's output; the built-in tools give less by themselves.
const OUTPUT: usize = 48 * 1024;
/// Fewer bytes of an output tell nothing.
const LEAST_OUTPUT: u64 = 800;
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

    /// The limit that the request for the summary names. A large window needs none, and a model that thinks first
    /// would use a small one up with thinking.
    #[must_use]
    pub fn summary_limit(self, fixed: u64) -> Option<u64> {
        (self.window < SMALL).then(|| self.summary(fixed))
    }

    /// What the summary may be made from.
    #[must_use]
    pub fn source(self, fixed: u64) -> u64 {
        // The instructions for it take about 400 tokens.
        (self.window * 9 / 10).saturating_sub(self.summary(fixed) + 400)
    }

    /// The least that must be gained, or it is not worth a call.
    #[must_use]
    pub fn gain(self, fixed: u64) -> u64 {
        self.request().saturating_sub(fixed) / 8
    }
}

/// The most bytes of a tool's output that a request repeats, for a window of so many tokens. It follows from what is
/// known of the model alone, so that what was sent once is sent the same way again.
#[must_use]
pub fn longest_output(window: Option<u64>) -> usize {
    // A quarter of the window, at three and a half bytes a token.
    let share = |window: u64| (window * 7 / 8).clamp(LEAST_OUTPUT, OUTPUT as u64) as usize;
    window.map_or(OUTPUT, share)
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
            assert!(shares.source(fixed) + shares.summary(fixed) < window, "{window}");
            assert!(longest_output(Some(window)) as u64 <= window, "{window}");
        }
        assert_eq!(Shares::of(4_096).request(), 3_072);
        assert_eq!(Shares::of(200_000).request(), 183_616);
        assert_eq!((longest_output(None), longest_output(Some(4_096))), (48 * 1024, 3_584));
    }
}

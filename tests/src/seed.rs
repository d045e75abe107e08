//! Chance that can be repeated: a small generator and a seed that is printed.

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

/// A stream of numbers from one seed (splitmix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Takes `JAMEY_SEED`, else the clock, and prints which.
    #[must_use]
    pub fn from_environment() -> Self {
        let seed = env::var("JAMEY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64)
        });
        println!("seed: JAMEY_SEED={seed}");
        Self(seed)
    }

    /// A stream of its own for each of several threads.
    #[must_use]
    pub fn split(&self, index: u64) -> Self {
        let mut other = Self(self.0 ^ index.wrapping_mul(0xA24B_AED4_963E_E407));
        other.number();
        other
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }
}

//! What one turn has spent, whichever models it asked.

use std::sync::{Arc, Mutex, PoisonError};

/// The sums of one turn. Clones count together, so they go along when another model goes on.
#[derive(Clone, Debug, Default)]
pub struct TurnMeter(Arc<Mutex<TurnSpent>>);

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnSpent {
    /// Tokens sent and written.
    pub tokens: u64,
    /// Millionths of a US dollar, of the calls whose price is known.
    pub micros: u64,
}

impl TurnMeter {
    /// Adds what one call used.
    pub fn add(&self, spent: TurnSpent) {
        let mut sum = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sum.tokens += spent.tokens;
        sum.micros += spent.micros;
    }

    /// What the turn has spent so far.
    #[must_use]
    pub fn spent(&self) -> TurnSpent {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

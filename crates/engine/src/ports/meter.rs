//! What calls have spent, and what one turn has, whichever models it asked.

use std::sync::{Arc, Mutex, PoisonError};

use jamey_protocol::{Usage, model::Price};

/// The sums of one turn. Clones count together, so they go along when another model goes on.
#[derive(Clone, Debug, Default)]
pub struct TurnMeter(Arc<Mutex<Spending>>);

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Tokens sent and written.
    pub tokens: u64,
    /// Millionths of a US dollar, of the calls whose price is known.
    pub micros: u64,
}

impl Spending {
    /// What a call that used so much spent, at its price.
    #[must_use]
    pub fn of(used: &Usage, price: Option<Price>) -> Self {
        let tokens = used.input.saturating_add(used.output);
        Self { tokens, micros: price.map_or(0, |price| price.micros(used)) }
    }

    /// Adds another one. What is absurdly much stays so, and never begins anew at nothing.
    pub fn add(&mut self, other: Self) {
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.micros = self.micros.saturating_add(other.micros);
    }

    /// Takes away another one, as far as there is so much.
    pub fn take(&mut self, other: Self) {
        self.tokens = self.tokens.saturating_sub(other.tokens);
        self.micros = self.micros.saturating_sub(other.micros);
    }
}

impl TurnMeter {
    /// Adds what one call used.
    pub fn add(&self, spent: Spending) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(spent);
    }

    /// What the turn has spent so far.
    #[must_use]
    pub fn spent(&self) -> Spending {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

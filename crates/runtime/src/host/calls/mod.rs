//! How the calls of each provider go, seen from the calls themselves: nobody is asked for it.
//!
//! Layout: `tally` counts and says how a provider stands; `past` remembers the last day of it; `gate` leaves one alone that fails again and again;
//! `questions` asks one that failed whether it is back; `counted` listens to each answer on its way.

mod counted;
mod gate;
mod past;
mod questions;
mod tally;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jamey_engine::ports::Provider;

use self::counted::Counted;
pub use self::{gate::Gate, past::MINUTE, tally::Calls};

/// So many failures one after the other mean that it does not work.
const BROKEN_AFTER: usize = 3;

/// The calls of every provider since the start.
#[derive(Debug, Default)]
pub struct CallBook {
    providers: Mutex<BTreeMap<String, Arc<Calls>>>,
}

impl CallBook {
    /// Makes a provider whose calls are counted.
    #[must_use]
    pub fn counted(&self, provider: Arc<dyn Provider>) -> Arc<dyn Provider> {
        let calls = self.calls(provider.id());
        Arc::new(Counted { inner: provider, calls, is_gated: false })
    }

    /// The same, but a call fails at once while the provider is left alone: for turns that have another
    /// model to go on with.
    #[must_use]
    pub fn gated(&self, provider: Arc<dyn Provider>) -> Arc<dyn Provider> {
        let calls = self.calls(provider.id());
        Arc::new(Counted { inner: provider, calls, is_gated: true })
    }

    /// The calls of the provider of that name.
    #[must_use]
    pub fn calls(&self, name: &str) -> Arc<Calls> {
        let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        match providers.get(name) {
            Some(calls) => Arc::clone(calls),
            None => Arc::clone(providers.entry(name.to_owned()).or_default()),
        }
    }
}

#[cfg(test)]
mod tests;

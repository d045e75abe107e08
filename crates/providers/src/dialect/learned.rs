//! What a server taught about its models by refusing a request, so that it is asked rightly from then on.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// What was learned of each model, for as long as the provider lives.
#[derive(Debug)]
pub(crate) struct Learned<T>(Mutex<HashMap<String, T>>);

impl<T> Default for Learned<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Copy + std::fmt::Debug> Learned<T> {
    /// What was learned of a model.
    pub(crate) fn of(&self, model: &str) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(model).copied()
    }

    /// Keeps what was learned.
    pub(crate) fn keep(&self, model: &str, learned: T) {
        tracing::info!(model, ?learned, "a server wants its requests otherwise");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned(), learned);
    }
}

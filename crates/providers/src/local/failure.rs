//! What goes wrong with the child that runs the weights, in words.

use jamey_engine::ports::{ErrorKind, ProviderError};
use serde::Deserialize;

/// Why a child did not begin to serve.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Its stable name for the problem.
    #[serde(default)]
    pub code: String,
    pub message: String,
    #[serde(default)]
    pub hint: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }

    /// Asking again does not help: the file, the memory or the program has to change first.
    pub(super) fn error(&self, model: &str) -> ProviderError {
        let kind = if self.code == "model_missing" { ErrorKind::NotFound } else { ErrorKind::BadRequest };
        let error =
            ProviderError::new(kind, format!("the local model {model} cannot start: {}", self.message));
        match &self.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }
}

/// The child died in the middle of its work. Once may be an accident; again and again is not.
pub(super) fn died(model: &str, how: &str, times: u32) -> ProviderError {
    if times >= 3 {
        return ProviderError::new(
            ErrorKind::BadRequest,
            format!("the local model {model} died {times} times in a row: {how}"),
        )
        .hint("close other programs or choose a smaller model; `jamey doctor` checks the file");
    }
    ProviderError::new(ErrorKind::Truncated, format!("the local model {model} died while it answered: {how}"))
        .hint("ask again: it is started anew")
}

pub(super) fn not_here(model: &str) -> ProviderError {
    ProviderError::new(ErrorKind::NotFound, format!("the model {model} is not on this machine"))
        .hint(format!("fetch it with `jamey models pull {model}`"))
}

pub(super) fn unknown(model: &str, known: &str) -> ProviderError {
    ProviderError::new(ErrorKind::NotFound, format!("there is no local model `{model}`"))
        .hint(format!("the local models are {known}"))
}

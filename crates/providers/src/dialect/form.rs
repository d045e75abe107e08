//! Holds an answer to the form that was asked for.

use jamey_engine::ports::{ErrorKind, ProviderError, Request, StopReason};
use serde::de::IgnoredAny;

use super::Peer;

/// The form that an answer must have, and what was said of it.
#[derive(Debug, Default)]
pub(crate) enum Form {
    /// Words.
    #[default]
    Free,
    /// JSON; so much has come.
    Json(String),
}

impl Form {
    /// The form that a request asks for.
    pub(crate) fn of(request: &Request) -> Self {
        if request.schema.is_some() { Self::Json(String::new()) } else { Self::Free }
    }

    pub(super) fn say(&mut self, text: &str) {
        if let Self::Json(so_far) = self {
            so_far.push_str(text);
        }
    }

    /// Says why the answer, which is whole and calls nothing, does not have the form. The schema itself is not looked
    /// at: vendors hold answers to it, and whoever asked reads them with it anyway.
    pub(super) fn check(&self, stop: StopReason, peer: &Peer) -> Result<(), ProviderError> {
        let Self::Json(text) = self else { return Ok(()) };
        let Err(fault) = serde_json::from_str::<IgnoredAny>(text) else { return Ok(()) };
        let model = peer.model_name();
        let (kind, message, hint) = match stop {
            StopReason::Refused => (
                ErrorKind::ContentFilter,
                format!("{model} declined to answer in the JSON that was asked for"),
                "put the request in other words",
            ),
            StopReason::Length => (
                ErrorKind::OtherForm,
                format!("{model} reached its output limit before the JSON that was asked for was whole"),
                "ask for less, or choose a model with a larger limit with -m",
            ),
            StopReason::Done => (
                ErrorKind::OtherForm,
                format!("{model} did not answer in the JSON that was asked for ({fault})"),
                "ask again, or choose another model with -m: not every one keeps to a schema",
            ),
        };
        Err(ProviderError::new(kind, message).hint(hint))
    }
}

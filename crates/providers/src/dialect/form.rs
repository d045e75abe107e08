//! Holds an answer to the form that was asked for.

use jamey_engine::ports::{ErrorKind, ProviderError, Request, StopReason};
use serde_json::Value;

use super::{Peer, fits};

/// The form that an answer must have, and what was said of it.
#[derive(Debug, Default)]
pub(crate) enum Form {
    /// Words.
    #[default]
    Free,
    /// JSON that follows a schema.
    Json {
        /// The schema.
        schema: Value,
        /// So much has come.
        so_far: String,
    },
}

impl Form {
    /// The form that a request asks for.
    pub(crate) fn of(request: &Request) -> Self {
        let json = |schema: &Value| Self::Json { schema: schema.clone(), so_far: String::new() };
        request.schema.as_ref().map_or(Self::Free, json)
    }

    pub(super) fn say(&mut self, text: &str) {
        if let Self::Json { so_far, .. } = self {
            so_far.push_str(text);
        }
    }

    /// Says why the answer, which is whole and calls nothing, does not have the form. Not every vendor holds its answers to
    /// a schema, and where the schema was told in words none does.
    pub(super) fn check(&self, stop: StopReason, peer: &Peer) -> Result<(), ProviderError> {
        let Self::Json { schema, so_far } = self else { return Ok(()) };
        let read = serde_json::from_str::<Value>(so_far);
        // An answer that is whole JSON was not cut off in the middle of it.
        let stop = if read.is_ok() && stop == StopReason::Length { StopReason::Done } else { stop };
        let read = read.map_err(|fault| fault.to_string());
        let Err(fault) = read.and_then(|value| fits::fault(schema, &value)) else { return Ok(()) };
        let (model, fault) = (peer.model_name(), peer.clean(&fault));
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

//! A string of an event, borrowed from it wherever it holds no escapes.

use std::borrow::Cow;

use serde::Deserialize;

/// A bare `Cow` inside an `Option` would always be copied.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Text<'_> {
    /// The string; empty if there is none.
    pub(crate) fn of(text: Option<&Self>) -> &str {
        text.map_or("", |text| text.0.as_ref())
    }
}

//! What must go back to a vendor unchanged, packed into the one string that the engine carries.
//!
//! Invariant: what comes out of [`unpack`] is byte for byte what went into [`pack`].

use jamey_engine::ports::Thought;
use serde::{Serialize, de::DeserializeOwned};

/// Packs it.
pub(crate) fn pack<T: Serialize>(sealed: &T) -> String {
    // Structs of strings and numbers can always be written.
    serde_json::to_string(sealed).unwrap_or_default()
}

/// The packed parts of the thoughts that `provider/model` itself had, each with its readable text.
/// Another model's are left out: no vendor can read another's.
pub(crate) fn unpack<'a, T: DeserializeOwned>(
    thoughts: &'a [Thought],
    provider: &'a str,
    model: &'a str,
) -> impl Iterator<Item = (&'a str, T)> {
    thoughts.iter().filter_map(move |thought| {
        let own = thought.model.strip_prefix(provider)?.strip_prefix('/')? == model;
        let sealed = thought.opaque.as_deref().filter(|_| own)?;
        Some((thought.text.as_str(), serde_json::from_str(sealed).ok()?))
    })
}

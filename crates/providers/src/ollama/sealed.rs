//! What a thought carries besides its words: nothing but that it was this dialect's.

use serde::{Deserialize, Serialize};

/// Packed into the opaque part of a thought.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub(super) enum Sealed {
    /// Words that came in the field of that name.
    Thinking,
}

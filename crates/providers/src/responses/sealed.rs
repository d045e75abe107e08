//! What an item of reasoning carries besides its words.

use serde::{Deserialize, Serialize};

/// Packed into the opaque part of a thought.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// The vendor's name for the item.
    pub id: String,
    /// Its ciphertext.
    pub encrypted_content: String,
    /// The parts of the summary as they came; joined they are what the person reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summary: Vec<String>,
}

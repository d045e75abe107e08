//! What a block of thinking carries besides its words.

use serde::{Deserialize, Serialize};

/// Packed into the opaque part of a thought, in the vendor's own field names.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Sealed {
    /// Words with a signature over them.
    Thinking {
        /// The vendor's signature.
        signature: String,
    },
    /// Words that only the vendor can read.
    RedactedThinking {
        /// Its ciphertext.
        data: String,
    },
}

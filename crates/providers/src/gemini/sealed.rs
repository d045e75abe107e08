//! What came with a part of an answer, and the part that it belongs to: the vendor wants it back on just that one.

use serde::{Deserialize, Serialize};

/// Packed into the opaque part of a thought.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub(super) enum Sealed {
    /// On the thought whose words it is packed with.
    Thought {
        /// The signature, in base64 as it came.
        signature: String,
    },
    /// On the text that ends at its place.
    Text {
        /// The signature, in base64 as it came.
        signature: String,
    },
    /// On a call.
    Call {
        /// Which one of the answer, from 0.
        index: usize,
        /// The signature, in base64 as it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
        /// The vendor's name for the call, which its response repeats.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
}

//! A signature, and the part of the answer that it belongs to: the vendor wants it back on just that one.

use serde::{Deserialize, Serialize};

/// Packed into the opaque part of a thought.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub(super) enum Sealed {
    /// On the text.
    Text {
        /// The signature, in base64 as it came.
        signature: String,
    },
    /// On a call.
    Call {
        /// Which one of the answer, from 0.
        index: usize,
        /// The signature, in base64 as it came.
        signature: String,
    },
}

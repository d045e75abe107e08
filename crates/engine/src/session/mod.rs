//! session
//!
//! The one task that owns a session (being written; the signatures are the contract).

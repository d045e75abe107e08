//! How long to wait for what. There is no limit on a whole answer: a long one is no fault.

use std::time::Duration;

/// The three waits of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, name lookup and TLS included.
    pub connect: Duration,
    /// From the request to the first byte of the answer.
    pub first_byte: Duration,
    /// Between two bytes; a comment counts as life.
    pub idle: Duration,
}

impl Timeouts {
    /// For a model on this machine, which may read a long prompt for minutes before its first word.
    #[must_use]
    pub fn local() -> Self {
        Self { first_byte: Duration::from_secs(600), idle: Duration::from_secs(300), ..Self::default() }
    }
}

impl Default for Timeouts {
    /// For a vendor's server. Models that reason say nothing until they have thought, some not even that they
    /// began; vendors' own libraries wait ten minutes.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(300),
            idle: Duration::from_secs(300),
        }
    }
}

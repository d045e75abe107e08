//! How tables of measurements say whether a value is within its aim.

/// In words; what was missed is to be seen at once.
#[must_use]
pub fn verdict(holds: bool) -> &'static str {
    if holds { "held" } else { "**missed**" }
}

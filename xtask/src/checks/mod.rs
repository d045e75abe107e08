//! Checks of the dependencies from what cargo already knows, in seconds and without further tools.

mod doubles;
mod licences;
mod scripts;
mod unused;

use anyhow::{Result, bail};

pub use scripts::scripts;

use crate::{cargo, layout::Layout};

/// Holds the dependencies to the rules of docs/style.md.
///
/// # Errors
/// With every breach, one a line.
pub fn dependencies(layout: &Layout) -> Result<()> {
    let metadata = cargo::metadata(layout)?;
    let mut breaches = licences::breaches(&metadata);
    breaches.extend(doubles::breaches(layout)?);
    breaches.extend(unused::breaches(&metadata)?);
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("\n    {}", breaches.join("\n    "))
}

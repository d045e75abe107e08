//! `cargo xtask eval`: builds the product and the judge, and lets the judge work.

use std::process::ExitCode;

use anyhow::Result;

use crate::{cargo, layout::Layout, product, say, setup};

/// Runs the tasks of one set; the judge's words are passed on.
///
/// # Errors
/// When something cannot be built, or fewer tasks end rightly than must.
pub fn eval(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    judge(layout, "eval", words)
}

/// Builds the product and one program of the tests' package, and runs that.
pub fn judge(layout: &Layout, program: &str, words: &[String]) -> Result<ExitCode> {
    setup::build_tools()?;
    say::step("building");
    product::build(layout)?;
    let mut command = cargo::cargo(layout);
    command
        .args(["run", "--release", "--locked", "--quiet", "--package", "jamey-tests", "--bin", program, "--"])
        .args(words)
        .env("JAMEY_TEST_BIN_DIR", layout.bin_dir())
        .env("JAMEY_MODELS_DIR", layout.models());
    cargo::must(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

//! `cargo xtask eval`: builds the product and the judge, and lets the judge work.

use std::{
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::{Context, Result};

use crate::{layout::Layout, product, say, setup};

/// Runs the tasks of one set; the judge's words are passed on.
///
/// # Errors
/// When something cannot be built.
pub fn eval(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    judge(layout, "eval", words)
}

/// Builds everything and runs one program of the tests' package, whose exit code it takes over.
pub fn judge(layout: &Layout, program: &str, words: &[String]) -> Result<ExitCode> {
    setup::build_tools()?;
    say::step("building");
    product::build(layout)?;
    let began = Instant::now();
    let status = Command::new(layout.bin(program))
        .args(words)
        .env("JAMEY_MODELS_DIR", layout.models())
        .status()
        .with_context(|| format!("could not start {program}"))?;
    say::note(&format!("took {}", say::took(began)));
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `cargo xtask soak`: the runtime under many times a person's load, or idle, watched for what grows.

use std::process::ExitCode;

use anyhow::Result;

use crate::{eval, layout::Layout};

/// Builds everything and runs the soak, whose exit code it takes over.
///
/// # Errors
/// When something cannot be built.
pub fn soak(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    eval::judge(layout, "soak", words)
}

//! `cargo xtask soak`: the runtime under many times a person's load, or idle, watched for what grows.

use std::process::ExitCode;

use anyhow::Result;

use crate::{eval, layout::Layout};
#[cfg(target_os = "linux")]
use crate::{product, setup, systemd};

/// Builds everything and runs the soak, whose exit code it takes over.
///
/// # Errors
/// When something cannot be built.
pub fn soak(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    #[cfg(target_os = "linux")]
    if let [idle, minutes, service] = words
        && (idle.as_str(), service.as_str()) == ("--idle", "--service")
    {
        setup::build_tools()?;
        product::build(layout)?;
        systemd::watch_idle(layout, minutes.parse()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    eval::judge(layout, "soak", words)
}

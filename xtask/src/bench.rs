//! `cargo xtask bench`: speed as ratios, never as tests.

use std::{
    path::PathBuf,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};

use crate::{cargo, desktop, eval, layout::Layout, layout::set, say};

/// Prints the ratios that Jamey can make alone, then, if its folder is given, the comparison suite.
///
/// # Errors
/// When something cannot be built or the suite fails.
pub fn bench(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    let mut suite = set("JAMEY_BENCH_DIR");
    let mut only = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().cloned().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--bench-dir" => suite = Some(PathBuf::from(value()?)),
            "--only" => only = Some(value()?),
            other => bail!("`cargo xtask bench` does not know {other}"),
        }
    }
    let code = eval::judge(layout, "bench", &[])?;
    if cfg!(target_os = "linux") {
        say::step("the desktop");
        desktop::desktop(layout, &["--measure".to_owned()])?;
        desktop::sizes(layout)?;
    }
    if let Some(suite) = suite {
        say::step("the comparison suite");
        let mut command = Command::new("python3");
        command.arg(suite.join("run.py")).env("BENCH_JAMEY", layout.bin_dir());
        command.args(only.iter().flat_map(|names| ["--only", names]));
        cargo::must(&mut command)?;
    }
    Ok(code)
}

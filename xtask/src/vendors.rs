//! Reads what Jamey sends with the types that the vendors publish for Python.

use std::{fs, process::Command};

use anyhow::Result;

use crate::{cargo, layout::Layout};

/// Lets the tests write down their requests, fetches the vendors' packages into an environment of their own
/// in the cache, and compares.
///
/// # Errors
/// When a request does not fit, or Python or the packages cannot be had.
pub fn check_requests(layout: &Layout) -> Result<()> {
    let bodies = layout.cache.join("vendor-requests");
    fs::create_dir_all(&bodies)?;
    cargo::must(
        cargo::cargo(layout)
            .args(["test", "--workspace", "--release", "--locked", "--test", "dialects", "--"])
            .arg("requests::")
            .env("JAMEY_TEST_REQUESTS", &bodies),
    )?;
    let tests = layout.root.join("crates/providers/tests");
    let environment = layout.cache.join("vendor-types");
    let python = environment.join("bin/python");
    if !python.exists() {
        cargo::must(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    let packages = tests.join("vendor_types.txt");
    cargo::must(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(packages))?;
    cargo::must(Command::new(&python).arg(tests.join("vendor_types.py")).arg(&bodies))
}

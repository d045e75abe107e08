//! `cargo xtask test`: everything that must hold before a change goes in.

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result, bail};

#[cfg(target_os = "linux")]
use crate::systemd;
use crate::{cargo, checks, desktop, layout::Layout, product, say, setup, steps::Steps, targets, vendors};

/// The smallest model of the catalogue: real weights for tests.
pub const SMALL_MODEL: &str = "smollm2-135m";

/// Runs all steps, the quick ones first, and says at the end which of them failed.
///
/// # Errors
/// When the machine lacks something that could not be installed.
pub fn test(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    let is_quick = match words {
        [] => false,
        [flag] if flag == "--quick" => true,
        [flag] if flag == "--windows" => return targets::test_windows(layout),
        _ => bail!("`cargo xtask test` takes only --quick or --windows"),
    };
    let began = Instant::now();
    setup::build_tools()?;
    setup::check_tools(layout)?;
    let mut steps = Steps::default();
    steps.take("formatting", || cargo::must(cargo::cargo(layout).args(["fmt", "--all", "--check"])));
    steps.take("dependencies: licences, doubles, unused ones", || checks::dependencies(layout));
    steps.take("shellcheck", || checks::scripts(layout));
    steps.take("clippy", || {
        // After `--`, so that only this workspace is held to it and nothing is built again.
        let clippy =
            ["clippy", "--workspace", "--all-targets", "--release", "--locked", "--", "-D", "warnings"];
        cargo::must(cargo::cargo(layout).args(clippy))
    });
    if !is_quick && steps.take("building the product", || product::build(layout)) {
        steps.take("what the tests need besides", setup::test_tools);
        let mut weights = None;
        steps.take("fetching the smallest model", || {
            weights = Some(small_weights(layout)?);
            Ok(())
        });
        steps.take("tests: units, adapters, the whole system", || {
            let mut command = cargo::cargo(layout);
            command
                .args(["test", "--workspace", "--release", "--locked", "--no-fail-fast"])
                .env("JAMEY_TEST_BIN_DIR", layout.bin_dir());
            if let Some(weights) = &weights {
                command.env("JAMEY_TEST_GGUF", weights);
            }
            cargo::must(&mut command)
        });
        if cfg!(unix) && cargo::works("python3", &["-m", "venv", "--help"]) {
            steps.take("requests read with the vendors' own types", || vendors::check_requests(layout));
        } else {
            say::note(
                "NOT CHECKED: requests against the vendors' own types, for which this needs python3-venv",
            );
        }
        #[cfg(target_os = "linux")]
        steps.take("the service under a real systemd", || systemd::exercise(layout));
        desktop::take_steps(layout, &mut steps);
        if fs::exists("/etc/debian_version").unwrap_or(false) {
            targets::take_windows(layout, &mut steps);
        } else {
            say::note("NOT CHECKED: Windows, for which this needs Debian's own Rust");
        }
    }
    Ok(steps.summary(began))
}

/// Fetches the small weights through the product itself, in a home of its own.
///
/// # Errors
/// When no source can be reached.
fn small_weights(layout: &Layout) -> Result<PathBuf> {
    let models = layout.models();
    let home = layout.cache.join("test-home");
    fs::create_dir_all(&models).and_then(|()| fs::create_dir_all(&home))?;
    let jamey = || {
        let mut command = product::jamey(layout);
        command.env("JAMEY_HOME", &home).env("JAMEY_MODELS_DIR", &models);
        command
    };
    let pulled = cargo::must(jamey().args(["models", "pull", SMALL_MODEL]));
    // The pull may have started a runtime for that home.
    let _ = cargo::output(jamey().args(["runtime", "stop"]));
    pulled?;
    let mut files: Vec<PathBuf> = fs::read_dir(&models)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
        .into_iter()
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            name.starts_with("smollm2-135m") && name.ends_with(".gguf")
        })
        .with_context(|| format!("the weights of {SMALL_MODEL} are not in {}", models.display()))
}

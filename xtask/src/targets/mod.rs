//! The other systems, from a Debian machine: compile checks for Windows and macOS, and the Windows
//! programs and their tests under Wine.
//!
//! rustup's toolchain has no standard library for them where its servers cannot be reached; Debian's
//! packages carry a compiler together with the library's sources, from which it is built once a machine.
//! What passes here compiles and its logic runs. That it works on a real Windows or Mac is more than that.

mod debian;
mod library;
mod llama;
mod mac;
mod walk;
mod windows;
mod wine;

use std::{process::ExitCode, time::Instant};

use anyhow::{Result, bail};

use crate::{layout::Layout, steps::Steps, ui};

/// `cargo xtask check --targets`: does everything compile for Windows and macOS?
///
/// # Errors
/// When the machine lacks something that could not be installed.
pub fn check(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    if !matches!(words, [flag] if flag == "--targets") {
        bail!("`cargo xtask check` takes --targets");
    }
    let began = Instant::now();
    let mut steps = Steps::default();
    let has_pages = steps.take("the pages", || ui::build(layout));
    if take_windows(layout, &mut steps) && has_pages {
        steps.take("Windows: the desktop", || windows::check_desktop(layout));
    }
    if steps.take("macOS: the compiler", || mac::set_up(layout)) {
        steps.take("macOS: every crate, and the tests", || mac::check(layout));
        if has_pages {
            steps.take("macOS: the desktop", || mac::check_desktop(layout));
        }
    }
    Ok(steps.summary(began))
}

/// Checks that everything but the desktop compiles for Windows, as steps of a longer command. Tells whether it could
/// be tried.
pub fn take_windows(layout: &Layout, steps: &mut Steps) -> bool {
    let is_there = steps.take("Windows: the compiler", || windows::set_up(layout));
    if is_there {
        steps.take("Windows: every crate, and the tests", || windows::check(layout));
    }
    is_there
}

/// `cargo xtask test --windows`: the Windows programs, and the tests that Wine can run.
///
/// # Errors
/// When the machine lacks something that could not be installed.
pub fn test_windows(layout: &Layout) -> Result<ExitCode> {
    let began = Instant::now();
    let mut steps = Steps::default();
    if steps.take("Windows: the compiler", || windows::set_up(layout))
        && steps.take("Wine", || wine::set_up(layout))
        && steps.take("building jamey and jamey-runtime for Windows", || windows::build(layout))
    {
        steps.take("Wine: start, status, doctor, stop", || walk::by_hand(layout));
        steps.take("Wine: installed for log-on, killed, restarted, removed", || walk::at_log_on(layout));
        steps.take("Wine: a service of the machine", || walk::as_service(layout));
        steps.take("Wine: tests", || wine::tests(layout));
    }
    Ok(steps.summary(began))
}

//! The program `jamey-keeper`: what Windows starts at log-on. It has no window, starts `jamey-runtime` beside
//! it without one, and starts that again after a crash. Words such as `JAMEY_HOME=C:\\jamey` are variables for it.
#![forbid(unsafe_code)]
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

use jamey_ipc::{
    Folders,
    launch::{find_runtime, keep::keep},
};
use jamey_runtime::service::keeper;

fn main() -> ExitCode {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let Ok(variables) = keeper::variables(words) else { return ExitCode::from(2) };
    let kept =
        Folders::resolve_with(&variables).and_then(|folders| keep(&folders, &find_runtime()?, &variables));
    // Whatever there is to say stands in start.log: nobody sees what this program prints.
    ExitCode::from(kept.unwrap_or(1))
}

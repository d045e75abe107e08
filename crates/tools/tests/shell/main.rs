//! `shell_exec` and its guard against commands that do not want to end.
//!
//! This test has a main of its own because its binary also plays the guard, as the runtime's binary does
//! in the product, and a runtime that is killed.

#[cfg(unix)]
mod cases;
#[cfg(unix)]
mod world;

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next().as_deref().and_then(std::ffi::OsStr::to_str) {
        Some("guard") => jamey_tools::guard::main(arguments),
        Some("runtime-to-be-killed") => {
            let command = arguments.next().and_then(|text| text.into_string().ok()).unwrap_or_default();
            world::play_runtime(&command);
            std::process::ExitCode::SUCCESS
        }
        _ => world::run_all(cases::ALL),
    }
}

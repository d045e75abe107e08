//! The program `jamey-runtime`. With `guard` as its first word it is the small process that stands
//! between the runtime and a command, and none of the rest is even set up.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use jamey_ipc::socket::Passed;
use jamey_runtime::{args::Args, command};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "guard") {
        return jamey_tools::guard::main(words);
    }
    // What systemd passed on, before everything else that was inherited is closed.
    let passed = Passed::take();
    jamey_ipc::launch::close_inherited();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors and go to standard output.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    command::run(&args, passed)
}

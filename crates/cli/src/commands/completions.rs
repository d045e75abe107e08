//! `jamey completions`: a script that makes a shell complete commands and flags.
//!
//! Made from the same definition that reads the arguments, so it cannot know other words than they do.
//! Needs neither folders nor a runtime.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use jamey_protocol::{ApiError, ErrorCode};

use crate::{args::Cli, exit, render::print};

/// Prints the script for `shell`.
pub fn run(shell: Shell) -> Result<u8, ApiError> {
    print(&script(shell)?);
    Ok(exit::DONE)
}

fn script(shell: Shell) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    generate(shell, &mut Cli::command(), "jamey", &mut bytes);
    String::from_utf8(bytes)
        .map_err(|_| ApiError::new(ErrorCode::Internal, format!("no completions could be made for {shell}")))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_shell_learns_every_command() {
        for shell in Shell::value_variants() {
            let script = script(*shell).unwrap();
            for command in Cli::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{} for {shell}", command.get_name());
            }
        }
    }
}

//! The command `jamey`: a thin client of the runtime.
//!
//! Arguments are read before anything else exists, so `--help` and `--version` cost nothing. Data
//! goes to standard output, talk to standard error, and nothing a model or a tool wrote reaches a
//! terminal with its control characters.
//!
//! Layout: `args` what can be said; `commands` one file for each; `turn` drives one turn for `ask`
//! and `chat`; `approve` asks the person; `render` everything that is shown; `exit` codes.
#![forbid(unsafe_code)]

mod approve;
mod args;
mod commands;
mod exit;
mod link;
mod lookup;
mod offline;
mod render;
mod turn;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    if asks_for_version() {
        return say_version();
    }
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe is no reason to complain either.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::DONE });
        }
    };
    let globals = cli.globals.clone();
    let code = match cli.resolve().and_then(|call| commands::run(&globals, call)) {
        Ok(code) => code,
        Err(error) => {
            render::fault(&globals, &error);
            exit::of_error(error.code)
        }
    };
    ExitCode::from(code)
}

/// Whether the version is all that is asked. Scripts and editors ask it at every start, and the table
/// of all commands that would otherwise be made first is most of what answering costs.
fn asks_for_version() -> bool {
    let mut words = std::env::args_os().skip(1);
    matches!(words.next(), Some(word) if word == "--version" || word == "-V") && words.next().is_none()
}

/// Prints what clap would print; a closed pipe is no reason to complain.
fn say_version() -> ExitCode {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "jamey {}", env!("CARGO_PKG_VERSION"));
    ExitCode::from(exit::DONE)
}

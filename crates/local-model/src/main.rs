//! `jamey-local-model serve …` and `jamey-local-model bench …`; see the library for what it is.

use std::{io::Write as _, process::ExitCode};

use jamey_local_model::args::{self, Command};
use jamey_local_model::error::StartError;
use jamey_local_model::{bench, start, waiting};
use serde_json::json;

fn main() -> ExitCode {
    waiting::settle();
    match args::parse(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            start::say(&json!({"error":
                {"code": problem.code(), "message": problem.to_string(), "hint": problem.hint()}}));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), StartError> {
    match command {
        Command::Bench(args) => bench::run(&args),
        Command::Version => {
            // A reader that has gone needs no answer.
            let _ = writeln!(std::io::stdout(), "jamey-local-model {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Serve(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|e| StartError::LoadFailed(format!("no event loop could be started: {e}")))?;
            let ended = runtime.block_on(start::serve(args));
            // The thread that reads stdin never ends by itself.
            runtime.shutdown_background();
            ended
        }
    }
}

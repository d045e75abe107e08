//! Everything that is shown, and how.

mod call;
mod mark;
mod progress;
mod sanitize;
mod stdout;
mod style;
mod table;
mod units;

use std::io::{self, Write as _};

use jamey_protocol::ApiError;

pub use call::{arguments, finished, started};
pub use mark::visible;
pub use progress::Progress;
pub use sanitize::clean;
#[cfg(test)]
pub use sanitize::is_clean;
pub use stdout::Stdout;
pub use style::Style;
pub use table::table;
pub use units::{ago, bytes, count, seconds};

use crate::{args::Globals, exit};

/// Prints a command's result. Whoever reads it may stop reading; that ends us quietly.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = written {
        leave(&error);
    }
}

/// Prints a value as one line of JSON.
pub fn print_json(value: &impl serde::Serialize) {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    print(&line);
}

/// Says something besides the result. Nobody listening is no fault.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "jamey: {}", clean(text));
}

/// Says one line as it is, already free of control characters.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says what failed and what to do next; for machines also as an object on standard output.
pub fn fault(globals: &Globals, error: &ApiError) {
    explain(error);
    if globals.json {
        print_json(&serde_json::json!({ "error": error }));
    }
}

/// Says what failed and what to do next.
pub fn explain(error: &ApiError) {
    note(&error.message);
    if let Some(hint) = &error.hint {
        say(&format!("hint: {}", clean(hint)));
    }
}

/// Ends the program because standard output does not take more.
pub fn leave(error: &io::Error) -> ! {
    if error.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(exit::DONE.into());
    }
    note(&format!("the output cannot be written: {error}"));
    std::process::exit(exit::FAILED.into());
}

//! Dim and bold, where a terminal wants them.

use std::io::{IsTerminal as _, stderr, stdout};

/// How standard error may look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Escape sequences are welcome.
    colour: bool,
    /// Standard error is a terminal.
    pub talks_to_terminal: bool,
    /// Standard output is one too, so that both share their lines.
    pub shares_terminal: bool,
}

impl Style {
    /// Looks at the streams and at `NO_COLOR` and `TERM`.
    #[must_use]
    pub fn detect() -> Self {
        let talks_to_terminal = stderr().is_terminal();
        Self {
            colour: talks_to_terminal && wants_colour(),
            talks_to_terminal,
            shares_terminal: talks_to_terminal && stdout().is_terminal(),
        }
    }

    /// The same for what standard output is given.
    #[must_use]
    pub fn of_stdout() -> Self {
        let talks_to_terminal = stdout().is_terminal();
        Self {
            colour: talks_to_terminal && wants_colour(),
            talks_to_terminal,
            shares_terminal: talks_to_terminal,
        }
    }

    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// What `NO_COLOR` and `TERM` say.
fn wants_colour() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !is_set("NO_COLOR") && !is_dumb
}

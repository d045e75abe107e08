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
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            colour: talks_to_terminal && !is_set("NO_COLOR") && !is_dumb,
            talks_to_terminal,
            shares_terminal: talks_to_terminal && stdout().is_terminal(),
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

    fn wrap(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

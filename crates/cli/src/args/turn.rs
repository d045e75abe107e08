//! Flags for one turn.

use std::path::PathBuf;

use clap::{ValueEnum, builder::TypedValueParser as _};
use jamey_protocol::{ApiError, ErrorCode, Mode, Settings};

/// Which session, which model, how much it may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct TurnArgs {
    /// Go on with this session.
    #[arg(short, long, value_name = "ID|NAME", conflicts_with = "continue_last", help_heading = "Turn")]
    pub session: Option<String>,
    /// Go on with the last session of this folder.
    #[arg(short, long = "continue", help_heading = "Turn")]
    pub continue_last: bool,
    /// The model to ask.
    #[arg(short, long, value_name = "PROVIDER/MODEL", help_heading = "Turn")]
    pub model: Option<String>,
    /// How much may happen without asking.
    #[arg(long, value_name = "MODE", value_parser = mode_parser(), help_heading = "Turn")]
    pub mode: Option<Mode>,
    /// Offer the model no tools.
    #[arg(long, help_heading = "Turn")]
    pub no_tools: bool,
    /// Most model calls in the turn.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Turn")]
    pub max_turns: Option<u32>,
    /// Most seconds that the turn may take.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Turn")]
    pub max_seconds: Option<u64>,
    /// What goes to standard output.
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Turn")]
    pub output: Option<Output>,
    /// The folder to work in, instead of this one.
    #[arg(short = 'C', long, value_name = "DIR", help_heading = "Turn")]
    pub cwd: Option<PathBuf>,
    /// Instructions in front of the session.
    #[arg(long, value_name = "TEXT", help_heading = "Turn")]
    pub system: Option<String>,
    /// Give a file along: text, or an image for a model that sees; may be given again.
    #[arg(short, long = "file", value_name = "PATH", help_heading = "Turn")]
    pub files: Vec<PathBuf>,
    /// Have the answer in JSON that follows the JSON schema in this file.
    #[arg(long, value_name = "FILE", help_heading = "Turn")]
    pub schema: Option<PathBuf>,
}

/// One prompt.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AskArgs {
    #[command(flatten)]
    pub turn: TurnArgs,
    /// The prompt. Text on standard input is added to it, or is it.
    #[arg(value_name = "PROMPT")]
    pub words: Vec<String>,
}

/// A session in the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct ChatArgs {
    /// Line by line, for simple terminals, screen readers and pipes.
    #[arg(long)]
    pub plain: bool,
    #[command(flatten)]
    pub turn: TurnArgs,
}

/// What goes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// The answer as it comes.
    Text,
    /// One object when the turn is over.
    Json,
    /// Every event, one a line.
    StreamJson,
}

impl TurnArgs {
    /// Lays `over` on top: what it gives wins.
    ///
    /// # Errors
    /// `BadRequest` when both together name two sessions.
    pub fn overlaid(self, over: Self) -> Result<Self, ApiError> {
        let joined = Self {
            session: over.session.or(self.session),
            continue_last: over.continue_last || self.continue_last,
            model: over.model.or(self.model),
            mode: over.mode.or(self.mode),
            no_tools: over.no_tools || self.no_tools,
            max_turns: over.max_turns.or(self.max_turns),
            max_seconds: over.max_seconds.or(self.max_seconds),
            output: over.output.or(self.output),
            cwd: over.cwd.or(self.cwd),
            system: over.system.or(self.system),
            files: [self.files, over.files].concat(),
            schema: over.schema.or(self.schema),
        };
        if joined.session.is_some() && joined.continue_last {
            let message = "--session and --continue name two sessions";
            return Err(ApiError::new(ErrorCode::BadRequest, message).hint("give one of them"));
        }
        Ok(joined)
    }

    /// The settings that these flags ask for, but for the schema, which lies in a file.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            model: self.model.clone(),
            mode: self.mode,
            tools: self.no_tools.then_some(false),
            system: self.system.clone(),
            max_turns: self.max_turns,
            max_seconds: self.max_seconds,
            schema: None,
        }
    }
}

/// The words for modes, as the protocol spells them.
pub const MODES: [(&str, Mode); 4] =
    [("read-only", Mode::ReadOnly), ("ask", Mode::Ask), ("auto-edit", Mode::AutoEdit), ("full", Mode::Full)];

/// Finds the mode of a word.
#[must_use]
pub fn mode_named(word: &str) -> Option<Mode> {
    MODES.iter().find(|(name, _)| *name == word).map(|(_, mode)| *mode)
}

/// The word of a mode.
#[must_use]
pub fn mode_name(mode: Mode) -> &'static str {
    MODES.iter().find(|(_, known)| *known == mode).map_or("ask", |(name, _)| name)
}

fn mode_parser() -> impl clap::builder::TypedValueParser<Value = Mode> {
    clap::builder::PossibleValuesParser::new(MODES.map(|(name, _)| name))
        .map(|word| mode_named(&word).unwrap_or_default())
}

//! What can be said to `jamey`. Only words here; what they mean is decided in `commands`.

mod commands;
mod turn;

use std::path::PathBuf;

use clap::Parser;
use clap_complete::Shell;
use jamey_protocol::{ApiError, ErrorCode};

pub use commands::{
    BackupArgs, By, ConfigCommand, ModelsCommand, NewArgs, ProvidersCommand, RestartArgs, RestoreArgs,
    RuntimeCommand, SessionsCommand, StartArgs, ToolsCommand, UsageArgs,
};
pub use turn::{AskArgs, ChatArgs, MODES, Output, TurnArgs, mode_name, mode_named};

use commands::Command;

/// A native assistant for this machine: ask it something, or chat with it.
#[derive(Debug, Parser)]
#[command(name = "jamey", version, disable_help_subcommand = true, infer_subcommands = false)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    /// Ask this and print the answer, as `jamey ask` does.
    #[arg(short, long, value_name = "PROMPT")]
    prompt: Option<String>,
    #[command(flatten)]
    chat: ChatArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags of every command.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Globals {
    /// The runtime's address (http://127.0.0.1:PORT or unix:PATH) instead of finding it.
    #[arg(long, global = true, value_name = "URL", help_heading = "Everywhere")]
    pub runtime_url: Option<String>,
    /// Machine output: one JSON object, or one a line for streams.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// Say only what was asked for, and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    pub quiet: bool,
    /// Say more: reasoning, tool output, tokens.
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    pub verbose: bool,
    /// Do not start the runtime when none runs.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub no_start: bool,
}

/// One thing to do, free of how it was spelled.
#[derive(Debug)]
pub enum Call {
    Ask(AskArgs),
    Chat(ChatArgs),
    Approve { session: Option<String>, always: bool },
    Deny { session: Option<String>, reason: String },
    New(NewArgs),
    Sessions(SessionsCommand),
    Tools(ToolsCommand),
    Models(ModelsCommand),
    Providers(ProvidersCommand),
    Usage(UsageArgs),
    Runtime(RuntimeCommand),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    Config(ConfigCommand),
    Doctor { fix: bool },
    SupportBundle(Option<PathBuf>),
    Completions(Shell),
}

impl Cli {
    /// Joins flags before and after the command's name and decides what is meant.
    ///
    /// # Errors
    /// `BadRequest` when flags for a turn stand before a command that begins none.
    pub fn resolve(self) -> Result<Call, ApiError> {
        let Self { prompt, chat, command, .. } = self;
        let stray = chat != ChatArgs::default() || prompt.is_some();
        match command {
            None => match prompt {
                Some(_) if chat.plain => {
                    Err(ApiError::new(ErrorCode::BadRequest, "--plain belongs to chat, not to a prompt"))
                }
                Some(prompt) => Ok(Call::Ask(AskArgs { turn: chat.turn, words: vec![prompt] })),
                None => Ok(Call::Chat(chat)),
            },
            Some(Command::Ask(mut ask)) if !chat.plain => {
                ask.turn = chat.turn.overlaid(ask.turn)?;
                ask.words.splice(0..0, prompt);
                Ok(Call::Ask(ask))
            }
            Some(Command::Chat(inner)) if prompt.is_none() => Ok(Call::Chat(ChatArgs {
                plain: chat.plain || inner.plain,
                turn: chat.turn.overlaid(inner.turn)?,
            })),
            Some(_) if stray => Err(ApiError::new(
                ErrorCode::BadRequest,
                "flags for a turn stand before a command that begins none",
            )
            .hint("leave them out, or say: jamey ask, jamey chat")),
            Some(Command::Ask(ask)) => Ok(Call::Ask(ask)),
            Some(Command::Chat(chat)) => Ok(Call::Chat(chat)),
            Some(Command::Approve { session, always }) => Ok(Call::Approve { session, always }),
            Some(Command::Deny { session, reason }) => Ok(Call::Deny { session, reason }),
            Some(Command::New(new)) => Ok(Call::New(new)),
            Some(Command::Sessions { command }) => Ok(Call::Sessions(command.unwrap_or_default())),
            Some(Command::Tools { command }) => Ok(Call::Tools(command.unwrap_or(ToolsCommand::List))),
            Some(Command::Models { command }) => Ok(Call::Models(command.unwrap_or(ModelsCommand::List))),
            Some(Command::Providers { command }) => {
                Ok(Call::Providers(command.unwrap_or(ProvidersCommand::List)))
            }
            Some(Command::Usage(what)) => Ok(Call::Usage(what)),
            Some(Command::Status { watch }) => Ok(Call::Runtime(RuntimeCommand::Status { watch })),
            Some(Command::Runtime { command }) => Ok(Call::Runtime(command)),
            Some(Command::Backup(how)) => Ok(Call::Backup(how)),
            Some(Command::Restore(how)) => Ok(Call::Restore(how)),
            Some(Command::Config { command }) => Ok(Call::Config(command)),
            Some(Command::Doctor { fix }) => Ok(Call::Doctor { fix }),
            Some(Command::SupportBundle { output }) => Ok(Call::SupportBundle(output)),
            Some(Command::Completions { shell }) => Ok(Call::Completions(shell)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(line: &str) -> Result<Call, String> {
        let words = std::iter::once("jamey").chain(line.split(' ').filter(|word| !word.is_empty()));
        let cli = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
        cli.resolve().map_err(|error| error.message)
    }

    #[test]
    fn the_definition_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_prompt_is_understood_in_all_its_spellings() {
        for line in
            ["ask -m a/b hi there", "-m a/b ask hi there", "-m a/b -p hi ask there", "ask hi -m a/b there"]
        {
            let Ok(Call::Ask(ask)) = call(line) else { panic!("{line}") };
            assert_eq!(ask.words, ["hi", "there"], "{line}");
            assert_eq!(ask.turn.model.as_deref(), Some("a/b"), "{line}");
        }
        assert!(matches!(call("-p hi"), Ok(Call::Ask(ask)) if ask.words == ["hi"]));
        assert!(matches!(call("ask -- -p --json"), Ok(Call::Ask(ask)) if ask.words == ["-p", "--json"]));
    }

    #[test]
    fn without_a_command_it_is_a_chat() {
        assert!(matches!(call(""), Ok(Call::Chat(chat)) if !chat.plain));
        assert!(matches!(call("--plain -c"), Ok(Call::Chat(chat)) if chat.plain && chat.turn.continue_last));
        assert!(
            matches!(call("-c chat --plain"), Ok(Call::Chat(chat)) if chat.plain && chat.turn.continue_last)
        );
    }

    #[test]
    fn contradictions_are_refused_and_not_guessed_at() {
        for line in [
            "-m a/b sessions",
            "-p hi doctor",
            "ask -s x -c hi",
            "-s x ask -c hi",
            "ask --mode anything hi",
            "ask --output xml hi",
            "ask --max-turns 0 hi",
            "ask -q -v hi",
            "--plain ask hi",
            "nonsense",
            "models remove",
            "restore --newest some.db",
            "backup --list --to x.db",
        ] {
            assert!(call(line).is_err(), "{line}");
        }
    }
}

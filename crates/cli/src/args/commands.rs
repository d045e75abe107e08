//! The commands besides a turn's flags.

use std::path::PathBuf;

use clap::Subcommand;
use clap_complete::Shell;

use super::turn::{AskArgs, ChatArgs};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask one thing and print the answer.
    Ask(AskArgs),
    /// Chat in this terminal.
    Chat(ChatArgs),
    /// Answer a question that waits, from this terminal; it shows first what will run.
    Approve {
        /// The session that asks; without it all that do, one after the other.
        session: Option<String>,
        /// Never be asked again about exactly this.
        #[arg(long)]
        always: bool,
    },
    /// Say no to a call that waits.
    Deny {
        /// The session that asks; without it the only one that does.
        session: Option<String>,
        /// What the model is told.
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Make a session and print its id.
    New(NewArgs),
    /// Sessions: list, show, search, rename, delete, export.
    Sessions {
        #[command(subcommand)]
        command: Option<SessionsCommand>,
    },
    /// What the model can call.
    Tools {
        #[command(subcommand)]
        command: Option<ToolsCommand>,
    },
    /// Models of every provider, and local weights.
    Models {
        #[command(subcommand)]
        command: Option<ModelsCommand>,
    },
    /// Providers: how they stand, where their keys come from; give and remove keys.
    Providers {
        #[command(subcommand)]
        command: Option<ProvidersCommand>,
    },
    /// What was used and what it cost.
    Usage(UsageArgs),
    /// How the resident process and its machine are; the same as `runtime status`.
    Status {
        /// Go on until q or Ctrl-C, with plots of the last hour.
        #[arg(short, long)]
        watch: bool,
    },
    /// The resident process: start, stop, restart, status, logs.
    Runtime {
        #[command(subcommand)]
        command: RuntimeCommand,
    },
    /// Make a verified copy of everything that was said.
    Backup(BackupArgs),
    /// Put a backup in the place of what is there now, which is set aside and never deleted.
    Restore(RestoreArgs),
    /// Configuration: path, get, set, edit, check.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Check everything, and say how to fix what is wrong.
    Doctor {
        /// Put right what can be put right without losing anything, and start the runtime if none runs.
        #[arg(long)]
        fix: bool,
    },
    /// Make an archive that you can send to whoever helps you: no messages, no keys, no names.
    SupportBundle {
        /// The file to make; without it jamey-support-DATE-TIME.zip in this folder.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print what makes a shell complete commands and flags.
    Completions {
        /// The shell that shall read it.
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// A session to make.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct NewArgs {
    /// A name to call it by.
    #[arg(long)]
    pub name: Option<String>,
    /// The model of its turns.
    #[arg(short, long, value_name = "PROVIDER/MODEL")]
    pub model: Option<String>,
    /// The folder it works in, instead of this one.
    #[arg(short = 'C', long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
    /// Instructions in front of it.
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum SessionsCommand {
    /// List sessions, the newest first.
    List {
        /// Only those of this folder.
        #[arg(long)]
        here: bool,
        /// At most so many.
        #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Show what was said.
    Show {
        /// Its id, the beginning or end of it, or its name.
        session: String,
    },
    /// Find words in all sessions and their titles.
    Search {
        #[arg(required = true)]
        words: Vec<String>,
        /// At most so many sessions, and as many passages.
        #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Give a session another name.
    Rename { session: String, name: String },
    /// Delete a session and everything in it.
    Delete {
        session: String,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
    /// Print all events of a session, one JSON object a line.
    Export { session: String },
}

impl Default for SessionsCommand {
    fn default() -> Self {
        Self::List { here: false, limit: 20 }
    }
}

/// Which copy to make.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct BackupArgs {
    /// Put a copy there besides; a file that exists is never overwritten.
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    pub to: Option<PathBuf>,
    /// List the copies that there are instead.
    #[arg(long)]
    pub list: bool,
}

/// Which copy to put back.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct RestoreArgs {
    /// The name of a backup, or a file.
    #[arg(value_name = "NAME|FILE")]
    pub which: Option<PathBuf>,
    /// The newest backup.
    #[arg(long, conflicts_with = "which")]
    pub newest: bool,
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub enum ToolsCommand {
    /// List them.
    List,
    /// Show one with its arguments.
    Show { name: String },
}

#[derive(Clone, Debug, Subcommand)]
pub enum ModelsCommand {
    /// List them.
    List,
    /// Download a model's weights; what an earlier try fetched is used.
    Pull {
        /// The model; without it the default one.
        model: Option<String>,
    },
    /// Remove a model's weights from this machine.
    Remove { model: String },
    /// Show or choose the model that new sessions use.
    Default { model: Option<String> },
}

#[derive(Clone, Debug, Subcommand)]
pub enum ProvidersCommand {
    /// List them.
    List,
    /// Give a provider its key: asked for without showing it, or read from standard input.
    Login { name: String },
    /// Remove the key that was given.
    Logout { name: String },
    /// Make the cheapest real call and tell what came of it.
    Test { name: String },
}

/// Which report.
#[derive(Clone, Debug, clap::Args)]
pub struct UsageArgs {
    /// What each row stands for.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Day)]
    pub by: By,
    /// How many days, today included.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
}

/// What the rows of a report stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// A day and a model.
    Day,
    /// A model.
    Model,
    /// A session.
    Session,
}

#[derive(Clone, Debug, Subcommand)]
pub enum RuntimeCommand {
    /// Start it in the background.
    Start(StartArgs),
    /// End it cleanly: running turns are interrupted and kept.
    Stop {
        /// At once, even if it hangs; the next start closes what was open.
        #[arg(long)]
        now: bool,
    },
    /// End it and start it again the same way; running turns may finish first.
    Restart(RestartArgs),
    /// Hold everything: nothing is asked of a model and no tool begins until you resume. It outlives a restart.
    Pause,
    /// Go on with what was held.
    Resume,
    /// Let the system start it with your session, and keep it running.
    Install {
        /// Only show what would be written.
        #[arg(long)]
        dry_run: bool,
        /// Use the desktop's autostart, even where there is a systemd of yours.
        #[cfg(all(unix, not(target_os = "macos")))]
        #[arg(long)]
        autostart: bool,
        /// Use the registry's Run key instead of Task Scheduler.
        #[cfg(windows)]
        #[arg(long)]
        autostart: bool,
        /// A service of the whole machine instead, without a desktop; needs an administrator.
        #[cfg(windows)]
        #[arg(long, conflicts_with = "autostart")]
        system: bool,
    },
    /// Undo `install`.
    Uninstall {
        /// Remove settings, sessions and weights too, after asking.
        #[arg(long)]
        purge: bool,
        /// Do not ask.
        #[arg(long, requires = "purge")]
        yes: bool,
        /// The service of the whole machine.
        #[cfg(windows)]
        #[arg(long)]
        system: bool,
    },
    /// Tell how it is.
    Status {
        /// Go on until q or Ctrl-C, with plots of the last hour.
        #[arg(short, long)]
        watch: bool,
    },
    /// Show its log.
    Logs {
        /// Go on as it grows.
        #[arg(short, long)]
        follow: bool,
        /// So many lines; without it 50.
        #[arg(short = 'n', long, value_name = "N", value_parser = count)]
        lines: Option<u64>,
    },
}

/// A number of lines.
fn count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "give a whole number in digits, such as 50 or 1000000".to_owned())
}

/// How to start the runtime.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct StartArgs {
    /// The address of the loopback API.
    #[arg(long)]
    pub host: Option<String>,
    /// Open the loopback API on this port.
    #[arg(long)]
    pub port: Option<u16>,
    /// Keep the loopback API closed, whatever the configuration says.
    #[arg(long)]
    pub no_tcp: bool,
}

/// How to restart the runtime.
#[derive(Clone, Debug, clap::Args)]
pub struct RestartArgs {
    /// Interrupt running turns instead of letting them finish; end it even if it hangs.
    #[arg(long)]
    pub now: bool,
    /// How long running turns may take to finish.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub grace: u64,
    #[command(flatten)]
    pub start: StartArgs,
}

#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print where the file is.
    Path,
    /// Print one value, or all.
    Get { key: Option<String> },
    /// Change one value; comments in the file stay.
    Set {
        key: String,
        /// JSON, or plain text.
        value: String,
    },
    /// Open the file in your editor ($VISUAL, $EDITOR) and look at what came of it.
    Edit,
    /// Tell what is wrong with the file.
    Check,
}

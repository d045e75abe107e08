//! The command line of `jamey-runtime`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Jamey's resident runtime: it holds sessions, runs turns and answers at the local socket.
#[derive(Clone, Debug, Parser)]
#[command(name = "jamey-runtime", version, about, max_term_width = 100)]
pub struct Args {
    /// How much is logged.
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
    /// The configuration file, instead of runtime.toml in the config folder.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do; nothing means `start --foreground`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl LogLevel {
    /// As the configuration writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Start the runtime; returns when its socket answers. One that runs already is left as it is.
    Start(Start),
    /// End the running runtime cleanly: turns are interrupted and kept.
    Stop {
        /// At once, even if it hangs; the next start closes what was open.
        #[arg(long)]
        now: bool,
    },
    /// End it and start it again the same way: running turns may finish first.
    Restart(Restart),
    /// Let the system start it with your session, and keep it running.
    Install(Install),
    /// Undo `install`.
    Uninstall(Uninstall),
    /// Tell how the running runtime is.
    Status {
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Show the log.
    Logs {
        /// Go on showing what is added.
        #[arg(short, long)]
        follow: bool,
        /// How many lines from the end; those that were put aside count too.
        #[arg(short = 'n', long, default_value_t = 50, value_name = "N", value_parser = count)]
        lines: u64,
        /// The lines as they are kept: one JSON object each.
        #[arg(long)]
        json: bool,
    },
    /// Make an archive for whoever helps; `jamey support-bundle` asks for it. The answer is JSON.
    #[command(hide = true)]
    SupportBundle {
        /// The file to make.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Put a copy in the place of the database while no runtime runs; `jamey restore` asks for it.
    #[command(hide = true)]
    Restore {
        /// The name of a backup, or a file; without it the newest backup.
        which: Option<PathBuf>,
        /// Do it, instead of only telling what it would do.
        #[arg(long)]
        apply: bool,
    },
    /// The configuration when no runtime runs; `jamey config` asks for it.
    #[command(hide = true)]
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// What Windows starts as a service of the machine.
    #[cfg(windows)]
    #[command(hide = true)]
    Service(Headless),
}

/// How the service of the machine runs.
#[cfg(windows)]
#[derive(Clone, Debug, clap::Args)]
pub struct Headless {
    /// The folder for everything, instead of those of its account.
    #[arg(long, value_name = "FOLDER")]
    pub home: Option<PathBuf>,
}

/// What is asked of the configuration. Answers are JSON.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every value that holds.
    View,
    /// Change one value.
    Set {
        /// Dotted name.
        key: String,
        /// JSON.
        value: String,
    },
    /// Read the file alone and tell what is wrong with it.
    Check,
}

/// A number of lines.
fn count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "give a whole number in digits, such as 50 or 1000000".to_owned())
}

/// How to restart.
#[derive(Clone, Debug, clap::Args)]
pub struct Restart {
    /// Interrupt running turns instead of letting them finish; end it even if it hangs.
    #[arg(long)]
    pub now: bool,
    /// How long running turns may take to finish.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub grace: u64,
    /// What shall be different from how it was started.
    #[command(flatten)]
    pub start: Start,
}

/// How to install the service.
#[derive(Clone, Debug, clap::Args)]
pub struct Install {
    /// Only show what would be written.
    #[arg(long)]
    pub dry_run: bool,
    /// Use the desktop's autostart, even where there is a systemd of yours.
    #[cfg(all(unix, not(target_os = "macos")))]
    #[arg(long)]
    pub autostart: bool,
    /// Use the registry's Run key instead of Task Scheduler.
    #[cfg(windows)]
    #[arg(long)]
    pub autostart: bool,
    /// A service of the whole machine instead, without a desktop; needs an administrator.
    #[cfg(windows)]
    #[arg(long, conflicts_with = "autostart")]
    pub system: bool,
}

/// How to remove the service.
#[derive(Clone, Debug, clap::Args)]
pub struct Uninstall {
    /// Remove settings, sessions and weights too, after asking.
    #[arg(long)]
    pub purge: bool,
    /// Do not ask.
    #[arg(long, requires = "purge")]
    pub yes: bool,
    /// The service of the whole machine.
    #[cfg(windows)]
    #[arg(long)]
    pub system: bool,
}

/// How to start.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Start {
    /// Open the loopback API too, at this loopback address.
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Open the loopback API too, at this port.
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Stay in the foreground.
    #[arg(long)]
    pub foreground: bool,
    /// Keep the loopback API closed, whatever the configuration says.
    #[arg(long, conflicts_with_all = ["host", "port"])]
    pub no_tcp: bool,
}

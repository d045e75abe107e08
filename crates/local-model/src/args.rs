//! The command line. Plain, since only the runtime writes it.

use std::path::PathBuf;

use crate::error::StartError;

/// What the process was started for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Serve a model until the parent goes away.
    Serve(ServeArgs),
    /// Measure a model, print the numbers and end.
    Bench(BenchArgs),
    /// Say which version this is: an installer asks whether the program runs here at all.
    Version,
}

/// How the model is made to call tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Jamey's own short line format, for small models.
    Line,
    /// The model's own chat template and tool-call format.
    Native,
}

/// `serve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeArgs {
    /// Where to listen.
    pub socket: PathBuf,
    /// The weights.
    pub model: PathBuf,
    /// How tools are called.
    pub protocol: Protocol,
    /// Tokens of room; 0 for the usual.
    pub context: u64,
    /// Threads; 0 for one a physical core.
    pub threads: u64,
    /// Where computed prefixes are kept; nowhere when absent.
    pub cache: Option<PathBuf>,
    /// Ends after so long without a request; 0 for never.
    pub idle_seconds: u64,
}

/// `bench`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchArgs {
    /// The weights.
    pub model: PathBuf,
    /// Threads; 0 for one a physical core.
    pub threads: u64,
    /// Tokens to generate.
    pub n_gen: u64,
    /// Tokens of the prompt.
    pub n_prompt: u64,
}

/// Reads the arguments behind the program's name.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, StartError> {
    let mut args = args.into_iter();
    let command = args.next().ok_or_else(|| wrong("a command is missing: serve or bench"))?;
    let mut flags = Flags::read(args)?;
    let command = match command.as_str() {
        "serve" => Command::Serve(ServeArgs {
            socket: flags.path("--socket")?.ok_or_else(|| wrong("--socket is missing"))?,
            model: flags.path("--model")?.ok_or_else(|| wrong("--model is missing"))?,
            protocol: match flags.take("--protocol").as_deref() {
                Some("line") => Protocol::Line,
                Some("native") | None => Protocol::Native,
                Some(other) => return Err(wrong(&format!("--protocol is line or native, not {other}"))),
            },
            context: flags.number("--context", 0)?,
            threads: flags.number("--threads", 0)?,
            cache: flags.path("--cache")?,
            idle_seconds: flags.number("--idle-seconds", 0)?,
        }),
        "bench" => Command::Bench(BenchArgs {
            model: flags.path("--model")?.ok_or_else(|| wrong("--model is missing"))?,
            threads: flags.number("--threads", 0)?,
            n_gen: flags.number("--n-gen", 128)?,
            n_prompt: flags.number("--n-prompt", 512)?,
        }),
        "--version" => Command::Version,
        other => return Err(wrong(&format!("unknown command {other}"))),
    };
    match flags.0.first() {
        Some((name, _)) => Err(wrong(&format!("unknown flag {name}"))),
        None => Ok(command),
    }
}

fn wrong(message: &str) -> StartError {
    StartError::Arguments(message.to_owned())
}

/// Flags with their values, not taken yet.
struct Flags(Vec<(String, String)>);

impl Flags {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, StartError> {
        let mut flags = Vec::new();
        while let Some(name) = args.next() {
            if !name.starts_with("--") {
                return Err(wrong(&format!("unexpected argument {name}")));
            }
            let value = args.next().ok_or_else(|| wrong(&format!("{name} needs a value")))?;
            flags.push((name, value));
        }
        Ok(Self(flags))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.remove(at).1)
    }

    fn path(&mut self, name: &str) -> Result<Option<PathBuf>, StartError> {
        match self.take(name) {
            Some(path) if path.is_empty() => Err(wrong(&format!("{name} is empty"))),
            path => Ok(path.map(PathBuf::from)),
        }
    }

    fn number(&mut self, name: &str, usual: u64) -> Result<u64, StartError> {
        match self.take(name) {
            None => Ok(usual),
            Some(text) => text.parse().map_err(|_| wrong(&format!("{name} is not a number: {text}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, StartError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn serve_takes_its_flags_in_any_order() {
        let command = read(
            "serve --model m.gguf --context 4096 --socket /s --protocol line --threads 2 --cache /c --idle-seconds 9",
        );
        assert_eq!(
            command,
            Ok(Command::Serve(ServeArgs {
                socket: "/s".into(),
                model: "m.gguf".into(),
                protocol: Protocol::Line,
                context: 4096,
                threads: 2,
                cache: Some("/c".into()),
                idle_seconds: 9,
            }))
        );
    }

    #[test]
    fn the_version_can_be_asked() {
        assert_eq!(read("--version"), Ok(Command::Version));
    }

    #[test]
    fn bench_knows_usual_lengths() {
        let Ok(Command::Bench(bench)) = read("bench --model m") else { panic!("refused") };
        assert_eq!((bench.n_gen, bench.n_prompt, bench.threads), (128, 512, 0));
    }

    #[test]
    fn wrong_lines_are_refused_with_a_reason() {
        for (line, reason) in [
            ("", "a command is missing: serve or bench"),
            ("dance", "unknown command dance"),
            ("serve --model m", "--socket is missing"),
            ("serve --socket s", "--model is missing"),
            ("serve --socket s --model m --protocol x", "--protocol is line or native, not x"),
            ("serve --socket s --model m --context many", "--context is not a number: many"),
            ("serve --socket s --model m --colour red", "unknown flag --colour"),
            ("serve --socket", "--socket needs a value"),
            ("bench m", "unexpected argument m"),
        ] {
            assert_eq!(read(line), Err(wrong(reason)), "{line}");
        }
    }
}

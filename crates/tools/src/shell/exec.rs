//! `shell_exec`: runs a command line.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jamey_engine::ports::{Tool, ToolContext, ToolError};
use jamey_protocol::{Access, ToolDescription, ToolOutput};
use serde_json::{Value, json};

use super::{
    program::{Shell, shell},
    run::{Ended, Stop, run},
};
use crate::{
    blocking::timed,
    schema::{Arguments, describe},
};

/// The longest time a command can ask for.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);
/// The longest command line, in bytes: the system takes a little more in one argument.
const MAX_COMMAND: usize = 120 * 1024;

/// The tool `shell_exec`.
#[derive(Debug)]
pub(crate) struct Exec {
    timeout: Duration,
    guard: Option<PathBuf>,
    mark: Option<(OsString, OsString)>,
    shell: Shell,
}

/// One command, checked.
#[derive(Debug)]
pub(super) struct Order {
    pub command: String,
    pub cwd: PathBuf,
    pub timeout: Duration,
    /// The program that guards it; a job object does that on Windows.
    #[cfg_attr(windows, expect(dead_code, reason = "commands run in a job there"))]
    pub guard: Option<PathBuf>,
    /// What everything that it begins carries in its environment.
    pub mark: Option<(OsString, OsString)>,
    pub shell: Shell,
}

impl Exec {
    pub(crate) fn new(timeout: Duration, guard: Option<PathBuf>, mark: Option<(OsString, OsString)>) -> Self {
        Self { timeout, guard, mark, shell: shell() }
    }

    fn order(&self, arguments: &Value, cwd: &Path) -> Result<Order, ToolError> {
        let arguments = Arguments::new(arguments)?;
        let command = arguments.required(&["command", "cmd", "script"])?;
        if command.trim().is_empty() {
            return Err(ToolError::new("the argument \"command\" is empty"));
        }
        if command.contains('\0') {
            return Err(ToolError::new("the command holds a NUL character, which no command can have"));
        }
        if command.len() > MAX_COMMAND {
            return Err(ToolError::new(format!(
                "the command is too long ({} bytes, at most {MAX_COMMAND}). Write it to a file with file_write and run \
                 that",
                command.len()
            )));
        }
        let timeout = match arguments.number("timeout_seconds")? {
            None | Some(0) => self.timeout,
            Some(seconds) => Duration::from_secs(seconds).min(MAX_TIMEOUT.max(self.timeout)),
        };
        Ok(Order {
            command,
            cwd: cwd.to_owned(),
            timeout,
            guard: self.guard.clone(),
            mark: self.mark.clone(),
            shell: self.shell.clone(),
        })
    }
}

#[async_trait::async_trait]
impl Tool for Exec {
    fn name(&self) -> &'static str {
        "shell_exec"
    }

    fn describe(&self) -> ToolDescription {
        let what = if cfg!(windows) { "PowerShell command" } else { "shell command (bash)" };
        describe(
            self.name(),
            &format!(
                "Run a {what} in the working folder: rm, cp, mv, mkdir, git, tests or any other program. It cannot \
                 ask for input; what it leaves in the background is ended with it."
            ),
            json!({"type": "object", "required": ["command"], "properties": {
                "command": {"type": "string"},
                "timeout_seconds": {
                    "type": "integer",
                    "description": format!("default {}, at most {}", self.timeout.as_secs(), MAX_TIMEOUT.as_secs()),
                },
            }}),
            "asks",
        )
    }

    fn access(&self, arguments: &Value, cwd: &Path) -> Result<Vec<Access>, ToolError> {
        let order = self.order(arguments, cwd)?;
        Ok(vec![Access::Run { command: order.command, cwd: order.cwd }])
    }

    async fn run(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolError> {
        let order = self.order(&arguments, &context.cwd)?;
        let declared = Access::Run { command: order.command.clone(), cwd: order.cwd.clone() };
        if !context.accesses.contains(&declared) {
            return Err(ToolError::new("this is not the command that was allowed. Nothing was run"));
        }
        let began = Instant::now();
        timed(run(&order, &context).await.and_then(|ended| told(ended, &order)), began)
    }
}

/// Puts into words how a command ended.
fn told(ended: Ended, order: &Order) -> Result<ToolOutput, ToolError> {
    let printed = ended.output.text.trim_end().trim_start_matches(['\n', '\r']);
    let printed_so_far = if printed.is_empty() {
        "It had printed nothing.".to_owned()
    } else {
        format!("It had printed:\n{printed}")
    };
    let text = match (ended.stop, ended.code) {
        (Some(Stop::Timeout), _) => format!(
            "the command still ran after {} s and was ended with everything it had begun. If it needs longer, give \
             timeout_seconds (at most {}). {printed_so_far}",
            order.timeout.as_secs(),
            MAX_TIMEOUT.as_secs(),
        ),
        (Some(Stop::Cancelled), _) => {
            format!("the command was stopped before its end; part of its work may be done. {printed_so_far}")
        }
        (Some(Stop::Stuck), _) => format!(
            "the command did not end although it was killed; a process of it may be stuck in the system. \
             {printed_so_far}"
        ),
        (None, 0) if printed.is_empty() => "OK: the command finished (no output)".to_owned(),
        (None, 0) => printed.to_owned(),
        (None, code) => format!("Error (exit code {code}): {printed}"),
    };
    let output = ToolOutput {
        text,
        omitted_bytes: ended.output.omitted,
        spill_path: ended.output.spill.map(|path| path.display().to_string()),
        exit_code: ended.stop.is_none().then_some(ended.code),
        took_ms: 0,
    };
    if ended.stop.is_none() && ended.code == 0 { Ok(output) } else { Err(ToolError { output }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Kept;

    fn exec() -> Exec {
        Exec::new(Duration::from_secs(30), None, None)
    }

    fn ended(text: &str, code: i32, stop: Option<Stop>) -> Result<String, String> {
        let output = Kept { text: text.to_owned(), omitted: 0, spill: None };
        let order = exec().order(&json!({"command": "x"}), Path::new("/")).unwrap();
        told(Ended { output, code, stop }, &order).map(|o| o.text).map_err(|e| e.to_string())
    }

    #[test]
    fn every_end_has_its_words() {
        assert_eq!(ended("", 0, None).unwrap(), "OK: the command finished (no output)");
        assert_eq!(ended("\n  a\nb\n\n", 0, None).unwrap(), "  a\nb");
        assert_eq!(ended("no\n", 2, None).unwrap_err(), "Error (exit code 2): no");
        assert!(ended("a", 143, Some(Stop::Timeout)).unwrap_err().contains("after 30 s"));
        assert!(ended("a", 143, Some(Stop::Cancelled)).unwrap_err().ends_with("It had printed:\na"));
    }

    #[test]
    fn time_is_bounded_whatever_is_asked_for() {
        let timeout = |value: Value| {
            exec().order(&json!({"command": "x", "timeout_seconds": value}), Path::new("/")).unwrap().timeout
        };
        assert_eq!(timeout(Value::Null), Duration::from_secs(30));
        assert_eq!(timeout(json!(0)), Duration::from_secs(30));
        assert_eq!(timeout(json!("90")), Duration::from_secs(90));
        assert_eq!(timeout(json!(99_999)), Duration::from_secs(600));
    }

    #[test]
    fn what_cannot_run_is_said_before_anybody_is_asked() {
        let why = |value: Value| exec().access(&value, Path::new("/")).unwrap_err().to_string();
        assert_eq!(why(json!({})), "the argument \"command\" is missing");
        assert!(why(json!({"command": " "})).contains("empty"));
        assert!(why(json!({"command": "a\0b"})).contains("NUL"));
        assert!(why(json!({"command": "x".repeat(200_000)})).contains("too long"));
    }

    #[test]
    fn exactly_the_command_is_declared_with_every_letter_of_it() {
        let command = "ls\n\u{202e}txt; rm -rf \u{1b}[2J";
        let access = exec().access(&json!({"command": command}), Path::new("/w")).unwrap();
        assert_eq!(access, [Access::Run { command: command.into(), cwd: "/w".into() }]);
    }
}

//! `cargo xtask run`: from a fresh clone to an answer.

use std::{
    io::IsTerminal,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{cargo, layout::Layout, layout::set, product, say, setup};

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wish {
    /// Another entry of the catalogue than the best one.
    model: Option<String>,
    /// The words to ask; none opens the chat.
    prompt: Vec<String>,
}

/// Builds, fetches, starts and opens.
///
/// # Errors
/// When a step before the conversation fails; the conversation's own failure is its exit code.
pub fn run(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    let mut wish = parse(words)?;
    if wish.model.is_none() {
        wish.model = set("JAMEY_XTASK_MODEL").map(|name| name.to_string_lossy().into_owned());
    }
    setup::build_tools()?;
    say::step("building");
    product::build(layout)?;
    product::retire_older_runtime(layout)?;
    say::step("fetching the local model");
    // Its progress bar is on standard error.
    let mut pull = product::jamey(layout);
    pull.args(["models", "pull"]).args(&wish.model).stdout(Stdio::null());
    cargo::must(&mut pull).context("no model to talk to")?;
    cargo::must(product::jamey(layout).args(["runtime", "start", "--quiet"]).stdout(Stdio::null()))?;

    let mut talk = product::jamey(layout);
    let has_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    talk.arg(if wish.prompt.is_empty() && has_terminal { "chat" } else { "ask" });
    if let Some(name) = &wish.model {
        talk.args(["--model", &format!("local/{name}")]);
    }
    if !wish.prompt.is_empty() {
        talk.args(["--", &wish.prompt.join(" ")]);
    }
    become_(&mut talk)
}

fn parse(words: &[String]) -> Result<Wish> {
    let mut wish = Wish::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" => {
                wish.prompt.extend(words.cloned());
                break;
            }
            "--model" => wish.model = Some(words.next().context("--model needs a name")?.clone()),
            flag if flag.starts_with('-') => bail!("unknown flag {flag}; a prompt goes after `--`"),
            word => wish.prompt.push(word.to_owned()),
        }
    }
    Ok(wish)
}

/// Hands this process over, so that Ctrl-C and the exit code are the product's own.
#[cfg(unix)]
fn become_(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("could not start jamey")
}

#[cfg(not(unix))]
fn become_(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().context("could not start jamey")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(words: &[&str]) -> Option<Wish> {
        parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).ok()
    }

    #[test]
    fn the_prompt_may_stand_after_two_dashes_or_alone() {
        let prompt = vec!["what".to_owned(), "--now".to_owned()];
        assert_eq!(wish(&["--", "what", "--now"]), Some(Wish { model: None, prompt }));
        let model = Some("small".to_owned());
        assert_eq!(wish(&["hi", "--model", "small"]), Some(Wish { model, prompt: vec!["hi".to_owned()] }));
    }

    #[test]
    fn an_unknown_flag_is_refused() {
        assert_eq!(wish(&["--modell", "small"]), None);
        assert_eq!(wish(&["--model"]), None);
    }
}

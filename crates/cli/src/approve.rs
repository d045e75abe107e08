//! Asks the person at the terminal whether a call may run.
//!
//! The question is made from what the call touches, never from the model's words; it shows exactly
//! what will run, hidden characters spelled out. No answer, or any other than yes, is no.

use std::{
    fmt::Write as _,
    fs::{File, OpenOptions},
    io::{IsTerminal as _, Read as _, Write as _, stderr, stdin},
    sync::atomic::{AtomicBool, Ordering},
};

use jamey_protocol::{Access, Approval, Choice, Decision, ToolCall};

use crate::render::{arguments, visible};

/// Longer commands are shown by their beginning and end first, whole when asked for.
const LONGEST: usize = 4_000;
/// What is shown of each end.
const END: usize = 1_500;

/// Tells whether somebody can be asked: this command talks to a terminal, and it is there.
pub fn is_possible() -> bool {
    (stdin().is_terminal() || stderr().is_terminal()) && open().is_some()
}

#[cfg(unix)]
fn open() -> Option<(File, File)> {
    let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    Some((tty.try_clone().ok()?, tty))
}

#[cfg(not(unix))]
fn open() -> Option<(File, File)> {
    let read = OpenOptions::new().read(true).write(true).open("CONIN$").ok()?;
    let write = OpenOptions::new().read(true).write(true).open("CONOUT$").ok()?;
    Some((read, write))
}

/// Asks until there is an answer; nothing when the question was closed meanwhile.
///
/// Nobody is asked without the call: a question whose call is not shown could be about anything.
pub fn ask(approval: &Approval, call: &ToolCall, closed: &AtomicBool) -> Option<Decision> {
    let Some((mut from, mut to)) = open() else { return Some(Decision::Deny { reason: String::new() }) };
    let (text, is_cut) = question(approval, call, LONGEST);
    let mut shown = to.write_all(text.as_bytes());
    loop {
        shown = shown.and_then(|()| write!(to, "{} ", choices(approval, is_cut)));
        if shown.is_err() {
            return Some(Decision::Deny { reason: String::new() });
        }
        discard_typed_ahead(&from);
        let answer = read_line(&mut from, closed)?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" if approval.choices.contains(&Choice::AllowOnce) => {
                return Some(Decision::AllowOnce);
            }
            "s" | "session" if approval.choices.contains(&Choice::AllowForSession) => {
                return Some(Decision::AllowForSession);
            }
            "a" | "always" if approval.choices.contains(&Choice::AllowAlways) => {
                return Some(Decision::AllowAlways);
            }
            "v" if is_cut => shown = to.write_all(question(approval, call, usize::MAX).0.as_bytes()),
            _ => return Some(Decision::Deny { reason: String::new() }),
        }
    }
}

fn choices(approval: &Approval, is_cut: bool) -> String {
    let mut text = String::new();
    for (choice, key) in [
        (Choice::AllowOnce, "[y] once"),
        (Choice::AllowForSession, "[s] for this session"),
        (Choice::AllowAlways, "[a] always for exactly this"),
    ] {
        if approval.choices.contains(&choice) {
            text.push_str(if text.is_empty() { "  " } else { "   " });
            text.push_str(key);
        }
    }
    if is_cut {
        text.push_str("   [v] view all of it");
    }
    text.push_str("   [n] no (default) ›");
    text
}

/// The question, and whether something of it is left out.
fn question(approval: &Approval, call: &ToolCall, longest: usize) -> (String, bool) {
    let mut out = String::new();
    let mut is_cut = false;
    let mut runs = false;
    let tool = visible(&call.tool);
    // Writing to a string cannot fail.
    if approval.accesses.is_empty() {
        let text = cut(&visible(&approval.question), longest, &mut is_cut);
        let _ = writeln!(out, "  {}", text.replace('\n', "\n  "));
    }
    for access in &approval.accesses {
        match access {
            Access::Run { command, cwd } => {
                runs = true;
                let command = cut(&visible(command), longest, &mut is_cut).replace('\n', "\n      ");
                let cwd = visible(&cwd.display().to_string());
                let _ = writeln!(out, "  {tool} wants to run, in {cwd}:\n\n      {command}\n");
            }
            Access::Write { path } => {
                let _ = writeln!(out, "  {tool} wants to write {}", visible(&path.display().to_string()));
            }
            Access::Read { path } => {
                let _ = writeln!(out, "  {tool} wants to read {}", visible(&path.display().to_string()));
            }
            Access::System => {
                let _ = writeln!(out, "  {tool} wants to read facts about this machine");
            }
        }
    }
    // A command says it all; for a file the content matters too.
    if !runs {
        let text = cut(&arguments(&call.arguments), longest, &mut is_cut);
        let _ = writeln!(out, "\n      {}\n", text.trim_end().replace('\n', "\n      "));
    }
    (out, is_cut)
}

/// Keeps both ends of a text that is too long to read, and says how much is between.
fn cut(text: &str, longest: usize, is_cut: &mut bool) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    *is_cut = true;
    let head = text.floor_char_boundary(END);
    let tail = text.ceil_char_boundary(text.len() - END);
    format!(
        "{}\n… {} bytes are not shown here …\n{}",
        text.get(..head).unwrap_or_default(),
        tail - head,
        text.get(tail..).unwrap_or_default()
    )
}

/// What was typed before the question was there is no answer to it.
#[cfg(unix)]
fn discard_typed_ahead(tty: &File) {
    let _ = rustix::termios::tcflush(tty, rustix::termios::QueueSelector::IFlush);
}

#[cfg(not(unix))]
fn discard_typed_ahead(_tty: &File) {}

/// Reads a line, looking now and then whether the question is still open.
fn read_line(tty: &mut File, closed: &AtomicBool) -> Option<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        if !wait_for_input(tty, closed) {
            return None;
        }
        let mut piece = [0; 256];
        match tty.read(&mut piece) {
            // The terminal is gone: that is no yes.
            Ok(0) | Err(_) => return Some(String::new()),
            Ok(count) => line.extend_from_slice(piece.get(..count).unwrap_or_default()),
        }
    }
    Some(String::from_utf8_lossy(&line).into_owned())
}

#[cfg(unix)]
fn wait_for_input(tty: &File, closed: &AtomicBool) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    while !closed.load(Ordering::Relaxed) {
        match poll(&mut [PollFd::new(tty, PollFlags::IN)], Some(&GLANCE)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            // Any other trouble shows when it is read.
            Ok(_) | Err(_) => return true,
        }
    }
    false
}

#[cfg(not(unix))]
fn wait_for_input(_tty: &File, closed: &AtomicBool) -> bool {
    !closed.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{ApprovalId, CallId, ItemId};

    use super::*;

    fn approval(command: &str) -> Approval {
        Approval {
            id: ApprovalId::new(),
            call_id: CallId::new(),
            item_id: ItemId::new(),
            question: "Run a command?".to_owned(),
            accesses: vec![Access::Run { command: command.to_owned(), cwd: "/w".into() }],
            choices: vec![Choice::AllowOnce, Choice::Deny],
        }
    }

    fn call() -> ToolCall {
        serde_json::from_value(serde_json::json!({
            "callId": CallId::new(), "tool": "shell_exec", "arguments": {}, "accesses": [], "status": "waiting",
        }))
        .unwrap()
    }

    #[test]
    fn the_question_shows_exactly_what_will_run() {
        let (text, is_cut) = question(&approval("ls\r\u{1b}[2Krm -rf ~\necho x"), &call(), LONGEST);
        assert!(
            text.contains("wants to run, in /w:\n\n      ls<CR><ESC>[2Krm -rf ~\n      echo x\n"),
            "{text}"
        );
        assert!(!is_cut);
        assert!(crate::render::is_clean(&text));
    }

    #[test]
    fn a_command_of_a_megabyte_is_shown_by_its_ends_and_whole_when_asked_for() {
        let approval = approval(&format!("begin {} end", "é".repeat(500_000)));
        let (text, is_cut) = question(&approval, &call(), LONGEST);
        assert!(is_cut && text.len() < 4_000 && text.contains("begin") && text.contains("end"));
        assert!(text.contains("bytes are not shown here"));
        let (whole, is_cut) = question(&approval, &call(), usize::MAX);
        assert!(!is_cut && whole.len() > 1_000_000);
    }

    #[test]
    fn only_the_offered_choices_are_named() {
        let mut approval = approval("x");
        assert!(!choices(&approval, false).contains("[s]") && !choices(&approval, false).contains("[v]"));
        assert!(!choices(&approval, false).contains("[a]"));
        approval.choices.extend([Choice::AllowForSession, Choice::AllowAlways]);
        assert!(choices(&approval, false).contains("[a] always for exactly this"));
        assert!(choices(&approval, true).contains("[s]") && choices(&approval, true).contains("[v]"));
    }
}

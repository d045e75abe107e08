//! The sentence that a person is asked, made from the accesses alone.

use std::fmt::Write;

use jamey_protocol::Access;

pub(super) fn question(accesses: &[Access]) -> String {
    let mut text = String::new();
    for access in accesses {
        let lead = if text.is_empty() { "" } else { ", and " };
        let _ = match access {
            Access::Read { path } => write!(text, "{lead}read {}", path.display()),
            Access::Write { path } => write!(text, "{lead}write {}", path.display()),
            Access::Run { command, cwd } => write!(text, "{lead}run `{command}` in {}", cwd.display()),
            Access::System => write!(text, "{lead}read facts about this computer"),
        };
    }
    format!("May it {text}?")
}

//! What a person allowed for good, and which answers a question may offer.

use std::path::{Path, PathBuf};

use jamey_protocol::{Access, Choice};

use super::{Guarded, plain::is_plain};

/// One tool with the very same accesses, in sessions of one folder. It covers nothing else: no other
/// argument, no file beside, no folder below.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The tool's name.
    pub tool: String,
    /// The session's folder, absolute.
    pub folder: PathBuf,
    /// Everything that the call touches, in this order.
    pub accesses: Vec<Access>,
}

impl Rule {
    /// Tells whether such an allowance may be kept for good: it must be a script of plain commands, so that
    /// what was shown is all that it does, and paths must be text, so that the file says exactly them. A path
    /// alone says nothing of what is written there or looked for below it, so nothing else lasts.
    #[must_use]
    pub fn may_last(&self) -> bool {
        let is_text = |path: &Path| path.to_str().is_some_and(|text| !text.contains(char::is_control));
        !self.accesses.is_empty()
            && is_text(&self.folder)
            && self.accesses.iter().all(|access| match access {
                // The shells of Windows read words by other rules.
                Access::Run { command, cwd } => !cfg!(windows) && is_text(cwd) && is_plain(command),
                Access::Read { .. } | Access::Write { .. } | Access::System => false,
            })
    }

    /// The answers to offer for it.
    #[must_use]
    pub fn choices(&self, guarded: Guarded<'_>) -> Vec<Choice> {
        let mut choices = vec![Choice::AllowOnce];
        // What names no access can be recognised by nothing, and the way to more rights or to keys is shown each time.
        if !self.accesses.is_empty() && !guarded.is_touched_by(&self.accesses) {
            choices.push(Choice::AllowForSession);
        }
        if self.may_last() {
            choices.push(Choice::AllowAlways);
        }
        choices.push(Choice::Deny);
        choices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(access: Access) -> Rule {
        Rule { tool: "t".into(), folder: "/work".into(), accesses: vec![access] }
    }

    #[test]
    fn each_question_offers_what_can_be_recognised_again() {
        use Choice::{AllowAlways, AllowForSession, AllowOnce, Deny};
        let folders = [PathBuf::from("/config")];
        let guarded = Guarded { folders: &folders, own: Path::new("/config/blobs/1") };
        let run = |command: &str| rule(Access::Run { command: command.into(), cwd: "/work".into() });
        let write = |path: &str| rule(Access::Write { path: path.into() });
        let all = vec![AllowOnce, AllowForSession, AllowAlways, Deny];
        let session = vec![AllowOnce, AllowForSession, Deny];
        assert_eq!(run("make test").choices(guarded), if cfg!(windows) { session.clone() } else { all });
        assert_eq!(run("make $(cat goal)").choices(guarded), session);
        assert_eq!(write("/work/a").choices(guarded), session);
        assert_eq!(write("/work/a\nb").choices(guarded), session);
        assert_eq!(write("/config/permissions.toml").choices(guarded), [AllowOnce, Deny]);
        let read = |path: &str| rule(Access::Read { path: path.into() });
        assert_eq!(read("/config/.env").choices(guarded), [AllowOnce, Deny]);
        assert_eq!(read("/config/blobs/1/a.txt").choices(guarded), session);
        let none = Rule { accesses: Vec::new(), ..run("x") };
        assert_eq!(none.choices(guarded), [AllowOnce, Deny]);
    }
}

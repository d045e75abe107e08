//! The judgement itself.

use std::path::{Component, Path};

use jamey_protocol::{Access, Mode};

use super::{Grants, Guarded, question::question};

/// What the rules say of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It may run unasked.
    Allow,
    /// A person must say yes to this question.
    Ask(String),
    /// It may not run, for this reason.
    Deny(String),
}

/// What a call is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// How much may happen without asking.
    pub mode: Mode,
    /// The session's folder.
    pub cwd: &'a Path,
    /// Jamey's own settings, keys and records: a write there gives rights and a read gives secrets away, so both ask in
    /// every mode but full.
    pub guarded: Guarded<'a>,
    /// What was allowed for the session.
    pub grants: &'a Grants,
}

/// Judges one call. Paths in `accesses` are absolute with symlinks resolved, and so are those of the ground.
///
/// A call without any access cannot be judged, so it asks (and is denied in read-only mode).
#[must_use]
pub fn judge(ground: Ground<'_>, tool: &str, accesses: &[Access]) -> Judgement {
    let Ground { mode, cwd, guarded, grants } = ground;
    let runs_unasked = !accesses.is_empty()
        && accesses.iter().all(|access| allows(mode, cwd, access))
        && !guarded.is_touched_by(accesses);
    if mode == Mode::Full || runs_unasked {
        return Judgement::Allow;
    }
    if mode == Mode::ReadOnly {
        return Judgement::Deny(
            "this session is read-only: only reads inside its folder run, and none of Jamey's own files"
                .into(),
        );
    }
    if grants.covers(tool, accesses) {
        return Judgement::Allow;
    }
    Judgement::Ask(question(accesses))
}

fn allows(mode: Mode, cwd: &Path, access: &Access) -> bool {
    match (access, mode) {
        (_, Mode::Full) | (Access::System, _) => true,
        (Access::Read { path }, Mode::ReadOnly | Mode::Ask | Mode::AutoEdit) => is_inside(cwd, path),
        (Access::Write { path }, Mode::AutoEdit) => is_inside(cwd, path) && !is_hidden(cwd, path),
        (Access::Write { .. }, Mode::ReadOnly | Mode::Ask)
        | (Access::Run { .. }, Mode::ReadOnly | Mode::Ask | Mode::AutoEdit) => false,
    }
}

fn is_inside(cwd: &Path, path: &Path) -> bool {
    let is_plain = path.components().all(|part| !matches!(part, Component::ParentDir | Component::CurDir));
    path.is_absolute() && is_plain && path.starts_with(cwd)
}

/// Dot files configure programs (`.git`, `.bashrc`), so changing one always asks.
fn is_hidden(cwd: &Path, path: &Path) -> bool {
    path.strip_prefix(cwd)
        .is_ok_and(|inner| inner.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;

    /// On Windows a path without a drive is not absolute.
    fn place(path: &str) -> PathBuf {
        let drive = if cfg!(windows) && path.starts_with('/') { "C:" } else { "" };
        format!("{drive}{path}").into()
    }
    fn read(path: &str) -> Access {
        Access::Read { path: place(path) }
    }
    fn write(path: &str) -> Access {
        Access::Write { path: place(path) }
    }
    fn run(command: &str) -> Access {
        Access::Run { command: command.into(), cwd: "/work".into() }
    }

    fn judge(mode: Mode, cwd: &Path, tool: &str, accesses: &[Access], grants: &Grants) -> Judgement {
        let own = place("/work/jamey/blobs/1");
        let guarded = Guarded { folders: &[place("/work/jamey")], own: &own };
        super::judge(Ground { mode, cwd, guarded, grants }, tool, accesses)
    }

    #[test]
    fn each_mode_lets_pass_what_it_promises_and_no_more() {
        use Judgement::{Allow, Ask, Deny};
        let (ask, deny) = (|| Ask(String::new()), || Deny(String::new()));
        let table = [
            // access, read-only, ask, auto-edit, full
            (read("/work/a"), Allow, Allow, Allow, Allow),
            (read("/work"), Allow, Allow, Allow, Allow),
            (read("/worker/a"), deny(), ask(), ask(), Allow),
            (read("/work/../etc/passwd"), deny(), ask(), ask(), Allow),
            (read("relative"), deny(), ask(), ask(), Allow),
            (read("/etc/passwd"), deny(), ask(), ask(), Allow),
            (write("/work/a"), deny(), ask(), Allow, Allow),
            (write("/work/.git/config"), deny(), ask(), ask(), Allow),
            (write("/work/sub/.env"), deny(), ask(), ask(), Allow),
            (write("/etc/passwd"), deny(), ask(), ask(), Allow),
            (write("/work/jamey/permissions.toml"), deny(), ask(), ask(), Allow),
            (read("/work/jamey/.env"), deny(), ask(), ask(), Allow),
            (read("/work/jamey"), deny(), ask(), ask(), Allow),
            (read("/work/jamey/blobs/2/out.txt"), deny(), ask(), ask(), Allow),
            (read("/work/jamey/blobs/1/out.txt"), Allow, Allow, Allow, Allow),
            (write("/work/jamey/blobs/1/out.txt"), deny(), ask(), ask(), Allow),
            (run("true"), deny(), ask(), ask(), Allow),
            (Access::System, Allow, Allow, Allow, Allow),
        ];
        for (access, read_only, ask, auto_edit, full) in table {
            let wanted = [
                (Mode::ReadOnly, read_only),
                (Mode::Ask, ask),
                (Mode::AutoEdit, auto_edit),
                (Mode::Full, full),
            ];
            for (mode, want) in wanted {
                let got =
                    judge(mode, &place("/work"), "t", std::slice::from_ref(&access), &Grants::default());
                let same = std::mem::discriminant(&got) == std::mem::discriminant(&want);
                assert!(same, "{mode:?} {access:?}: {got:?}");
            }
        }
    }

    #[test]
    fn a_grant_covers_the_very_same_call_and_nothing_else() {
        let mut grants = Grants::default();
        grants.add("shell_exec", &[run("make")]);
        let judged =
            |tool: &str, access: Access| judge(Mode::Ask, Path::new("/work"), tool, &[access], &grants);
        assert_eq!(judged("shell_exec", run("make")), Judgement::Allow);
        assert_ne!(judged("shell_exec", run("make ")), Judgement::Allow);
        assert_ne!(judged("shell_exec", run("make; rm -r /")), Judgement::Allow);
        assert_ne!(judged("file_write", run("make")), Judgement::Allow);
    }

    #[test]
    fn a_call_that_names_no_access_never_runs_unasked() {
        let judged = |mode| judge(mode, Path::new("/work"), "t", &[], &Grants::default());
        assert!(matches!(judged(Mode::ReadOnly), Judgement::Deny(_)));
        assert!(matches!(judged(Mode::AutoEdit), Judgement::Ask(_)));
    }

    #[test]
    fn the_question_shows_exactly_what_will_run() {
        let Judgement::Ask(question) =
            judge(Mode::Ask, Path::new("/work"), "shell_exec", &[run("rm -r tmp")], &Grants::default())
        else {
            panic!("a command must ask");
        };
        assert_eq!(question, "May it run `rm -r tmp` in /work?");
    }

    proptest! {
        #[test]
        fn nothing_outside_the_folder_is_ever_read_unasked(path in "(/|\\.\\.|\\.|[a-z]{1,4}){1,8}") {
            let verdict = judge(Mode::Ask, &place("/work"), "t", &[read(&path)], &Grants::default());
            if verdict == Judgement::Allow {
                prop_assert!(path == "/work" || path.starts_with("/work/"));
                prop_assert!(!Path::new(&path).components().any(|part| part == Component::ParentDir));
            }
        }
    }
}

//! Goes through a folder as `git` sees it: ignored files and `.git` are left out, links are not
//! followed, every folder in the order of its names. Bounded in time, depth and number.

use std::{
    ffi::OsStr,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::open::open;

/// Deeper folders are left out; no project is that deep, but a hostile one can be.
const MAX_DEPTH: usize = 64;

/// Longest ignore file that is heeded, in bytes.
const MAX_RULES: u64 = 256 * 1024;

/// What a walk found under a folder.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it is; absolute.
    pub path: PathBuf,
    /// Whether it is a folder.
    pub folder: bool,
    /// Whether its contents are not to be looked at.
    pub closed: bool,
}

/// Whether a walk came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walked {
    /// Everything was seen.
    All,
    /// Time or patience ended first.
    Part,
}

/// When a walk stops early.
#[derive(Clone, Debug)]
pub(super) struct Until {
    /// No later than this.
    pub deadline: Instant,
    /// After this many entries.
    pub entries: usize,
    /// When this fires.
    pub cancel: tokio_util::sync::CancellationToken,
    /// Files and folders that are not entered, unless the walk begins in them.
    pub closed: Arc<[PathBuf]>,
}

impl Until {
    /// Tells whether it is time to stop.
    pub(super) fn over(&self) -> bool {
        self.cancel.is_cancelled() || Instant::now() >= self.deadline
    }
}

/// The rules of one folder, and of those above it.
#[derive(Clone, Default)]
struct Rules(Option<Rc<(Gitignore, Rules)>>);

impl Rules {
    fn with(&self, folder: &Path) -> Self {
        let Ok((file, _)) = open(&folder.join(".gitignore")) else { return self.clone() };
        let mut text = String::new();
        if file.take(MAX_RULES).read_to_string(&mut text).is_err() {
            return self.clone();
        }
        let mut builder = GitignoreBuilder::new(folder);
        for line in text.lines() {
            // A line that is no pattern is what git passes over too.
            let _ = builder.add_line(None, line);
        }
        builder.build().map_or_else(|_| self.clone(), |own| Self(Some(Rc::new((own, self.clone())))))
    }

    /// The deepest rule that says something decides.
    fn ignore(&self, path: &Path, folder: bool) -> bool {
        let Some(rules) = &self.0 else { return false };
        match rules.0.matched(path, folder) {
            ignore::Match::None => rules.1.ignore(path, folder),
            ignore::Match::Ignore(_) => true,
            ignore::Match::Whitelist(_) => false,
        }
    }
}

/// Calls `visit` for everything under `base`; `top` is the folder whose ignore rules count if `base` is
/// inside it. Both are absolute and free of links. `visit` returns false to stop.
pub(super) fn walk(base: &Path, top: &Path, until: &Until, mut visit: impl FnMut(Found) -> bool) -> Walked {
    let mut rules = Rules::default();
    if let Ok(inside) = base.strip_prefix(top) {
        let mut folder = top.to_owned();
        for part in inside.components() {
            rules = rules.with(&folder);
            folder.push(part);
        }
    }
    let mut left = until.entries;
    let mut ahead = vec![(base.to_owned(), rules, 0)];
    while let Some((folder, above, depth)) = ahead.pop() {
        let rules = above.with(&folder);
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut here: Vec<_> = entries.flatten().take(left.saturating_add(1)).collect();
        here.sort_by_key(fs::DirEntry::file_name);
        let mut folders = Vec::new();
        for entry in here {
            if left == 0 || until.over() {
                return Walked::Part;
            }
            left -= 1;
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if entry.file_name() == OsStr::new(".git") || rules.ignore(&path, kind.is_dir()) {
                continue;
            }
            let closed = until.closed.contains(&path) && !base.starts_with(&path);
            if kind.is_dir() && depth < MAX_DEPTH && !closed {
                folders.push((path.clone(), rules.clone(), depth + 1));
            }
            if (kind.is_file() || kind.is_dir()) && !visit(Found { path, folder: kind.is_dir(), closed }) {
                return Walked::Part;
            }
        }
        ahead.extend(folders.into_iter().rev());
    }
    Walked::All
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn until(entries: usize) -> Until {
        let deadline = Instant::now() + Duration::from_secs(60);
        let cancel = tokio_util::sync::CancellationToken::new();
        Until { deadline, entries, cancel, closed: Arc::default() }
    }

    fn seen(base: &Path, top: &Path, entries: usize) -> (Vec<String>, Walked) {
        let mut names = Vec::new();
        let walked = walk(base, top, &until(entries), |found| {
            names.push(found.path.strip_prefix(top).unwrap().display().to_string());
            true
        });
        (names, walked)
    }

    fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let keep = tempfile::tempdir().unwrap();
        let top = keep.path().canonicalize().unwrap();
        for (name, text) in files {
            let path = top.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (keep, top)
    }

    #[test]
    fn ignore_rules_hold_below_their_folder_and_deeper_ones_win() {
        let (_keep, top) = tree(&[
            (".gitignore", "*.log\n/build\n"),
            (".git/config", ""),
            ("a/keep.log", ""),
            ("a/.gitignore", "!keep.log\n"),
            ("a/other.log", ""),
            ("build/x", ""),
            ("a/build/x", ""),
        ]);
        let (names, walked) = seen(&top, &top, 1000);
        assert_eq!(names, [".gitignore", "a", "a/.gitignore", "a/build", "a/keep.log", "a/build/x"]);
        assert_eq!(walked, Walked::All);
        assert_eq!(
            seen(&top.join("a"), &top, 1000).0,
            ["a/.gitignore", "a/build", "a/keep.log", "a/build/x"]
        );
    }

    #[test]
    fn links_are_not_followed_and_a_pipe_as_rules_does_not_hang() {
        let (_keep, top) = tree(&[("a/x", "")]);
        std::os::unix::fs::symlink("/", top.join("all")).unwrap();
        std::os::unix::fs::symlink(&top, top.join("a/loop")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(top.join("a/.gitignore")).status().unwrap();
        assert!(made.success());
        assert_eq!(seen(&top, &top, 1000).0, ["a", "a/x"]);
    }

    #[test]
    fn a_closed_folder_is_named_and_not_entered_unless_the_walk_begins_there() {
        let (_keep, top) = tree(&[("own/key", ""), ("own/deep/x", ""), ("env", ""), ("z", "")]);
        let until = Until { closed: [top.join("own"), top.join("env")].into(), ..until(1000) };
        let seen = |base: &Path| {
            let mut names = Vec::new();
            walk(base, &top, &until, |found| {
                names.push((found.path.strip_prefix(&top).unwrap().display().to_string(), found.closed));
                true
            });
            names
        };
        let open = |name: &str| (name.to_owned(), false);
        assert_eq!(seen(&top), [("env".to_owned(), true), ("own".to_owned(), true), open("z")]);
        assert_eq!(seen(&top.join("own")), [open("own/deep"), open("own/key"), open("own/deep/x")]);
        assert_eq!(seen(&top.join("own/deep")), [open("own/deep/x")]);
    }

    #[test]
    fn a_huge_folder_ends_at_the_limit_and_says_so() {
        let (_keep, top) = tree(&[("a", ""), ("b", ""), ("c", ""), ("d", "")]);
        let (names, walked) = seen(&top, &top, 2);
        assert_eq!((names.len(), walked), (2, Walked::Part));
    }
}

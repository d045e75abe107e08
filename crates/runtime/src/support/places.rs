//! The files in Jamey's folders: kind, mode, size and age of each, never what is in it.

use std::{
    fmt::Write as _,
    fs::{self, Metadata},
    path::Path,
    time::SystemTime,
};

use jamey_ipc::Folders;

use super::scrub::Scrub;

/// More files than this are counted only.
const MOST: usize = 2_000;
/// Folders within folders that are looked into.
const DEEPEST: usize = 4;

pub(super) fn text(folders: &Folders, scrub: &Scrub) -> String {
    let mut list = List { out: String::new(), shown: 0, more: 0 };
    for (name, folder) in [
        ("config", &folders.config),
        ("data", &folders.data),
        ("cache", &folders.cache),
        ("models", &folders.models),
        ("run", &folders.run),
    ] {
        if name == "models" && folder.starts_with(&folders.data) {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(list.out, "\n{name}: {}", folder.display());
        list.entry(folder, "", 0);
    }
    if list.more > 0 {
        let _ = writeln!(list.out, "({} more are not shown)", list.more);
    }
    scrub.clean(&list.out)
}

struct List {
    out: String,
    shown: usize,
    more: usize,
}

impl List {
    fn entry(&mut self, path: &Path, name: &str, depth: usize) {
        if self.shown >= MOST {
            self.more += 1;
            return;
        }
        self.shown += 1;
        let facts = match fs::symlink_metadata(path) {
            Ok(facts) => facts,
            Err(error) => {
                let _ = writeln!(self.out, "  ?  {name}  {error}");
                return;
            }
        };
        let shown = if name.is_empty() { "." } else { name };
        let _ = writeln!(self.out, "  {}  {:>12}  {:>10}  {shown}", kind(&facts), facts.len(), age(&facts));
        if !facts.is_dir() || depth >= DEEPEST {
            return;
        }
        let mut below: Vec<_> = match fs::read_dir(path) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) => {
                let _ = writeln!(self.out, "     cannot be looked into: {error}");
                return;
            }
        };
        below.sort_unstable();
        for path in below {
            let inner = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let inner = if name.is_empty() { inner } else { format!("{name}/{inner}") };
            self.entry(&path, &inner, depth + 1);
        }
    }
}

/// Kind and mode, such as `-600`.
fn kind(facts: &Metadata) -> String {
    let letter = match facts.file_type() {
        kind if kind.is_dir() => 'd',
        kind if kind.is_symlink() => 'l',
        kind if kind.is_file() => '-',
        _ => 's',
    };
    #[cfg(unix)]
    let mode = format!("{:03o}", std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o7777);
    #[cfg(not(unix))]
    let mode = if facts.permissions().readonly() { "r--" } else { "rw-" };
    format!("{letter}{mode}")
}

/// How long ago it was changed.
fn age(facts: &Metadata) -> String {
    let age = facts.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
    age.map_or_else(
        || "future".to_owned(),
        |age| match age.as_secs() {
            seconds @ 0..3_600 => format!("{} min", seconds / 60),
            seconds @ 3_600..172_800 => format!("{} h", seconds / 3_600),
            seconds => format!("{} d", seconds / 86_400),
        },
    )
}

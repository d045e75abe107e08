//! `list_directory`: counts and names what is in a folder.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use jamey_engine::ports::{Tool, ToolContext, ToolError};
use jamey_protocol::{Access, ToolDescription, ToolOutput};
use serde_json::{Value, json};

use super::{
    printable, require,
    resolve::resolve,
    similar::{hint, similar},
};
use crate::{
    blocking::blocking,
    schema::{Arguments, PATH, describe},
};

/// Most bytes of names that are shown of each kind.
const MAX_SHOWN: usize = 8 * 1024;
/// Most entries that are looked at.
const MAX_ENTRIES: usize = 200_000;

/// The tool `list_directory`.
#[derive(Debug)]
pub(crate) struct List {
    timeout: Duration,
}

impl List {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

fn path_of(arguments: &Value) -> Result<String, ToolError> {
    let path = Arguments::new(arguments)?.text(PATH)?.filter(|path| !path.trim().is_empty());
    Ok(path.unwrap_or_else(|| ".".to_owned()))
}

#[async_trait::async_trait]
impl Tool for List {
    fn name(&self) -> &'static str {
        "list_directory"
    }

    fn describe(&self) -> ToolDescription {
        describe(
            self.name(),
            "List and count the files and folders in a folder (\".\" is the working folder).",
            json!({"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}}}),
            "runs inside the working folder, else asks",
        )
    }

    fn access(&self, arguments: &Value, cwd: &Path) -> Result<Vec<Access>, ToolError> {
        Ok(vec![Access::Read { path: resolve(&path_of(arguments)?, cwd)? }])
    }

    async fn run(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolError> {
        let raw = path_of(&arguments)?;
        let inner = context.clone();
        let deadline = Instant::now() + self.timeout / 2;
        blocking(&context, self.timeout, move || {
            let path = resolve(&raw, &inner.cwd)?;
            require(&inner, &Access::Read { path: path.clone() }, &raw)?;
            match fs::symlink_metadata(&path) {
                Err(_) => {
                    let others = hint(&similar(&path, &inner.cwd, true), &inner.cwd);
                    return Err(ToolError::new(format!("no such folder: {raw}{others}")));
                }
                Ok(found) if !found.is_dir() => {
                    return Err(ToolError::new(format!("{raw} is a file, use file_read")));
                }
                Ok(_) => {}
            }
            let text = list(&path, deadline)
                .map_err(|error| ToolError::new(format!("{raw} cannot be listed: {error}")))?;
            Ok(ToolOutput { text, ..ToolOutput::default() })
        })
        .await
    }
}

fn list(path: &Path, deadline: Instant) -> std::io::Result<String> {
    let (mut folders, mut files, mut part) = (Vec::new(), Vec::new(), false);
    for (seen, entry) in entries(path)?.enumerate() {
        if seen >= MAX_ENTRIES || seen % 1024 == 1023 && Instant::now() > deadline {
            part = true;
            break;
        }
        let entry = entry?;
        let name = printable(&entry.name);
        if entry.folder { folders.push(name) } else { files.push(name) }
    }
    let note = if part { "\n(there is more: the folder is too big to count)" } else { "" };
    let kinds = kinds(&files);
    Ok(format!("{}\n{}{kinds}{note}", line("Folders", folders), line("Files", files)))
}

/// How many files of each kind there are, where there are several kinds: models miscount names.
fn kinds(files: &[String]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for extension in files.iter().filter_map(|name| Path::new(name).extension()) {
        *counts.entry(extension.to_string_lossy().to_lowercase()).or_default() += 1;
    }
    if counts.len() < 2 || counts.values().all(|count| *count == 1) {
        return String::new();
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    let shown: Vec<_> = counts.iter().take(12).map(|(kind, count)| format!("{count} {kind}")).collect();
    format!("\nKinds of files: {}", shown.join(", "))
}

struct Entry {
    name: String,
    folder: bool,
}

/// Reads the folder through a handle that is known to be at `path`.
#[cfg(unix)]
fn entries(path: &Path) -> std::io::Result<impl Iterator<Item = std::io::Result<Entry>>> {
    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, open, statat};

    use super::open::{place, same};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = open(path, flags, Mode::empty())?;
    if !same(&place(&handle)?, path) {
        return Err(std::io::Error::other(
            "it leads elsewhere now than when this call was allowed; try again",
        ));
    }
    let entries = Dir::read_from(&handle)?;
    Ok(entries.filter_map(move |entry| {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return Some(Err(error.into())),
        };
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            return None;
        }
        let folder = match entry.file_type() {
            FileType::Directory => true,
            // A link to a folder is a folder to people.
            FileType::Symlink | FileType::Unknown => statat(&handle, name, AtFlags::empty())
                .is_ok_and(|found| FileType::from_raw_mode(found.st_mode) == FileType::Directory),
            _ => false,
        };
        Some(Ok(Entry { name: name.to_string_lossy().into_owned(), folder }))
    }))
}

#[cfg(not(unix))]
fn entries(path: &Path) -> std::io::Result<impl Iterator<Item = std::io::Result<Entry>>> {
    Ok(fs::read_dir(path)?.map(|entry| {
        let entry = entry?;
        let folder = entry.metadata().is_ok_and(|found| found.is_dir());
        Ok(Entry { name: entry.file_name().to_string_lossy().into_owned(), folder })
    }))
}

fn line(kind: &str, mut names: Vec<String>) -> String {
    names.sort();
    let count = names.len();
    let (mut shown, mut taken) = (String::new(), 0);
    for name in &names {
        if shown.len() + name.len() + 2 > MAX_SHOWN {
            break;
        }
        if taken > 0 {
            shown.push_str(", ");
        }
        shown.push_str(name);
        taken += 1;
    }
    if count == 0 {
        shown.push_str("none");
    } else if taken < count {
        shown.push_str(&format!(" [... and {} more; find some with search_files ...]", count - taken));
    }
    format!("{kind} ({count}): {shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(path: &Path) -> String {
        list(path, Instant::now() + Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn names_are_sorted_and_counted() {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().canonicalize().unwrap();
        assert_eq!(listed(&path), "Folders (0): none\nFiles (0): none");
        fs::create_dir(path.join("sub")).unwrap();
        for name in ["b.txt", "a.txt", ".hidden"] {
            fs::write(path.join(name), "").unwrap();
        }
        assert_eq!(listed(&path), "Folders (1): sub\nFiles (3): .hidden, a.txt, b.txt");
    }

    #[test]
    fn files_of_several_kinds_are_counted_by_kind() {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().canonicalize().unwrap();
        for name in ["a.jpg", "b.JPG", "c.txt", "plain"] {
            fs::write(path.join(name), "").unwrap();
        }
        assert!(listed(&path).ends_with("\nKinds of files: 2 jpg, 1 txt"), "{}", listed(&path));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_cannot_forge_lines_and_links_are_what_they_lead_to() {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().canonicalize().unwrap();
        fs::write(path.join("x\nFolders (9): lie\u{1b}[2J"), "").unwrap();
        std::os::unix::fs::symlink("/", path.join("all")).unwrap();
        std::os::unix::fs::symlink("nothing", path.join("dangling")).unwrap();
        let text = listed(&path);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.starts_with("Folders (1): all\nFiles (2): dangling, x\\n"), "{text}");
    }

    #[test]
    fn a_huge_folder_is_counted_and_only_partly_named() {
        let names: Vec<_> = (0..5000).map(|n| format!("file-{n:05}.txt")).collect();
        let text = line("Files", names);
        assert!(text.starts_with("Files (5000): file-00000.txt, ") && text.len() < MAX_SHOWN + 100);
        assert!(text.contains("[... and 4"), "{text}");
    }
}

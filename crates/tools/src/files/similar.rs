//! Names like a name that does not exist, so that a model that guessed finds the real one.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    fold::fold,
    printable,
    walk::{Until, walk},
};

/// How many are told.
const SHOWN: usize = 5;

/// Finds files and folders with a name like the one of `missing`: below `cwd` if that is where it was
/// looked for, else next to it. Absolute paths, in the order of a walk.
pub(super) fn similar(missing: &Path, cwd: &Path, folders: bool) -> Vec<PathBuf> {
    let Some(wanted) = missing.file_stem().map(|stem| fold(&stem.to_string_lossy())) else {
        return Vec::new();
    };
    let (base, deep) = match missing.parent() {
        _ if missing.starts_with(cwd) => (cwd, true),
        Some(parent) => (parent, false),
        None => return Vec::new(),
    };
    let until = Until {
        deadline: Instant::now() + Duration::from_millis(200),
        entries: 5_000,
        cancel: tokio_util::sync::CancellationToken::new(),
        closed: std::sync::Arc::default(),
    };
    let mut names = Vec::new();
    walk(base, cwd, &until, |found| {
        if !deep && found.path.parent() != Some(base) {
            return false;
        }
        if (folders || !found.folder) && alike(&wanted, &found.path) {
            names.push(found.path);
        }
        names.len() <= SHOWN
    });
    names
}

/// A word of more than three letters in common, or one name inside the other.
fn alike(wanted: &str, found: &Path) -> bool {
    let name = found.file_name().map(|name| fold(&name.to_string_lossy())).unwrap_or_default();
    let stem =
        Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let long = |word: &str| word.chars().count() > 3;
    wanted.split(|c: char| !c.is_alphanumeric()).any(|word| long(word) && name.contains(word))
        || long(&stem) && wanted.contains(&stem)
}

/// Says them as the end of a sentence, or nothing.
pub(super) fn hint(similar: &[PathBuf], cwd: &Path) -> String {
    let names: Vec<_> = similar.iter().take(SHOWN).map(|path| shown(path, cwd)).collect();
    if names.is_empty() { String::new() } else { format!(". Similar files: {}", names.join(", ")) }
}

/// A path as it is told: relative to `cwd` where it can be.
pub(super) fn shown(path: &Path, cwd: &Path) -> String {
    let short = path.strip_prefix(cwd).unwrap_or(path);
    if short.as_os_str().is_empty() { ".".to_owned() } else { printable(&short.to_string_lossy()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_a_long_word_in_common_without_case_and_accents() {
        let alike = |a: &str, b: &str| alike(&fold(a), Path::new(b));
        assert!(alike("cafe menu", "Café Menü.txt"));
        assert!(alike("notes", "old-notes.md"));
        assert!(alike("secret", "secrets.txt") && alike("secrets", "secret.txt"));
        assert!(!alike("the", "the.txt"), "short words are in everything");
        assert!(!alike("report", "beach.jpg"));
    }

    #[test]
    fn a_missing_name_is_looked_for_below_the_folder_or_next_to_it() {
        let keep = tempfile::tempdir().unwrap();
        let cwd = keep.path().canonicalize().unwrap().join("work");
        std::fs::create_dir_all(cwd.join("deep/er")).unwrap();
        std::fs::write(cwd.join("deep/er/budget.csv"), "").unwrap();
        let found = similar(&cwd.join("budget.txt"), &cwd, false);
        let hint = hint(&found, &cwd).replace(std::path::MAIN_SEPARATOR, "/");
        assert_eq!(hint, ". Similar files: deep/er/budget.csv");
        let other = keep.path().canonicalize().unwrap().join("budget");
        assert!(similar(&other, &cwd, false).is_empty(), "what is deeper outside is not told");
    }
}

//! Finds files by a few letters of their paths, for whoever completes what a person types.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::walk::{Until, walk};

/// So many files and folders are looked at.
const MOST_ENTRIES: usize = 200_000;
/// A person who types does not wait longer.
const PATIENCE: Duration = Duration::from_millis(500);

/// A file or folder below the one that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Its path below that folder, with `/` between names.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// Finds at most `limit` files and folders below `folder` whose paths hold the letters of each of `words`, the
/// likeliest first. What git ignores is left out. Bounded in number and time. Blocks.
#[must_use]
pub fn complete(folder: &Path, words: &str, limit: usize) -> Vec<Completion> {
    let until = Until {
        deadline: Instant::now() + PATIENCE,
        entries: MOST_ENTRIES,
        cancel: CancellationToken::new(),
        closed: std::sync::Arc::default(),
    };
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let mut hits: Vec<(u32, Completion)> = Vec::new();
    // What was seen before time ran out is better than nothing.
    let _ = walk(folder, folder, &until, |found| {
        let Ok(below) = found.path.strip_prefix(folder) else { return true };
        let Some(path) = shown(below) else { return true };
        let lower = path.to_lowercase();
        let distance = words.iter().try_fold(0, |sum, word| Some(sum + distance(&lower, word)?));
        if let Some(distance) = distance {
            hits.push((distance, Completion { path, is_folder: found.folder }));
            if hits.len() >= 8 * limit.max(64) {
                best(&mut hits, limit);
            }
        }
        true
    });
    best(&mut hits, limit);
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// Keeps the likeliest: near ones, then short ones, then by name.
fn best(hits: &mut Vec<(u32, Completion)>, limit: usize) {
    hits.sort_by(|(a, one), (b, other)| {
        (a, one.path.len(), &one.path).cmp(&(b, other.path.len(), &other.path))
    });
    hits.truncate(limit);
}

/// A path as people write it; nothing for a name that no composer could hold.
fn shown(below: &Path) -> Option<String> {
    let mut path = String::new();
    for part in below.components() {
        let name = part.as_os_str().to_str().filter(|name| !name.chars().any(char::is_control))?;
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
    }
    Some(path)
}

/// How far a path is from what was typed, both in small letters: 0 where the last name begins with it, more
/// where it stands further inside, most where its letters only follow each other. Nothing if they do not.
fn distance(path: &str, word: &str) -> Option<u32> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.starts_with(word) || path.starts_with(word) {
        return Some(0);
    }
    if name.contains(word) {
        return Some(1);
    }
    if path.contains(word) {
        return Some(2);
    }
    let mut letters = path.chars();
    word.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(8)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_likeliest_come_first_and_ignored_files_not_at_all() {
        let temp = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(temp.path()).unwrap();
        for path in ["src/main.rs", "src/domain/mainframe.rs", "docs/remains.md", "target/main.o", "Makefile"]
        {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "").unwrap();
        }
        fs::write(root.join(".gitignore"), "target\n").unwrap();
        let found = |words: &str, limit| {
            complete(&root, words, limit).into_iter().map(|hit| hit.path).collect::<Vec<_>>()
        };
        assert_eq!(
            found("MAIN", 9),
            ["src/main.rs", "src/domain/mainframe.rs", "src/domain", "docs/remains.md"]
        );
        assert_eq!(found("main", 1), ["src/main.rs"]);
        assert_eq!(found("dm rs", 9), ["src/domain/mainframe.rs", "docs/remains.md"]);
        assert_eq!(found("src/", 9)[0], "src/domain");
        assert!(found("zzz", 9).is_empty());
        assert_eq!(complete(&root, "docs", 1), [Completion { path: "docs".into(), is_folder: true }]);
        assert!(!found("", 99).is_empty());
    }
}

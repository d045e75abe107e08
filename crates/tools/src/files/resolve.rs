//! Where a path really leads: absolute, `..` taken away, every symlink followed as far as the path
//! exists. Nothing is opened.
//!
//! The result names what will be touched: policy judges it, the tool opens exactly it.

use std::{
    ffi::OsString,
    fs, io,
    path::{Component, Path, PathBuf},
};

use jamey_engine::ports::ToolError;

use super::windows;

/// As many links as the kernel follows before it speaks of a loop.
const MAX_LINKS: usize = 40;

/// Longest path that is looked at.
const MAX_LENGTH: usize = 4096;

/// Resolves what the model wrote, seen from `cwd`. `~` is the home folder of the person.
///
/// A path with stray spaces around it, or `/notes.txt` for a file of the folder, is taken as meant when
/// it does not exist as written.
pub(super) fn resolve(raw: &str, cwd: &Path) -> Result<PathBuf, ToolError> {
    check(raw)?;
    let trimmed = raw.trim();
    let mut candidates = vec![expand(raw, cwd), expand(trimmed, cwd)];
    if let Some(inside) = trimmed.strip_prefix('/').map(|rest| rest.trim_start_matches('/'))
        && !inside.is_empty()
    {
        candidates.push(cwd.join(inside));
    }
    let exists = |path: &&PathBuf| fs::symlink_metadata(clean(path)).is_ok();
    let meant = candidates.iter().find(exists).unwrap_or(&candidates[1]);
    follow(&clean(meant))
        .map_err(|error| ToolError::new(format!("cannot tell where {trimmed} leads: {error}")))
}

/// Refuses what no path should be, by its text alone.
fn check(raw: &str) -> Result<(), ToolError> {
    if raw.trim().is_empty() {
        return Err(ToolError::new("the path is empty"));
    }
    if raw.contains('\0') {
        return Err(ToolError::new("the path holds a NUL character, which no file name can have"));
    }
    if raw.len() > MAX_LENGTH {
        return Err(ToolError::new(format!("the path is longer than {MAX_LENGTH} bytes")));
    }
    if cfg!(windows)
        && let Some(why) = windows::hazard(raw)
    {
        return Err(ToolError::new(format!("{raw} is refused: {why}")));
    }
    Ok(())
}

fn expand(raw: &str, cwd: &Path) -> PathBuf {
    let rest = match raw.strip_prefix('~') {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix(std::path::is_separator),
        None => None,
    };
    match (rest, std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches(std::path::is_separator)),
        _ => cwd.join(raw),
    }
}

/// Takes `.` and `..` away by the text: `a/link/../b` is `a/b`, as people and models mean it.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}

/// Follows every symlink of an absolute path; what does not exist is kept as written. A link that leads
/// to nothing yet leads to what would be made there.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut done = PathBuf::new();
    let mut ahead: Vec<OsString> = Vec::new();
    enter(path, &mut done, &mut ahead);
    let mut links = 0;
    while let Some(part) = ahead.pop() {
        if part == ".." {
            done.pop();
            continue;
        }
        let next = done.join(&part);
        match fs::symlink_metadata(&next) {
            Ok(found) if found.is_symlink() => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::other("the links go round in a circle"));
                }
                enter(&fs::read_link(&next)?, &mut done, &mut ahead);
            }
            _ => done = next,
        }
    }
    Ok(done)
}

/// Puts the parts of `path` before what is still ahead; an absolute one begins anew.
fn enter(path: &Path, done: &mut PathBuf, ahead: &mut Vec<OsString>) {
    for part in path.components().rev() {
        match part {
            Component::Normal(name) => ahead.push(name.to_owned()),
            Component::ParentDir => ahead.push("..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    if path.is_absolute() {
        *done = path
            .components()
            .take_while(|part| !matches!(part, Component::Normal(_) | Component::ParentDir))
            .collect();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use proptest::prelude::*;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        (folder, path)
    }

    #[test]
    fn paths_are_cleaned_and_lead_where_the_kernel_would_go() {
        let (_keep, cwd) = folder();
        fs::create_dir_all(cwd.join("a/b")).unwrap();
        symlink(cwd.join("a/b"), cwd.join("link")).unwrap();
        symlink("link/deep", cwd.join("hop")).unwrap();
        let at = |raw: &str| resolve(raw, &cwd).unwrap();
        assert_eq!(at("./a/./b/../x"), cwd.join("a/x"));
        assert_eq!(at("link/new.txt"), cwd.join("a/b/new.txt"));
        assert_eq!(at("hop"), cwd.join("a/b/deep"), "a dangling link leads to what would be made");
        assert_eq!(at("../../../../../../../../etc/passwd"), PathBuf::from("/etc/passwd"));
        assert_eq!(at("  a "), cwd.join("a"));
        assert_eq!(at("/a/b"), cwd.join("a/b"), "an absolute path that exists only in the folder");
        assert_eq!(at("/etc"), PathBuf::from("/etc"));
        assert_eq!(at("~"), std::env::home_dir().unwrap());
        assert_eq!(at("~/nothing-of-this-name"), std::env::home_dir().unwrap().join("nothing-of-this-name"));
        assert_eq!(at("~nobody"), cwd.join("~nobody"));
        assert_eq!(at("/proc/self/root/etc"), PathBuf::from("/etc"));
    }

    #[test]
    fn a_link_out_of_the_folder_is_declared_as_what_it_leads_to() {
        let (_keep, cwd) = folder();
        let (_other, outside) = folder();
        symlink(&outside, cwd.join("inside")).unwrap();
        symlink(outside.join("key"), cwd.join("notes.txt")).unwrap();
        assert_eq!(resolve("inside/new", &cwd).unwrap(), outside.join("new"));
        assert_eq!(resolve("notes.txt", &cwd).unwrap(), outside.join("key"));
    }

    #[test]
    fn circles_nul_emptiness_and_endless_paths_are_refused_with_the_reason() {
        let (_keep, cwd) = folder();
        symlink("b", cwd.join("a")).unwrap();
        symlink("a", cwd.join("b")).unwrap();
        let why = |raw: &str| resolve(raw, &cwd).unwrap_err().to_string();
        assert!(why("a").contains("circle"));
        assert!(why("x\0y").contains("NUL"));
        assert!(why("  \n").contains("empty"));
        assert!(why(&"x/".repeat(5000)).contains("longer"));
    }

    proptest! {
        #[test]
        fn the_result_is_absolute_clean_and_stays(raw in "[a-c./ ~]{1,24}|\\PC{1,24}") {
            let (_keep, cwd) = folder();
            fs::create_dir(cwd.join("a")).unwrap();
            symlink("../..", cwd.join("b")).unwrap();
            if let Ok(path) = resolve(&raw, &cwd) {
                prop_assert!(path.is_absolute());
                prop_assert!(path.components().all(|c| matches!(c, Component::RootDir | Component::Normal(_))));
                prop_assert_eq!(follow(&path).unwrap(), path.clone(), "no link is left in it");
                if path.exists() {
                    prop_assert_eq!(path.canonicalize().unwrap(), path);
                }
            }
        }
    }
}

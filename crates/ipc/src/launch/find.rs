//! Finds the program `jamey-runtime`.

#[cfg(not(windows))]
use std::fs::canonicalize;
use std::{
    io,
    path::{Path, PathBuf},
};

// The system's own begin with `\\?\`, which Task Scheduler and people do not understand.
#[cfg(windows)]
use dunce::canonicalize;

use jamey_protocol::{ApiError, ErrorCode};

/// Looks beside our own executable, then on PATH. Entries of PATH that are not absolute are passed
/// over: the working folder must not decide what runs.
///
/// # Errors
/// `Unreachable` when it is in neither place.
pub fn find_runtime() -> Result<PathBuf, ApiError> {
    let own = std::env::current_exe().and_then(canonicalize).ok();
    let path = std::env::var_os("PATH").unwrap_or_default();
    find(own.as_deref().and_then(Path::parent), std::env::split_paths(&path)).ok_or_else(|| {
        ApiError::new(ErrorCode::Unreachable, "the program jamey-runtime is neither beside jamey nor on PATH")
            .hint("reinstall Jamey, or put jamey-runtime beside jamey")
    })
}

/// This very program, named as other programs understand it.
///
/// # Errors
/// When the system does not tell.
pub fn own_program() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    #[cfg(windows)]
    let program = dunce::simplified(&program).to_owned();
    Ok(program)
}

fn find(own: Option<&Path>, path: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let name = format!("jamey-runtime{}", std::env::consts::EXE_SUFFIX);
    own.map(Path::to_owned)
        .into_iter()
        .chain(path.filter(|folder| folder.is_absolute()))
        .map(|folder| folder.join(&name))
        .find(|program| program.is_file())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_one_beside_us_comes_first_and_the_working_folder_never() {
        let (beside, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = || [PathBuf::from("."), PathBuf::new(), elsewhere.path().to_owned()].into_iter();
        assert_eq!(find(Some(beside.path()), path()), None);
        let there = elsewhere.path().join("jamey-runtime");
        std::fs::write(&there, "").unwrap();
        assert_eq!(find(Some(beside.path()), path()), Some(there));
        let ours = beside.path().join("jamey-runtime");
        std::fs::write(&ours, "").unwrap();
        assert_eq!(find(Some(beside.path()), path()), Some(ours));
    }
}

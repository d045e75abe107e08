//! Folders that only their owner may enter.

use std::{io, path::Path};

use jamey_protocol::{ApiError, ErrorCode};

/// Makes `folder` with mode 0700, or checks the one that is there.
///
/// # Errors
/// `Config` when it cannot be made, or when what is there is a symbolic link, belongs to another
/// user, or is open to others.
pub fn create_private(folder: &Path) -> Result<(), ApiError> {
    match make(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(cannot_make(folder, &error)),
    }
    match private_fault(folder) {
        None => Ok(()),
        Some((fault, hint)) => Err(ApiError::new(ErrorCode::Config, fault).hint(hint)),
    }
}

/// Makes `folder` and what leads to it, closed to others; what is there stays as it is.
pub(crate) fn create_with_parents(folder: &Path) -> Result<(), ApiError> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder).map_err(|error| cannot_make(folder, &error))
}

fn cannot_make(folder: &Path, error: &io::Error) -> ApiError {
    ApiError::new(ErrorCode::Config, format!("the folder {} cannot be made: {error}", folder.display()))
        .hint("make it yourself, or set JAMEY_HOME to a folder that you may write to")
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder)
}

/// Says what makes `folder` unfit to be trusted, and what to do about it; nothing if it is fit.
#[cfg(unix)]
#[must_use]
pub fn private_fault(folder: &Path) -> Option<(String, String)> {
    use std::os::unix::fs::MetadataExt;
    let name = folder.display();
    let remove = format!("look at it, then remove it: rm -r '{name}'");
    let meta = match std::fs::symlink_metadata(folder) {
        Ok(meta) => meta,
        Err(error) => return Some((format!("the folder {name} cannot be read: {error}"), remove)),
    };
    if meta.file_type().is_symlink() {
        return Some((format!("{name} is a symbolic link, which could lead anywhere"), remove));
    }
    if !meta.is_dir() {
        return Some((format!("{name} is not a folder"), remove));
    }
    let us = rustix::process::geteuid().as_raw();
    if meta.uid() != us {
        let fault = format!("the folder {name} belongs to user {}, not to you (user {us})", meta.uid());
        return Some((
            fault,
            "have its owner remove it, or set JAMEY_HOME to a folder of your own".to_owned(),
        ));
    }
    if meta.mode() & 0o077 != 0 {
        let fault = format!("the folder {name} is open to other users (mode {:o})", meta.mode() & 0o7777);
        return Some((fault, format!("close it: chmod 700 '{name}'")));
    }
    None
}

/// Says what makes `folder` unfit to be trusted. Outside Unix the profile's own access list guards
/// it, so only its being a real folder is checked.
#[cfg(not(unix))]
#[must_use]
pub fn private_fault(folder: &Path) -> Option<(String, String)> {
    let name = folder.display();
    match std::fs::symlink_metadata(folder) {
        Ok(meta) if meta.is_dir() && !meta.file_type().is_symlink() => None,
        Ok(_) => Some((format!("{name} is not a folder"), "look at it, then remove it".to_owned())),
        Err(error) => {
            Some((format!("the folder {name} cannot be read: {error}"), "look at its permissions".to_owned()))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_new_folder_is_closed_to_others_whatever_the_umask() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("run");
        create_private(&folder).unwrap();
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        create_private(&folder).unwrap();
    }

    #[test]
    fn an_open_folder_a_link_and_a_file_are_refused_with_a_remedy() {
        let temp = tempfile::tempdir().unwrap();
        let open = temp.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
        let link = temp.path().join("link");
        symlink(temp.path(), &link).unwrap();
        let file = temp.path().join("file");
        std::fs::write(&file, "").unwrap();
        for (path, word) in [(open, "open to other users"), (link, "symbolic link"), (file, "not a folder")] {
            let error = create_private(&path).unwrap_err();
            assert_eq!(error.code, ErrorCode::Config);
            assert!(error.message.contains(word), "{error}");
            assert!(error.hint.is_some());
        }
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        if !rustix::process::geteuid().is_root() {
            // Nobody else can give a folder away; the owner of / stands for the other user.
            assert!(private_fault(Path::new("/")).unwrap().0.contains("belongs to user"));
            return;
        }
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("run");
        create_private(&folder).unwrap();
        std::os::unix::fs::chown(&folder, Some(65534), None).unwrap();
        let error = create_private(&folder).unwrap_err();
        assert!(error.message.contains("belongs to user 65534"), "{error}");
    }
}

//! Opens a resolved path for reading: an ordinary file only, without waiting for anything, and only if
//! the open handle really is where the path says.

use std::{
    fs::{self, File, FileType, Metadata},
    io,
    path::{Path, PathBuf},
};

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// There is nothing.
    #[error("no such file")]
    Missing,
    /// It is a folder.
    #[error("is a folder")]
    Folder,
    /// It is a device, pipe or socket, or belongs to a running program.
    #[error("is {0}, not an ordinary file")]
    Special(&'static str),
    /// A link was put in its way after it had been resolved.
    #[error("leads elsewhere now than when this call was allowed. Nothing was read; try again")]
    Moved,
    /// The system said no.
    #[error("cannot be opened: {0}")]
    Io(io::Error),
}

/// Opens `path`, which has to be absolute and free of links.
pub(super) fn open(path: &Path) -> Result<(File, Metadata), OpenError> {
    // Before opening: even that can have effects on a device.
    regular(&fs::symlink_metadata(path).map_err(from_io)?)?;
    if belongs_to_a_program(path) {
        return Err(OpenError::Special("a view into a running program"));
    }
    let file = open_now(path).map_err(from_io)?;
    let found = file.metadata().map_err(OpenError::Io)?;
    regular(&found)?;
    match place(&file) {
        Ok(place) if same(&place, path) => Ok((file, found)),
        Ok(_) => Err(OpenError::Moved),
        Err(error) => Err(OpenError::Io(error)),
    }
}

fn from_io(error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => OpenError::Missing,
        #[cfg(unix)]
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => OpenError::Moved,
        _ => OpenError::Io(error),
    }
}

fn regular(found: &Metadata) -> Result<(), OpenError> {
    let kind = found.file_type();
    if kind.is_file() {
        Ok(())
    } else if kind.is_dir() {
        Err(OpenError::Folder)
    } else if kind.is_symlink() {
        Err(OpenError::Moved)
    } else {
        Err(OpenError::Special(special(kind)))
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> &'static str {
    "a device"
}

/// `/proc/<number>/…` shows the memory and the environment, and with it the keys, of programs.
fn belongs_to_a_program(path: &Path) -> bool {
    cfg!(target_os = "linux")
        && path.strip_prefix("/proc").is_ok_and(|rest| {
            let first = rest.components().next().and_then(|part| part.as_os_str().to_str());
            first.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

#[cfg(unix)]
fn open_now(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    // NONBLOCK: a pipe put here a moment ago must not make us wait for its writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_now(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Tells where an open handle is.
#[cfg(target_os = "linux")]
pub(super) fn place(handle: impl std::os::fd::AsFd) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd;
    fs::read_link(format!("/proc/self/fd/{}", handle.as_fd().as_raw_fd()))
}

#[cfg(target_vendor = "apple")]
pub(super) fn place(handle: impl std::os::fd::AsFd) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let path = rustix::fs::getpath(handle)?;
    Ok(std::ffi::OsString::from_vec(path.into_bytes()).into())
}

/// Elsewhere only the path itself can be asked again.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) fn place<T>(_handle: &T) -> io::Result<PathBuf> {
    Ok(PathBuf::new())
}

/// Tells whether the `place` of a handle is the `path` that was meant.
pub(super) fn same(place: &Path, path: &Path) -> bool {
    if cfg!(not(any(target_os = "linux", target_vendor = "apple"))) {
        return fs::canonicalize(path).is_ok_and(|now| plain(&now) == plain(path));
    }
    // The disks of Macs keep the case of names and do not tell them apart by it.
    place == path || cfg!(target_vendor = "apple") && plain(place) == plain(path)
}

fn plain(path: &Path) -> String {
    let text = path.to_string_lossy().to_lowercase();
    text.strip_prefix(r"\\?\").unwrap_or(&text).to_owned()
}

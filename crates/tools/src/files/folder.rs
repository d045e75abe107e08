//! A folder that is open and known to be where it should be: files are made and replaced relative to
//! the handle, so that nobody can swap the way there.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
};

/// How a file is put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replace {
    /// Only if nothing is there yet.
    Never,
    /// Whatever is there.
    Always,
}

/// Writes the pieces as `path`, which is absolute and free of links: a new file next to it, on the disk,
/// then in its place at once. Parents are made. The mode of `like` is kept.
pub(super) fn put(
    path: &Path,
    pieces: &[&[u8]],
    like: Option<&std::fs::Metadata>,
    replace: Replace,
) -> io::Result<()> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::other("this is no place for a file"));
    };
    let folder = Folder::make(parent)?;
    let mut hidden = std::ffi::OsString::from(format!(".jamey-{}-", std::process::id()));
    hidden.push(unique().to_string());
    let write = |mut file: File| {
        pieces.iter().try_for_each(|piece| file.write_all(piece))?;
        if let Some(like) = like {
            keep_mode(&file, like)?;
        }
        file.sync_all()
    };
    let hidden = Path::new(&hidden);
    let done =
        folder.create(hidden).and_then(write).and_then(|()| folder.rename(hidden, name.as_ref(), replace));
    if done.is_err() {
        folder.remove(hidden);
    }
    done
}

fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn moved() -> io::Error {
    io::Error::other(
        "the folder leads elsewhere now than when this call was allowed. Nothing was written; try again",
    )
}

#[cfg(unix)]
fn keep_mode(file: &File, like: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if let Ok(own) = file.metadata()
        && (own.uid(), own.gid()) != (like.uid(), like.gid())
    {
        // Only root can give files away; for everybody else the file becomes theirs.
        let _ = std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid()));
    }
    file.set_permissions(like.permissions())
}

#[cfg(not(unix))]
fn keep_mode(_file: &File, _like: &std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
struct Folder {
    handle: std::os::fd::OwnedFd,
}

#[cfg(unix)]
impl Folder {
    /// Opens `path`, making what is missing of it, one part after the other and never through a link.
    fn make(path: &Path) -> io::Result<Self> {
        use rustix::fs::{Mode, OFlags, mkdirat, open, openat};

        use super::open::{place, same};
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut missing = Vec::new();
        let mut there = path;
        let mut handle = loop {
            match open(there, flags, Mode::empty()) {
                Ok(handle) => break handle,
                Err(rustix::io::Errno::NOENT) => match (there.parent(), there.file_name()) {
                    (Some(parent), Some(name)) => {
                        missing.push(name);
                        there = parent;
                    }
                    _ => return Err(io::ErrorKind::NotFound.into()),
                },
                Err(rustix::io::Errno::LOOP) => return Err(moved()),
                Err(error) => return Err(error.into()),
            }
        };
        if !same(&place(&handle)?, there) {
            return Err(moved());
        }
        while let Some(name) = missing.pop() {
            match mkdirat(&handle, name, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            handle = openat(&handle, name, flags, Mode::empty())?;
        }
        if same(&place(&handle)?, path) { Ok(Self { handle }) } else { Err(moved()) }
    }

    fn create(&self, name: &Path) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.handle, name, flags, Mode::from_raw_mode(0o666))?.into())
    }

    fn rename(&self, from: &Path, to: &Path, replace: Replace) -> io::Result<()> {
        match replace {
            Replace::Always => rustix::fs::renameat(&self.handle, from, &self.handle, to)?,
            Replace::Never => self.rename_to_nothing(from, to)?,
        }
        rustix::fs::fsync(&self.handle).or_else(|error| match error {
            // Some network folders cannot.
            rustix::io::Errno::INVAL | rustix::io::Errno::NOTSUP => Ok(()),
            other => Err(other.into()),
        })
    }

    fn rename_to_nothing(&self, from: &Path, to: &Path) -> io::Result<()> {
        use rustix::io::Errno;
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            match renameat_with(&self.handle, from, &self.handle, to, RenameFlags::NOREPLACE) {
                // Not every file system can; then the two steps below have to do.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                other => return Ok(other?),
            }
        }
        let nofollow = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
        match rustix::fs::statat(&self.handle, to, nofollow) {
            Err(Errno::NOENT) => Ok(rustix::fs::renameat(&self.handle, from, &self.handle, to)?),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) => Err(error.into()),
        }
    }

    fn remove(&self, name: &Path) {
        let _ = rustix::fs::unlinkat(&self.handle, name, rustix::fs::AtFlags::empty());
    }
}

#[cfg(not(unix))]
struct Folder {
    path: std::path::PathBuf,
}

#[cfg(not(unix))]
impl Folder {
    fn make(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        if super::open::same(Path::new(""), path) { Ok(Self { path: path.to_owned() }) } else { Err(moved()) }
    }

    fn create(&self, name: &Path) -> io::Result<File> {
        File::options().write(true).create_new(true).open(self.path.join(name))
    }

    fn rename(&self, from: &Path, to: &Path, replace: Replace) -> io::Result<()> {
        let (from, to) = (self.path.join(from), self.path.join(to));
        if replace == Replace::Never && std::fs::symlink_metadata(&to).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        std::fs::rename(from, to)
    }

    fn remove(&self, name: &Path) {
        let _ = std::fs::remove_file(self.path.join(name));
    }
}

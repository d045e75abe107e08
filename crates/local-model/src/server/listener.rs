//! The local socket: a Unix socket for its owner alone, or a named pipe on Windows.

use std::path::Path;

use crate::error::StartError;

#[cfg(unix)]
pub use self::unix::{Listener, listen};
#[cfg(windows)]
pub use self::windows::{Listener, listen};

fn refused(path: &Path, problem: &std::io::Error) -> StartError {
    StartError::Socket { path: path.display().to_string(), problem: problem.to_string() }
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    use std::os::unix::net::UnixStream;
    use std::path::{Path, PathBuf};

    use tokio::net::UnixListener;

    use super::refused;
    use crate::error::StartError;

    /// A bound socket; its file goes when this is dropped, if it is still this one.
    #[derive(Debug)]
    pub struct Listener {
        inner: UnixListener,
        path: PathBuf,
        inode: u64,
    }

    /// Binds a socket at `path` that only the owner can reach. A socket that nobody answers is replaced.
    pub fn listen(path: &Path) -> Result<Listener, StartError> {
        let stale = fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_socket());
        if stale {
            if UnixStream::connect(path).is_ok() {
                return Err(refused(path, &std::io::ErrorKind::AddrInUse.into()));
            }
            fs::remove_file(path).map_err(|e| refused(path, &e))?;
        }
        // The mask makes the file private from its first moment; nothing else of this process is a public file.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
        let inner = UnixListener::bind(path).map_err(|e| refused(path, &e))?;
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(path, private).map_err(|e| refused(path, &e))?;
        let inode = fs::symlink_metadata(path).map_err(|e| refused(path, &e))?.ino();
        Ok(Listener { inner, path: path.to_owned(), inode })
    }

    impl axum::serve::Listener for Listener {
        type Io = tokio::net::UnixStream;
        type Addr = ();

        async fn accept(&mut self) -> (Self::Io, Self::Addr) {
            let (io, _) = axum::serve::Listener::accept(&mut self.inner).await;
            (io, ())
        }

        fn local_addr(&self) -> std::io::Result<Self::Addr> {
            Ok(())
        }
    }

    impl Drop for Listener {
        fn drop(&mut self) {
            // A successor may have put its own socket there already.
            if fs::symlink_metadata(&self.path).is_ok_and(|about| about.ino() == self.inode) {
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::os::unix::fs::PermissionsExt;

        #[tokio::test]
        async fn the_socket_is_private_and_goes_with_its_owner() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("s");
            let listener = listen(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert!(matches!(listen(&path), Err(StartError::Socket { .. })));
            drop(listener);
            assert!(!path.exists());
        }

        #[tokio::test]
        async fn a_socket_that_nobody_answers_is_replaced() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("s");
            drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
            assert!(listen(&path).is_ok());
        }

        #[tokio::test]
        async fn an_ordinary_file_is_left_alone() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("s");
            fs::write(&path, "precious").unwrap();
            assert!(listen(&path).is_err());
            assert_eq!(fs::read(&path).unwrap(), b"precious");
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::path::Path;
    use std::time::Duration;

    use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};

    use super::refused;
    use crate::error::StartError;

    /// A named pipe, with one instance waiting for the next client at all times.
    #[derive(Debug)]
    pub struct Listener {
        name: std::ffi::OsString,
        next: NamedPipeServer,
    }

    /// Creates the pipe `path` (`\\.\pipe\…`) for clients on this computer; a pipe of that name must not exist yet.
    pub fn listen(path: &Path) -> Result<Listener, StartError> {
        let name = path.as_os_str().to_owned();
        let next = ServerOptions::new()
            .first_pipe_instance(true)
            .reject_remote_clients(true)
            .create(&name)
            .map_err(|e| refused(path, &e))?;
        Ok(Listener { name, next })
    }

    impl Listener {
        fn another(&self) -> std::io::Result<NamedPipeServer> {
            ServerOptions::new().reject_remote_clients(true).create(&self.name)
        }
    }

    impl axum::serve::Listener for Listener {
        type Io = NamedPipeServer;
        type Addr = ();

        async fn accept(&mut self) -> (Self::Io, Self::Addr) {
            loop {
                let connected = self.next.connect().await;
                // The next instance exists before this one is handed out, so that no client finds no pipe.
                match self.another() {
                    Ok(fresh) => {
                        let client = std::mem::replace(&mut self.next, fresh);
                        if connected.is_ok() {
                            return (client, ());
                        }
                    }
                    Err(problem) => {
                        eprintln!("local-model: cannot open another pipe: {problem}");
                        let _ = self.next.disconnect();
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                }
            }
        }

        fn local_addr(&self) -> std::io::Result<Self::Addr> {
            Ok(())
        }
    }
}

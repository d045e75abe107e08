//! The Unix socket.

use std::{
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use jamey_protocol::{ApiError, ErrorCode};
use tokio::net::UnixListener;

use super::{passed::Passed, refused::Refused};
use crate::{Folders, instance::Lock, peer::Peer};

/// A connection; both ends have it.
pub type Stream = tokio::net::UnixStream;

/// The runtime's end of the local socket. Dropping it removes the socket, unless systemd made it.
#[derive(Debug)]
pub struct Listener {
    inner: UnixListener,
    path: PathBuf,
    /// Device and inode of our socket, so that another runtime's is never removed. None for one that
    /// systemd made and goes on listening at.
    identity: Option<(u64, u64)>,
    refused: Refused,
}

impl Listener {
    /// Opens the socket with mode 0600, or takes the one that was passed on, which must be just as
    /// closed and in the same place. A socket that a killed runtime left is replaced: only the holder of
    /// the lock gets here, so it is stale by definition.
    ///
    /// # Errors
    /// `Config` or `Storage` when the folder is unfit or the socket cannot be made.
    pub fn bind(folders: &Folders, _lock: &Lock, passed: Passed) -> Result<Self, ApiError> {
        folders.prepare_run_dir()?;
        let path = folders.socket();
        if let Some(listener) = passed.0 {
            return Self::adopt(listener, &path).map_err(|error| {
                ApiError::new(
                    ErrorCode::Config,
                    format!("the socket that systemd passed on is unfit: {error}"),
                )
                .hint("install the service again: jamey runtime install")
            });
        }
        Self::open(&path).map_err(|error| {
            let message = format!("the socket {} cannot be opened: {error}", path.display());
            ApiError::new(ErrorCode::Storage, message)
                .hint("look at the folder's permissions and its disk, or set JAMEY_HOME to a folder that you may write to")
        })
    }

    /// Takes a socket that somebody else opened for us, after the checks that ours passes by the way it
    /// is made: it lies where clients dial, is ours, and nobody else may connect.
    fn adopt(listener: std::os::unix::net::UnixListener, path: &Path) -> io::Result<Self> {
        let unfit = |why: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        let address = listener.local_addr()?;
        if address.as_pathname() != Some(path) {
            return unfit(format!("it is {address:?}, not {}", path.display()));
        }
        let meta = std::fs::symlink_metadata(path)?;
        let us = rustix::process::geteuid().as_raw();
        if meta.uid() != us {
            return unfit(format!("it belongs to user {}, not to user {us}", meta.uid()));
        }
        if meta.mode() & 0o077 != 0 {
            return unfit(format!("others may connect to it (mode {:o})", meta.mode() & 0o7777));
        }
        // macOS does not tell; there the first accept would.
        #[cfg(not(target_vendor = "apple"))]
        if !rustix::net::sockopt::socket_acceptconn(&listener)? {
            return unfit("it does not listen".to_owned());
        }
        listener.set_nonblocking(true)?;
        let inner = UnixListener::from_std(listener)?;
        Ok(Self { inner, path: path.to_owned(), identity: None, refused: Refused::default() })
    }

    /// Binds under a second name and renames, so that the socket never has a loose mode under its
    /// own name and there is no instant without one.
    fn open(path: &Path) -> io::Result<Self> {
        let fresh = path.with_extension("sock.new");
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let inner = UnixListener::bind(&fresh)?;
        std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600))?;
        std::fs::rename(&fresh, path)?;
        let identity = Some(identity(path)?);
        Ok(Self { inner, path: path.to_owned(), identity, refused: Refused::default() })
    }

    /// Waits for the next connection of a peer that may speak. Others are dropped unread, noted
    /// in the log and counted. Passing troubles (no descriptors left) are waited out.
    pub async fn accept(&mut self) -> (Stream, Peer) {
        loop {
            match self.inner.accept().await {
                Ok((stream, _)) => {
                    let peer = peer_of(&stream);
                    if self.refused.admits(peer, &self.path) {
                        return (stream, peer);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => Refused::trouble(&error).await,
            }
        }
    }

    /// How many connections were refused since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.count()
    }

    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How to tell later whether this socket can still be found.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { path: self.path.clone(), identity: self.identity.or_else(|| identity(&self.path).ok()) }
    }
}

/// How a listening socket is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Mark {
    /// Says why clients no longer find the socket; nothing when it is where it was.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let shown = self.path.display();
        match identity(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some(format!("the socket {shown} was removed"))
            }
            Err(error) => Some(format!("the socket {shown} cannot be looked at: {error}")),
            Ok(found) if Some(found) != self.identity => {
                Some(format!("something else lies in the place of the socket {shown}"))
            }
            Ok(_) => None,
        }
    }

    /// Dials the socket, and says why that failed.
    pub async fn silence(&self) -> Option<String> {
        let error = dial(&self.path).await.err()?;
        Some(format!("the socket {} cannot be dialled: {error}", self.path.display()))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if self.identity.is_some() && identity(&self.path).ok() == self.identity {
            // Nothing can be done about a failure here; the next start replaces the socket.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let meta = std::fs::symlink_metadata(path)?;
    Ok((meta.dev(), meta.ino()))
}

fn peer_of(stream: &Stream) -> Peer {
    match stream.peer_cred() {
        Ok(cred) => Peer { uid: Some(cred.uid()), pid: cred.pid().and_then(|pid| pid.try_into().ok()) },
        Err(_) => Peer { uid: None, pid: None },
    }
}

/// Connects to the runtime, which must be ours.
///
/// # Errors
/// The system's error when nobody listens; `PermissionDenied` when another user does.
pub async fn dial(path: &Path) -> io::Result<Stream> {
    let stream = Stream::connect(path).await?;
    let ours = rustix::process::geteuid().as_raw();
    match stream.peer_cred()?.uid() {
        uid if uid == ours => Ok(stream),
        uid => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("the socket {} is served by user {uid}, not by you", path.display()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn bound(temp: &Path) -> (Folders, Lock, Listener) {
        let folders = Folders::under(temp);
        let lock = Lock::acquire(&folders).unwrap();
        let listener = Listener::bind(&folders, &lock, Passed::default()).unwrap();
        (folders, lock, listener)
    }

    #[tokio::test]
    async fn a_client_of_the_same_user_gets_through_and_the_socket_is_its_owners_alone() {
        let temp = tempfile::tempdir().unwrap();
        let (folders, _lock, mut listener) = bound(temp.path());
        let mode = std::fs::metadata(folders.socket()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut client = dial(&folders.socket()).await.unwrap();
        let (mut stream, peer) = listener.accept().await;
        assert_eq!(peer.pid, Some(std::process::id()));
        client.write_all(b"x").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        assert_eq!(listener.refused(), 0);
    }

    #[tokio::test]
    async fn a_socket_left_by_a_killed_runtime_is_replaced_and_a_closed_one_is_removed() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        folders.prepare_run_dir().unwrap();
        // A std listener does not remove its socket, as a killed process would not.
        drop(std::os::unix::net::UnixListener::bind(folders.socket()).unwrap());
        // A child that another test starts in this moment holds it too, until its program begins.
        let nobody = async {
            while dial(&folders.socket()).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), nobody).await.expect("a socket that nobody listens at");
        let (folders, _lock, listener) = bound(temp.path());
        dial(&folders.socket()).await.unwrap();
        drop(listener);
        assert!(!folders.socket().exists());
    }

    #[tokio::test]
    async fn a_socket_that_was_removed_or_replaced_is_noticed() {
        let temp = tempfile::tempdir().unwrap();
        let (folders, _lock, listener) = bound(temp.path());
        let mark = listener.mark();
        assert_eq!((mark.fault(), mark.silence().await), (None, None));
        std::fs::remove_file(folders.socket()).unwrap();
        assert!(mark.fault().unwrap().contains("was removed"));
        assert!(mark.silence().await.is_some());
        let other = std::os::unix::net::UnixListener::bind(folders.socket()).unwrap();
        assert!(mark.fault().unwrap().contains("something else"));
        drop(other);
    }

    #[tokio::test]
    async fn a_closing_listener_leaves_the_socket_of_its_successor() {
        let temp = tempfile::tempdir().unwrap();
        let (folders, _lock, old) = bound(temp.path());
        let new = Listener::open(&folders.socket()).unwrap();
        drop(old);
        dial(&folders.socket()).await.unwrap();
        drop(new);
    }

    #[tokio::test]
    async fn a_socket_that_was_passed_on_is_held_to_the_same_rules_and_stays() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let lock = Lock::acquire(&folders).unwrap();
        let path = folders.socket();
        let chmod = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let passed = std::os::unix::net::UnixListener::bind(&path).unwrap();
        chmod(&path, 0o660);
        let again = passed.try_clone().unwrap();
        let error = Listener::bind(&folders, &lock, Passed(Some(again))).unwrap_err();
        assert_eq!(error.code, ErrorCode::Config);
        assert!(error.message.contains("others may connect"), "{error}");
        chmod(&path, 0o600);
        let elsewhere = std::os::unix::net::UnixListener::bind(temp.path().join("other")).unwrap();
        let error = Listener::bind(&folders, &lock, Passed(Some(elsewhere))).unwrap_err();
        assert!(error.message.contains("other"), "{error}");
        let mut listener = Listener::bind(&folders, &lock, Passed(Some(passed))).unwrap();
        let _client = dial(&path).await.unwrap();
        assert_eq!(listener.accept().await.1.pid, Some(std::process::id()));
        drop(listener);
        assert!(path.exists(), "systemd goes on listening there");
    }

    /// A child of ours stands for a tool that wants to approve its own call.
    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_process_that_we_started_gets_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let (folders, _lock, mut listener) = bound(temp.path());
        let script = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                      try:\n s.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n')\n print(len(s.recv(100)))\n\
                      except OSError:\n print(0)";
        let child = tokio::task::spawn_blocking({
            let socket = folders.socket();
            move || std::process::Command::new("python3").args(["-c", script]).arg(socket).output().unwrap()
        });
        let accepting = tokio::spawn(async move {
            tokio::select! {
                (_, peer) = listener.accept() => Err(peer),
                output = child => Ok((output.unwrap(), listener.refused())),
            }
        });
        let (output, refused) = accepting.await.unwrap().expect("the child was let in");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "0");
        assert_eq!(refused, 1);
    }
}

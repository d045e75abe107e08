//! The listening socket that systemd made before it started us.

use std::{io, os::unix::net::UnixListener};

/// A socket that was passed on, if one was. Elsewhere than on Linux there never is one.
#[derive(Debug, Default)]
pub struct Passed(pub(super) Option<UnixListener>);

impl Passed {
    /// Takes the socket that this process was started with. To be called first in `main`, while there
    /// is one thread, and before inherited descriptors are closed.
    ///
    /// # Errors
    /// When something was passed on that is no socket of this kind.
    pub fn take() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            let mut passed = listenfd::ListenFd::from_env();
            if passed.len() > 1 {
                return Err(io::Error::other(format!("{} sockets were passed on, not one", passed.len())));
            }
            Ok(Self(passed.take_unix_listener(0)?))
        }
        #[cfg(not(target_os = "linux"))]
        Ok(Self(None))
    }

    /// The same socket once more, for a runtime that begins anew within its process.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn again(&self) -> io::Result<Self> {
        Ok(Self(self.0.as_ref().map(UnixListener::try_clone).transpose()?))
    }
}

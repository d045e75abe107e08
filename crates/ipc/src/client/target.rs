//! Where a client dials.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use jamey_protocol::{ApiError, ErrorCode};

use crate::Folders;

/// What stands before the name of a local socket.
const LOCAL: &str = if cfg!(windows) { "pipe:" } else { "unix:" };

#[derive(Clone)]
pub(super) enum Target {
    /// The socket or the pipe.
    Local(PathBuf),
    /// The loopback API. The token goes to this machine only.
    Loopback { address: SocketAddr, token: Option<String> },
}

impl Target {
    pub(super) fn parse(url: &str, folders: &Folders) -> Result<Self, ApiError> {
        if let Some(path) = url.strip_prefix(LOCAL) {
            let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
            return if path.is_absolute() { Ok(Self::Local(path)) } else { Err(wrong(url)) };
        }
        let rest = url.strip_prefix("http://").ok_or_else(|| wrong(url))?;
        let place = rest.strip_suffix('/').unwrap_or(rest);
        let address = match place.strip_prefix("localhost:") {
            Some(port) => {
                SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.parse().map_err(|_| wrong(url))?)
            }
            None => place.parse().map_err(|_| wrong(url))?,
        };
        if !address.ip().is_loopback() {
            return Err(wrong(url));
        }
        Ok(Self::loopback(address, folders))
    }

    pub(super) fn loopback(address: SocketAddr, folders: &Folders) -> Self {
        let token = std::fs::read_to_string(folders.token()).ok().map(|token| token.trim().to_owned());
        Self::Loopback { address, token }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{LOCAL}{}", path.display()),
            Self::Loopback { address, .. } => write!(f, "http://{address}"),
        }
    }
}

/// Never shows the token.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn wrong(url: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("\"{url}\" is no address of a runtime on this machine"))
        .hint(if cfg!(windows) {
            r"give http://127.0.0.1:PORT or pipe:\\.\pipe\NAME"
        } else {
            "give http://127.0.0.1:PORT or unix:/absolute/path; to another machine use a tunnel: ssh -L"
        })
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    fn parse(url: &str) -> Result<String, ErrorCode> {
        let folders = Folders::under(Path::new("/nowhere"));
        Target::parse(url, &folders).map(|target| target.to_string()).map_err(|error| error.code)
    }

    #[test]
    fn local_addresses_are_understood_in_their_usual_spellings() {
        for (url, target) in [
            ("unix:/run/x.sock", "unix:/run/x.sock"),
            ("unix:///run/x.sock", "unix:/run/x.sock"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
            ("http://localhost:80", "http://127.0.0.1:80"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(parse(url).as_deref(), Ok(target));
        }
    }

    #[test]
    fn the_token_never_leaves_the_machine() {
        for url in [
            "http://example.com:3000",
            "http://10.0.0.1:3000",
            "https://127.0.0.1:3000",
            "http://127.0.0.1:3000@evil.com:80",
            "http://localhost:80.evil.com",
            "unix:relative",
            "",
        ] {
            assert_eq!(parse(url), Err(ErrorCode::BadRequest), "{url}");
        }
    }

    #[test]
    fn the_token_is_never_printed() {
        let target = Target::Loopback {
            address: SocketAddr::from(([127, 0, 0, 1], 3000)),
            token: Some("canary".to_owned()),
        };
        assert!(!format!("{target:?} {target}").contains("canary"));
    }
}

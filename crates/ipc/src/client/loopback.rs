//! Finds the loopback API when the socket is out of reach (a sandbox that hides the run folder).
//!
//! The token is sent only where our own runtime listens: it must be alive (its lock is held), its
//! configuration must open the port, and on Linux the port must belong to our user.

use std::net::SocketAddr;

use super::target::Target;
use crate::{Folders, instance::Lock};

/// More than any sensible configuration.
const LARGEST_CONFIG: u64 = 1 << 20;

pub(super) fn discover(folders: &Folders) -> Option<Target> {
    let address = api_address(folders)?;
    Lock::holder(folders)?;
    (address.ip().is_loopback() && port_is_ours(address)).then(|| Target::loopback(address, folders))
}

/// Tells where the configuration opens the loopback API; nothing if it does not, or if the file
/// cannot be understood.
#[must_use]
pub fn api_address(folders: &Folders) -> Option<SocketAddr> {
    let path = folders.runtime_toml();
    if std::fs::metadata(&path).ok()?.len() > LARGEST_CONFIG {
        return None;
    }
    parse_address(&std::fs::read_to_string(path).ok()?)
}

fn parse_address(toml: &str) -> Option<SocketAddr> {
    let toml = toml.strip_prefix('\u{feff}').unwrap_or(toml).parse::<toml_edit::DocumentMut>().ok()?;
    let api = toml.get("api")?;
    if !api.get("enabled")?.as_bool()? {
        return None;
    }
    let host = api.get("host").and_then(toml_edit::Item::as_str).unwrap_or("127.0.0.1");
    let port = api.get("port").and_then(toml_edit::Item::as_integer).unwrap_or(3000);
    Some(SocketAddr::new(host.parse().ok()?, u16::try_from(port).ok()?))
}

#[cfg(target_os = "linux")]
fn port_is_ours(address: SocketAddr) -> bool {
    let table = if address.is_ipv4() { "/proc/net/tcp" } else { "/proc/net/tcp6" };
    let us = rustix::process::geteuid().as_raw();
    std::fs::read_to_string(table).is_ok_and(|table| listens(&table, address.port(), us))
}

#[cfg(not(target_os = "linux"))]
fn port_is_ours(_address: SocketAddr) -> bool {
    true
}

/// Tells whether every listener on `port` in a table of the kernel belongs to `user`, and there is
/// one. Columns: number, local address:port, remote, state (0A listens), …, user in the eighth.
#[cfg(target_os = "linux")]
fn listens(table: &str, port: u16, user: u32) -> bool {
    let mut owners = table.lines().skip(1).filter_map(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let local = columns.get(1)?.rsplit_once(':')?.1;
        (u16::from_str_radix(local, 16).ok()? == port && *columns.get(3)? == "0A")
            .then(|| columns.get(7)?.parse::<u32>().ok())?
    });
    owners.next() == Some(user) && owners.all(|owner| owner == user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_counts_only_when_the_configuration_opens_it() {
        let open = "[api]\nenabled = true\nport = 4000 # mine\n";
        assert_eq!(parse_address(open), Some(SocketAddr::from(([127, 0, 0, 1], 4000))));
        for text in
            ["[api]\nport = 4000", "[api]\nenabled = false", "", "[api\n", "[api]\nenabled=true\nport=70000"]
        {
            assert_eq!(parse_address(text), None, "{text}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_that_another_user_serves_is_not_ours() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert!(port_is_ours(address));
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        assert!(!listens(&table, address.port(), 12345));
        drop(listener);
        assert!(!port_is_ours(address));
    }
}

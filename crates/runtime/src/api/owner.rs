//! Who has a port that we want, and which other one is free.

use std::net::{IpAddr, SocketAddr, TcpListener};

use jamey_protocol::{ApiError, ErrorCode};

/// So many ports behind the wished one are tried.
const NEXT: u16 = 50;

/// Says that a port is taken: by whom, as far as the system tells, and what to do.
#[must_use]
pub fn taken(host: &str, port: u16) -> ApiError {
    let owner = owner(port).unwrap_or_else(|| "another program".to_owned());
    let message = format!("port {port} of {host} is in use by {owner}");
    let hint = match free(host, port) {
        Some(other) => {
            format!(
                "port {other} is free: use --port {other}, or set api.port = {other}; or start with --no-tcp"
            )
        }
        None => {
            "end that program, choose another port with --port or api.port, or start with --no-tcp".into()
        }
    };
    ApiError::new(ErrorCode::Config, message).hint(hint)
}

/// The next port that can be opened now.
fn free(host: &str, port: u16) -> Option<u16> {
    let address: IpAddr = match host.trim_matches(['[', ']']) {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        name => name.parse().ok()?,
    };
    (port..port.saturating_add(NEXT))
        .skip(1)
        .find(|port| TcpListener::bind(SocketAddr::new(address, *port)).is_ok())
}

/// `NAME (process N)`, or whatever less is known.
#[cfg(target_os = "linux")]
fn owner(port: u16) -> Option<String> {
    let (inode, uid) = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| listener(&table, port))?;
    let known = std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let link = format!("socket:[{inode}]");
        let mut open = std::fs::read_dir(entry.path().join("fd")).ok()?.flatten();
        open.any(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.as_os_str() == link.as_str()))
            .then_some(pid)
    });
    // The open files of another user's programs, and of those that closed themselves, cannot be seen.
    Some(match known {
        Some(pid) if pid == std::process::id() => "this very process".to_owned(),
        Some(pid) => {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            format!("{} (process {pid})", name.trim())
        }
        None if uid == rustix::process::geteuid().as_raw() => {
            "a program of yours, perhaps another runtime".to_owned()
        }
        None => format!("a program of user {}", user(uid)),
    })
}

/// Inode and user of the socket that listens at `port`, from the text of `/proc/net/tcp`.
#[cfg(target_os = "linux")]
fn listener(table: &str, port: u16) -> Option<(u64, u32)> {
    table.lines().skip(1).find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let here = words.get(1)?.rsplit(':').next()?;
        let is_it = *words.get(3)? == "0A" && u16::from_str_radix(here, 16).ok()? == port;
        is_it.then_some((words.get(9)?.parse().ok()?, words.get(7)?.parse().ok()?))
    })
}

#[cfg(target_os = "linux")]
fn user(uid: u32) -> String {
    let table = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = table.lines().find_map(|line| {
        let mut words = line.split(':');
        let name = words.next()?;
        (words.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| uid.to_string())
}

/// Asks `lsof`, which macOS brings along. Compiled, not run there.
#[cfg(target_os = "macos")]
fn owner(port: u16) -> Option<String> {
    let output = std::process::Command::new("/usr/sbin/lsof")
        .args(["-nP", &format!("-iTCP:{port}"), "-sTCP:LISTEN", "-Fpc"])
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let of = |mark: char| text.lines().find_map(|line| line.strip_prefix(mark)).map(str::to_owned);
    Some(format!("{} (process {})", of('c')?, of('p')?))
}

/// Asks `netstat`, whose table of listeners ends with the process. Compiled, not run on Windows itself.
#[cfg(windows)]
fn owner(port: u16) -> Option<String> {
    use std::os::windows::process::CommandExt as _;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let output = std::process::Command::new("netstat.exe")
        .args(["-ano", "-p", "TCP"])
        .stdin(std::process::Stdio::null())
        .creation_flags(CREATE_NO_WINDOW)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let end = format!(":{port}");
    let pid = text.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // A listener's peer has port 0; the word for its state is in the system's language.
        let is_it = words.get(1)?.ends_with(&end) && words.get(2)?.ends_with(":0");
        is_it.then(|| words.last().map(|pid| (*pid).to_owned())).flatten()
    })?;
    Some(format!("process {pid}"))
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn owner(_port: u16) -> Option<String> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
   1: 0100007F:0BB9 0100007F:0BB8 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0 0 10 0
   2: broken";

    #[test]
    fn only_a_listening_socket_owns_a_port() {
        assert_eq!(listener(TABLE, 3000), Some((4711, 1000)));
        assert_eq!(listener(TABLE, 3001), None);
        assert_eq!(listener("", 3000), None);
    }

    #[test]
    fn a_port_of_ours_is_found_and_another_is_offered_that_opens() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        assert_eq!(owner(port).as_deref(), Some("this very process"));
        let error = taken("127.0.0.1", port);
        let hint = error.hint.unwrap();
        if let Some(other) = hint.strip_prefix("port ").and_then(|rest| rest.split(' ').next()) {
            assert_ne!(other.parse::<u16>().unwrap(), port);
        }
        assert!(error.message.contains(&port.to_string()));
    }
}

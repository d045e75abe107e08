//! Whether a service manager listens in the runtime's place and would start it for the first caller.

use crate::{Folders, instance::Lock};

/// Tells that no runtime lives here, without waking one up.
#[must_use]
pub fn is_asleep(folders: &Folders) -> bool {
    Lock::holder(folders).is_none() && (Lock::is_free(folders) || is_activatable(folders))
}

/// Tells that somebody listens at the socket though no runtime lives: the first caller would wake one.
#[must_use]
pub fn is_activatable(folders: &Folders) -> bool {
    #[cfg(target_os = "linux")]
    {
        let sockets = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
        Lock::holder(folders).is_none() && listens(&sockets, &folders.socket().to_string_lossy())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folders;
        false
    }
}

/// Looks for a listening socket of this name in the text of `/proc/net/unix`.
#[cfg(target_os = "linux")]
fn listens(sockets: &str, path: &str) -> bool {
    const LISTENS: &str = "00010000";
    sockets.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.nth(3) == Some(LISTENS) && line.strip_suffix(path).is_some_and(|before| before.ends_with(' '))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_listener_of_exactly_this_name_counts() {
        let table = "Num RefCount Protocol Flags Type St Inode Path\n\
            a: 00000002 00000000 00010000 0001 01 4711 /run/user/7/jamey/runtime.sock\n\
            b: 00000003 00000000 00000000 0001 03 4712 /run/connected\n";
        assert!(listens(table, "/run/user/7/jamey/runtime.sock"));
        assert!(!listens(table, "/jamey/runtime.sock"));
        assert!(!listens(table, "/run/connected"));
    }

    #[test]
    fn a_listener_without_a_runtime_is_one_that_can_be_woken() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        folders.prepare_run_dir().unwrap();
        assert!(!is_activatable(&folders) && !is_asleep(&folders));
        let listener = std::os::unix::net::UnixListener::bind(folders.socket()).unwrap();
        assert!(is_activatable(&folders) && is_asleep(&folders));
        let lock = Lock::acquire(&folders).unwrap();
        assert!(!is_activatable(&folders) && !is_asleep(&folders));
        drop((lock, listener));
        assert!(is_asleep(&folders));
    }
}

//! Which account a process belongs to, as the text of its security identifier (SID).

use std::sync::OnceLock;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// The account of this process; it never changes.
pub(crate) fn ours() -> Option<&'static str> {
    static OURS: OnceLock<Option<String>> = OnceLock::new();
    OURS.get_or_init(|| of(std::process::id())).as_deref()
}

/// The account of the process `pid`, if it lives and the system lets us ask.
pub(crate) fn of(pid: u32) -> Option<String> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new().ok()?;
    let user = ProcessRefreshKind::nothing().with_user(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, user);
    let sid = system.process(pid)?.user_id()?.to_string();
    (!sid.is_empty()).then_some(sid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_account_is_known_and_a_process_that_is_not_there_has_none() {
        assert!(ours().unwrap().starts_with("S-1-"));
        assert_eq!(of(std::process::id()).as_deref(), ours());
        assert_eq!(of(u32::MAX - 3), None);
    }
}

//! What this machine has room for.

use std::path::Path;

/// Memory of this machine in bytes, or of the container that it runs in; 0 if the system does not tell.
#[must_use]
pub fn memory_bytes() -> u64 {
    let Ok(mut system) = sysinfo::System::new() else { return 0 };
    system.refresh_memory();
    let total = system.total_memory();
    match system.cgroup_limits() {
        Some(limits) if limits.total_memory > 0 => total.min(limits.total_memory),
        _ => total,
    }
}

/// Bytes that this user can still write where `path` is or would be; `None` if the system does not tell.
#[must_use]
pub fn free_bytes(path: &Path) -> Option<u64> {
    path.ancestors().find(|folder| folder.exists()).and_then(free_on)
}

#[cfg(unix)]
fn free_on(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(not(unix))]
fn free_on(folder: &Path) -> Option<u64> {
    // Not `canonicalize`: its answers begin with `\\?\`, which no mount point does.
    let folder = std::path::absolute(folder).ok()?;
    let disks = sysinfo::Disks::new_with_refreshed_list().ok()?;
    disks
        .iter()
        .filter(|disk| folder.starts_with(disk.mount_point()))
        .max_by_key(|disk| disk.mount_point().as_os_str().len())
        .map(sysinfo::Disk::available_space)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{free_bytes, memory_bytes};

    #[test]
    fn this_machine_has_memory_and_a_disk() {
        assert!(memory_bytes() > 1 << 20);
        let folder = tempfile::tempdir().unwrap();
        assert!(free_bytes(&folder.path().join("not/yet/there")).is_some_and(|free| free > 0));
        assert!(free_bytes(Path::new("")).is_none());
    }
}

//! How much room is left on the disk.

use std::path::Path;

use super::StoreError;

/// What stays free whatever is written anew.
const SPARE: u64 = 16 * 1024 * 1024;

/// Refuses what would fill the disk: `bytes` more must fit beside `file`, and then some.
pub(super) fn check(file: &Path, bytes: u64) -> Result<(), StoreError> {
    // Where the system does not tell, the write itself will.
    match free(file.parent().unwrap_or(file)) {
        Some(free) if free < bytes.saturating_add(SPARE) => Err(StoreError::NoRoom { needed: bytes, free }),
        _ => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn free(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(not(target_os = "linux"))]
fn free(folder: &Path) -> Option<u64> {
    let disks =
        sysinfo::Disks::new_with_refreshed_list_specifics(sysinfo::DiskRefreshKind::nothing().with_storage());
    let disks = disks.ok()?;
    disks
        .iter()
        .filter(|disk| folder.starts_with(disk.mount_point()))
        .max_by_key(|disk| disk.mount_point().components().count())
        .map(sysinfo::Disk::available_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        assert_eq!(check(&file, 1), Ok(()));
        assert!(matches!(check(&file, u64::MAX - SPARE), Err(StoreError::NoRoom { .. })));
    }
}

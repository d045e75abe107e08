//! How often the runtime may begin anew by itself: once an hour, so that a disk that breaks every database
//! is no reason to begin anew for ever. The time of the last one is that of a file, since it must outlive the
//! process.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use jamey_ipc::Folders;

use super::with_files;

const AT_MOST_EVERY: Duration = Duration::from_secs(3600);

fn place(folders: &Folders) -> PathBuf {
    folders.cache.join("begun-anew")
}

/// Whether the last time is long enough ago.
pub(super) async fn may(folders: &Folders) -> bool {
    let place = place(folders);
    let last = with_files(move || std::fs::metadata(place).and_then(|meta| meta.modified()).ok()).await;
    // Files that cannot be looked at are no ground to begin anew.
    last.is_some_and(|last| is_long_ago(last, SystemTime::now()))
}

/// Notes that it happens now.
pub(super) async fn note(folders: &Folders) {
    let place = place(folders);
    let noted = with_files(move || std::fs::write(place, "")).await;
    if !matches!(noted, Some(Ok(()))) {
        tracing::warn!("when the runtime last began anew cannot be noted");
    }
}

/// A time in the future was left by a clock that was wrong, and counts by its distance.
fn is_long_ago(last: Option<SystemTime>, now: SystemTime) -> bool {
    last.is_none_or(|last| {
        let apart = now.duration_since(last).unwrap_or_else(|error| error.duration());
        apart >= AT_MOST_EVERY
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_an_hour_whatever_the_clock_did() {
        let now = SystemTime::now();
        let ago = |seconds| Some(now - Duration::from_secs(seconds));
        assert!(is_long_ago(None, now) && is_long_ago(ago(3600), now));
        assert!(!is_long_ago(ago(0), now) && !is_long_ago(ago(3599), now));
        let ahead = |seconds| Some(now + Duration::from_secs(seconds));
        assert!(!is_long_ago(ahead(60), now) && is_long_ago(ahead(86_400), now));
    }

    #[tokio::test]
    async fn what_was_noted_holds_for_the_next_process() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        folders.create().unwrap();
        assert!(may(&folders).await);
        note(&folders).await;
        assert!(!may(&folders).await);
    }
}

//! Giving memory, and room on the disk, back when nothing happens.
//!
//! A long answer leaves megabytes of freed memory and of cached pages behind, which the allocator and
//! SQLite keep for the next one. A program that waits for weeks should not hold them.

use std::{sync::Arc, time::Duration};

use super::Host;

/// Quiet for so long means at rest.
const QUIET: Duration = Duration::from_secs(5);

/// Waits until something was kept and then nothing more for a while, and gives memory back; again and
/// again until the runtime ends. Sleeps while nothing happens.
pub async fn whenever_quiet(host: Arc<Host>) {
    let mut kept = host.kept();
    let work = async {
        loop {
            tokio::time::sleep(QUIET).await;
            match kept.has_changed() {
                Ok(true) => kept.mark_unchanged(),
                Ok(false) => {
                    now(&host).await;
                    host.pack().await;
                    if kept.changed().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    };
    tokio::select! {
        () = host.shutdown.cancelled() => {}
        () = work => {}
    }
}

/// Gives memory back now.
pub async fn now(host: &Host) {
    host.store.rest().await;
    jamey_memory::trim();
}

//! Sees a changed `runtime.toml` or `.env` at once. The system tells us, so that nothing wakes while
//! nothing changes; where it cannot, a change is still seen before the next turn.

use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

use notify::{EventKind, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Live, load};

/// Editors write in several steps; the file is read when they are over.
const QUIET: Duration = Duration::from_millis(100);

/// Reads the configuration whenever its files change, until `stop` fires.
pub async fn watch(live: Arc<Live>, stop: CancellationToken) {
    let changed = Arc::new(Notify::new());
    let Some(_watcher) = watcher(&live, &changed) else { return };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = changed.notified() => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(QUIET) => {}
        }
        // The copy of the good file is written to the disk for good, which takes its time.
        let live = Arc::clone(&live);
        if tokio::task::spawn_blocking(move || live.refresh()).await.is_err() {
            tracing::error!("a changed configuration could not be read");
        }
    }
}

fn watcher(live: &Live, changed: &Arc<Notify>) -> Option<notify::RecommendedWatcher> {
    let files = [&live.paths().file, &live.paths().dot_env];
    // A link leads elsewhere, and it is there that the change happens.
    let places: Vec<PathBuf> =
        files.iter().flat_map(|file| [PathBuf::from(file), load::real(file)]).collect();
    let names: Vec<OsString> =
        places.iter().filter_map(|path| path.file_name().map(OsString::from)).collect();
    // Folders, since editors put a new file in the place of the old one.
    let mut folders: Vec<_> = places.iter().filter_map(|path| path.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    let changed = Arc::clone(changed);
    let told = move |event: notify::Result<notify::Event>| {
        // An event that could not be read may have been ours.
        let is_ours = event.map_or(true, |event| {
            !matches!(event.kind, EventKind::Access(_))
                && event
                    .paths
                    .iter()
                    .any(|path| path.file_name().is_some_and(|name| names.iter().any(|n| n == name)))
        });
        if is_ours {
            changed.notify_one();
        }
    };
    let mut watcher = notify::recommended_watcher(told)
        .inspect_err(|error| {
            tracing::info!("changes of the configuration are seen only when it is used: {error}");
        })
        .ok()?;
    for folder in folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
            tracing::info!("changes in {} are seen only when they are used: {error}", folder.display());
        }
    }
    Some(watcher)
}

//! The space of the disks. When the one of the cache is nearly full, what can be computed anew is given back:
//! the prefixes of local models, and the database's log.

use std::path::{Path, PathBuf};

use jamey_protocol::health::Check;
use jamey_providers::local::free_bytes;

use super::{Mend, amount, with_files};
use crate::host::Host;

const NAME: &str = "disk";
/// Below this the next download or a long session may not fit.
const LITTLE: u64 = 1_000_000_000;
/// Below this something is given back.
const NEARLY_FULL: u64 = 500_000_000;
/// Above this it may be given back once more: what a model computes anew must not be taken every minute.
const EASY_AGAIN: u64 = 1_500_000_000;
/// Below this even messages may not be kept.
const FULL: u64 = 50_000_000;

/// Whether something was given back since there was last enough space.
#[derive(Debug, Default)]
pub(super) struct Watch {
    has_given: bool,
}

impl Watch {
    /// Whether something is to be given back now, with so much free.
    fn gives(&mut self, free: u64, mend: Mend) -> bool {
        if free >= EASY_AGAIN {
            self.has_given = false;
        }
        if free >= NEARLY_FULL || mend == Mend::Nothing {
            return false;
        }
        let gives = mend == Mend::Everything || !self.has_given;
        self.has_given = true;
        gives
    }
}

pub(super) async fn check(host: &Host, watch: &mut Watch, mend: Mend) -> Option<Check> {
    let (data, cache) = (host.folders.data.clone(), host.folders.cache.clone());
    let (free, of_cache) = with_files(move || Some((free_bytes(&data)?, free_bytes(&cache)))).await??;
    let place = &host.folders.data;
    if !of_cache.is_some_and(|free| watch.gives(free, mend)) {
        return Some(judge(free, place));
    }
    let prefixes = host.folders.cache.join("prefixes");
    let given = with_files(move || empty(&prefixes)).await.unwrap_or(0);
    // What the writer cannot do it says at the next write.
    let _ = host.store.checkpoint().await;
    let data = host.folders.data.clone();
    let now = with_files(move || free_bytes(&data)).await.flatten().unwrap_or(free);
    let judged = judge(now, place);
    if given == 0 {
        return Some(judged);
    }
    Some(
        judged
            .mended(format!("gave {} back to a nearly full disk (prefixes of local models)", amount(given))),
    )
}

fn judge(free: u64, place: &Path) -> Check {
    let finding = format!("{} free on the disk of {}", amount(free), place.display());
    match free {
        0..FULL => Check::broken(NAME, finding, "free some space; messages cannot be kept without it"),
        FULL..LITTLE => Check::warning(NAME, finding, "free some space before you fetch a model"),
        _ => Check::fine(NAME, finding),
    }
}

/// Removes the computed prefixes of every model and returns how many bytes they had. A model that is loaded
/// goes on, and computes what it needs.
fn empty(folder: &Path) -> u64 {
    let list = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    let mut bytes = 0;
    for file in list(folder).iter().flat_map(|model| list(model)) {
        if file.extension().is_some_and(|kind| kind == "prefix") {
            let size = std::fs::metadata(&file).map_or(0, |meta| meta.len());
            if std::fs::remove_file(&file).is_ok() {
                bytes += size;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use jamey_protocol::health::State;

    use super::*;

    #[test]
    fn a_disk_that_fills_is_told_before_it_is_full() {
        let state = |free| judge(free, Path::new("/d")).state;
        assert_eq!(
            [state(5 * LITTLE), state(LITTLE - 1), state(FULL), state(FULL - 1)],
            [State::Fine, State::Warning, State::Warning, State::Broken]
        );
    }

    #[test]
    fn a_nearly_full_disk_is_given_something_once_until_there_was_enough_again() {
        let mut watch = Watch::default();
        let by_itself = |watch: &mut Watch, free| watch.gives(free, Mend::ByItself);
        assert!(!by_itself(&mut watch, LITTLE) && by_itself(&mut watch, FULL));
        assert!(
            !by_itself(&mut watch, FULL) && !by_itself(&mut watch, LITTLE) && !by_itself(&mut watch, FULL)
        );
        assert!(watch.gives(FULL, Mend::Everything) && !watch.gives(FULL, Mend::Nothing));
        assert!(!by_itself(&mut watch, EASY_AGAIN) && by_itself(&mut watch, FULL));
    }

    #[test]
    fn only_prefixes_are_given_back() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join("model")).unwrap();
        let (prefix, other) = (temp.path().join("model/a.prefix"), temp.path().join("model/notes"));
        std::fs::write(&prefix, [0; 300]).unwrap();
        std::fs::write(&other, "mine").unwrap();
        assert_eq!(empty(temp.path()), 300);
        assert!(!prefix.exists() && other.exists());
        assert_eq!(empty(&temp.path().join("nowhere")), 0);
    }
}

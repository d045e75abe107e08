//! Folders and files that must be their owner's alone. Those that are missing are made, those that others may
//! enter are closed; links and what belongs to somebody else are left to the person.

use jamey_ipc::path::{Fault, Place};
use jamey_protocol::health::Check;

use super::{Mend, with_files};
use crate::host::Host;

const NAME: &str = "folders";

pub(super) async fn check(host: &Host, mend: Mend) -> Vec<Check> {
    let places = host.folders.private_places();
    let looked = with_files(move || {
        let faulty = places.into_iter().filter_map(|place| place.fault().map(|fault| (place, fault)));
        faulty.map(|(place, fault)| judged(&place, &fault, mend)).collect::<Vec<_>>()
    });
    match looked.await {
        None => vec![Check::broken(
            NAME,
            "the disk of the folders does not answer",
            "look whether its drive is connected, or set JAMEY_HOME to another folder",
        )],
        Some(checks) if checks.is_empty() => {
            vec![Check::fine(NAME, "config, data, cache and run are there and yours alone")]
        }
        Some(checks) => checks,
    }
}

fn judged(place: &Place, fault: &Fault, mend: Mend) -> Check {
    match mend {
        Mend::Nothing => place.check(NAME, fault),
        Mend::ByItself | Mend::Everything => place.mended_check(NAME, fault),
    }
}
